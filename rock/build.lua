-- Builds the module with cargo, for the Lua that runs this file, as target/rock/bsdsocket.so. LuaRocks runs it in the
-- folder of the project: see the rockspec.

local feature = jit and "luajit" or _VERSION:lower():gsub("[ .]", "")

-- Whether the command succeeded, on every Lua.
local function run(command)
  local status = os.execute(command)
  return status == true or status == 0
end

-- On macOS the functions of Lua are found when the module is loaded, which its linker has to be told.
local function is_macos()
  local uname = assert(io.popen "uname -s")
  local system = uname:read "*l"
  uname:close()
  return system == "Darwin"
end

local flags, extension = "", "so"
if is_macos() then
  flags, extension = "RUSTFLAGS='-C link-arg=-undefined -C link-arg=dynamic_lookup' ", "dylib"
end

local build = "cargo build --release --package bsdsocket-library --no-default-features --features module,"
if not run(flags .. build .. feature .. " --target-dir target/rock") then
  io.stderr:write "cargo has failed; it comes with Rust: https://rustup.rs\n"
  os.exit(1)
end
os.remove "target/rock/bsdsocket.so"
assert(os.rename("target/rock/release/libbsdsocket." .. extension, "target/rock/bsdsocket.so"))
