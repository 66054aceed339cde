-- What busted asks of lua-term: nothing here is a terminal.

return {
  isatty = function()
    return false
  end,
}
