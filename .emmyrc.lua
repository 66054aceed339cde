-- How emmylua_check reads all of it.
return {
  workspace = { ignoreDir = { "target" } },
  -- LuaJIT's own.
  diagnostics = { globals = { "jit" } },
}
