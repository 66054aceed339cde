-- A call of LuaXMLRPC over socket.http.

local found, xmlrpc = pcall(require, "xmlrpc.http")
if not found then
  print(xmlrpc)
  os.exit(77)
end
local ok, sum = xmlrpc.call("http://127.0.0.1:8080/xmlrpc", "add", 20, 22)
assert(ok and sum == 42, sum)
