rockspec_format = "3.0"
package = "bsdsocket"
version = "scm-1"

source = {
  url = "git+https://github.com/bsdsocket/bsdsocket",
  branch = "main",
}

description = {
  summary = "The whole BSD socket interface for Lua",
  detailed = [[
What CPython's socket module documents, in idiomatic Lua: every family, type and option that the system has, blocking,
non-blocking and with timeouts. Written in Rust; building it takes cargo.
]],
  homepage = "https://github.com/bsdsocket/bsdsocket",
  license = "MIT",
  labels = { "network", "rust", "socket" },
}

supported_platforms = { "unix" }

dependencies = { "lua >= 5.1, < 5.6" }

build = {
  type = "command",
  build_command = "$(LUA) rock/build.lua",
  copy_directories = { "docs", "examples", "include" },
  install = {
    lib = { bsdsocket = "target/rock/bsdsocket.so" },
    -- Single files, installed beside these folders so that links between them work as in the project. `require` does not
    -- find the types for editors.
    conf = {
      ["../README.md"] = "README.md",
      ["../CHANGELOG.md"] = "CHANGELOG.md",
      ["../LICENSE"] = "LICENSE",
      ["../types/bsdsocket.d.lua"] = "types/bsdsocket.d.lua",
      ["../types/constants.d.lua"] = "types/constants.d.lua",
      ["../types/luasocket.d.lua"] = "types/luasocket.d.lua",
      ["../types/selectors.d.lua"] = "types/selectors.d.lua",
      ["../types/tasks.d.lua"] = "types/tasks.d.lua",
      ["../types/test.d.lua"] = "types/test.d.lua",
    },
  },
}

test = { type = "command", script = "rock/test.lua", flags = { "spec" } }
