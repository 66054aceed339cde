-- Settings of emmylua_check for the specs, added to .emmyrc.json: the specs misuse the library on purpose.
return {
  diagnostics = {
    disable = {
      -- Invalid arguments, unused results, and tables of cases with different types.
      "param-type-mismatch",
      "generic-constraint-mismatch",
      "redundant-parameter",
      "discard-returns",
      "assign-type-mismatch",
      -- A result that is unexpectedly nil fails its spec.
      "need-check-nil",
      -- The checker does not see assignments in `setup` and `before_each`.
      "unnecessary-if",
      "unnecessary-assert",
      -- The specs run on every Lua.
      "access-invisible",
      -- The checker does not see that functions passed to coroutine.wrap are coroutines.
      "await-in-sync",
    },
  },
}
