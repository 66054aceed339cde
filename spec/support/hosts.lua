-- Hosts in C and C++ that specs compile, for the Lua that runs the specs.

local child = require "spec.support.child"
local temporary = require "spec.support.temporary"

local hosts = {}

local VERSION = _VERSION:match("%d.%d")

---@class spec.Host
---@field compiler string
---@field lua string the name of its Lua in pkg-config

-- By language. A Lua that is built as C++ raises errors as exceptions.
---@type table<string, spec.Host>
hosts.LANGUAGES = { C = { compiler = "cc -std=c99 -x c", lua = jit and "luajit" or "lua" .. VERSION } }
if not jit then
  hosts.LANGUAGES["C++"] = { compiler = "c++ -std=c++17 -x c++", lua = "lua" .. VERSION .. "-c++" }
end

-- What is missing to build a host here, or nil.
---@param host spec.Host
function hosts.lacking(host)
  if not (child.has(host.compiler:match("%S+")) and child.has "pkg-config") then
    return "there is no compiler, or no pkg-config"
  elseif child.output(("pkg-config --exists %s && echo yes"):format(host.lua)) == "" then
    return "pkg-config knows no " .. host.lua
  end
end

-- Compiles a file of C or C++; returns the path of the program. `libraries` are further files or options.
---@param host spec.Host
---@param source string
---@param libraries string
function hosts.compile(host, source, libraries)
  local program = temporary.path()
  local command = "%s -Wall -Wextra -Werror -Iinclude $(pkg-config --cflags %s) %s -x none %s"
    .. " $(pkg-config --libs %s) -lm -ldl -lpthread -o %s 2>&1"
  local complaints = child.output(command:format(host.compiler, host.lua, source, libraries, host.lua, program))
  assert(complaints == "", complaints)
  return program
end

return hosts
