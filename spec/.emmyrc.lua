-- How emmylua_check reads the specs (beside .emmyrc.json), which do on purpose what programs should not.
return {
  diagnostics = {
    disable = {
      -- Wrong values and wrong numbers of them, results that nobody looks at, and cases of many shapes in one table.
      "param-type-mismatch",
      "generic-constraint-mismatch",
      "redundant-parameter",
      "discard-returns",
      "assign-type-mismatch",
      -- A result that is nil after all fails its spec.
      "need-check-nil",
      -- What a hook of busted sets in between is not seen.
      "unnecessary-if",
      "unnecessary-assert",
      -- The specs run on every Lua.
      "access-invisible",
      -- What is passed to coroutine.wrap is not seen to be a coroutine.
      "await-in-sync",
    },
  },
}
