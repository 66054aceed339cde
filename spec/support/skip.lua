-- Says why specs are left out on this machine.

return function(reason)
  print("left out: " .. reason)
end
