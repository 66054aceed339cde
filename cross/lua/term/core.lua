-- The function of lua-term that busted uses: there is no terminal.

return {
  isatty = function()
    return false
  end,
}
