local child = require "spec.support.child"
local skip = require "spec.support.skip"

describe("random arguments", function()
  local namespaces = child.output("unshare -rnum true 2>&1; echo $?"):match "^(.-)%d+\n$"
  if namespaces ~= "" then
    skip("random arguments: " .. namespaces)
    return
  end

  for _, program in ipairs { "fuzz/main.lua", "fuzz/luasocket.lua" } do
    it("of " .. program .. " crash nothing for a second #fuzz", function()
      local command = ("env LUA_CPATH=%s FUZZ_SEED=1 FUZZ_SECONDS=1 fuzz/run %s %s"):format(
        child.quote(package.cpath),
        child.quote(child.executable()),
        program
      )
      local output, complaints, status = child.start(command):finish()
      assert.same({ "", 0 }, { complaints, status })
      assert.is_truthy(output:find "%d%d%d calls in %d+ rounds, 0 problems\n$", output)
    end)
  end
end)
