-- A call of LuaSOAP over socket.http.

local found, soap = pcall(require, "soap.client")
if not found then
  print(soap)
  os.exit(77)
end
local _, method, entries = soap.call {
  url = "http://127.0.0.1:8080/soap",
  soapaction = "add",
  namespace = "urn:numbers",
  method = "add",
  entries = { { tag = "a", 20 }, { tag = "b", 22 } },
}
assert(method == "addResponse" and tonumber(entries[1][1]) == 42)
