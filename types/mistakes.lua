-- Mistakes that the checker of types has to find, and how it calls them. Nobody runs this.

local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"

local connection = assert(socket.create_connection { "localhost", 80 })
connection:sendal "hello" -- undefined-field
connection:sendall({}) -- param-type-mismatch
connection:connect(7.5) -- param-type-mismatch
connection:bind() -- missing-parameter
print(connection.timout) -- undefined-field
print(socket.AF_INTE) -- undefined-field
print(socket.inet_htop(socket.AF_INET, "1234")) -- undefined-field

local server = socket.create_server { "", 80 }
server:accept() -- need-check-nil
local other = socket.create_server({ "", 80 }, { backlog = "many" }) -- param-type-mismatch
print(other)

local stream = assert(connection:makefile())
stream:setvbuf "sometimes" -- param-type-mismatch
socket.buffer(10):fill "x" -- param-type-mismatch

local selector = assert(selectors.DefaultSelector())
selector:register(connection) -- missing-parameter
selector:unregster(connection) -- undefined-field
