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

build_dependencies = { "luarocks-build-rust-mlua >= 0.2.2" }

build = {
  type = "rust-mlua",
  -- The backend adds the feature of the Lua that it builds for.
  modules = { "bsdsocket" },
  features = { "module" },
  default_features = false,
  install = {
    -- Types for editors. `require "bsdsocket"` does not find them under these names.
    lua = {
      ["bsdsocket.types"] = "types/bsdsocket.d.lua",
      ["bsdsocket.constants"] = "types/constants.d.lua",
    },
  },
  copy_directories = { "docs" },
}
