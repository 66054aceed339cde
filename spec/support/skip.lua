-- Prints why specs are skipped on this machine.

return function(reason)
  print("skipped: " .. reason)
end
