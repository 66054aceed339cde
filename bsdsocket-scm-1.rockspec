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

-- Lua 5.5 needs a luarocks-build-rust-mlua that supports it: 0.2.7 does not.
dependencies = { "lua >= 5.1, < 5.6" }

build_dependencies = { "luarocks-build-rust-mlua >= 0.2.2" }

build = {
  type = "rust-mlua",
  -- The backend adds the feature of the Lua that it builds for.
  modules = { "bsdsocket" },
  features = { "module" },
  default_features = false,
  copy_directories = { "docs", "examples", "include" },
  install = {
    -- Single files, installed beside these folders so that links between them work as in the project. `require` does not
    -- find the types for editors.
    conf = {
      ["../README.md"] = "README.md",
      ["../CHANGELOG.md"] = "CHANGELOG.md",
      ["../LICENSE"] = "LICENSE",
      ["../types/bsdsocket.d.lua"] = "types/bsdsocket.d.lua",
      ["../types/constants.d.lua"] = "types/constants.d.lua",
      ["../types/selectors.d.lua"] = "types/selectors.d.lua",
      ["../types/tasks.d.lua"] = "types/tasks.d.lua",
      ["../types/test.d.lua"] = "types/test.d.lua",
    },
  },
}

test_dependencies = { "busted >= 2.1" }

test = { type = "busted", flags = { "spec" } }
