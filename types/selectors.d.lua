---@meta bsdsocket.selectors

-- The reference of `bsdsocket.selectors`; bsdsocket.d.lua says how it is written.

-- ── Selectors ─────────────────────────────────────────────────────────────────────────────────────────────────

---Waiting for any number of sockets at once, after CPython's `selectors`.
---
---    local selectors = require "bsdsocket.selectors"
---    local socket = require "bsdsocket"
---
---    local selector = assert(selectors.DefaultSelector())
---    local one, other = assert(socket.socketpair())
---    assert(selector:register(one, selectors.EVENT_READ, "my data"))
---    assert(other:sendall "hello")
---    for key, events in assert(selector:select(10)) do
---      if events == selectors.EVENT_READ then
---        print(key.data, key.fileobj:recv(100))
---      end
---    end
---    selector:close()
---
---Where CPython raises, these functions return `nil, message, code`: `EEXIST` for what is registered already, `ENOENT`
---for what is not, `EBADF` for a closed selector. Events that are none raise an error. `SelectSelector` does not exist:
---select(2) takes no descriptor from 1024 on.
---@class bsdsocket.selectors
---@field EVENT_READ integer ready to read: data, a connection, the end of the stream, or a failure
---@field EVENT_WRITE integer ready to write: room to send, the outcome of a connect, or a failure
local selectors = {}

---Makes a selector of the best kind that the system has: an `EpollSelector`, a `KqueueSelector`, else a `PollSelector`.
---
---**Errors** `EMFILE`, `ENFILE`: there is no descriptor left
---
---**Available** everywhere · **Source** documented: `selectors.DefaultSelector`
---@return bsdsocket.Selector? selector
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function selectors.DefaultSelector() end

---Makes a selector that the kernel keeps: a wait costs the more the more is ready, not the more is registered. It has a
---descriptor of its own, close-on-exec. A process that is forked shares it with its parent: what one registers, both
---wait for. The child makes a selector of its own.
---
---**Errors** `EMFILE`, `ENFILE`: there is no descriptor left
---
---**Available** Linux, Android · **Source** `epoll(7)`; documented: `selectors.EpollSelector`
---@return bsdsocket.Selector? selector
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function selectors.EpollSelector() end

---Makes a selector that the kernel keeps: a wait costs the more the more is ready, not the more is registered. It has a
---descriptor of its own, close-on-exec. What is ready to read and to write comes twice in a batch, once for each.
---
---**Errors** `EMFILE`, `ENFILE`: there is no descriptor left
---
---**Available** macOS, BSDs · **Source** `kqueue(2)`; documented: `selectors.KqueueSelector`
---@return bsdsocket.Selector? selector
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function selectors.KqueueSelector() end

---Makes a selector that hands all that is registered to the system at each wait. It needs no descriptor.
---
---**Available** everywhere · **Source** `poll(2)`; documented: `selectors.PollSelector`
---@return bsdsocket.Selector selector
---@nodiscard
function selectors.PollSelector() end

-- ── Selector ──────────────────────────────────────────────────────────────────────────────────────────────────

---What a selector can watch: a socket, the number of a descriptor, or an object of another library with a method
---`fileno` or `getfd` (LuaSocket, LuaSec, luv). In a host that forbids descriptors only the library's own sockets.
---@alias bsdsocket.FileObject bsdsocket.Socket|integer|table|userdata

---What is registered. It belongs to the script: a change to it changes nothing in the selector.
---@class bsdsocket.SelectorKey
---@field fileobj bsdsocket.FileObject the object, as it was given
---@field fd integer its descriptor
---@field events integer what it is watched for: `EVENT_READ`, `EVENT_WRITE` or their sum
---@field data any what was given with it

---A selector: it keeps what is registered alive, and waits until something of it is ready. It is level-triggered: what is
---still ready is told of again. It is closed by `close`, by `local selector <close>` (Lua 5.4 and later) and by the
---collector. `#selector` is how many objects are registered; `tostring` tells its kind.
---
---An object is known by itself, then by its descriptor: one that was closed meanwhile can still be unregistered. A socket
---of this library that was closed is told of no more, and its number is free for another. Of other objects and of numbers
---the selector cannot know: unregister them before they are closed.
---
---Linux tells of a closed descriptor for as long as a duplicate of it is open. A selector that meets one begins anew with
---what is registered: `fileno` gives the same number as before, but a loop that has it in an epoll set of its own has to
---add it again.
---@class bsdsocket.Selector
local Selector = {}

---Registers an object. An object of another library is asked for its descriptor; what its method raises is raised.
---
---**Errors** `EEXIST`: the object or its descriptor is registered already; `EBADF`: it is closed, or the selector is;
---`EPERM`: the system cannot wait for it (a regular file)
---
---**Available** everywhere · **Source** `epoll_ctl(2)`; documented: `selectors.BaseSelector.register`
---@param fileobj bsdsocket.FileObject
---@param events integer `EVENT_READ`, `EVENT_WRITE` or their sum
---@param data? any comes back in the key
---@return bsdsocket.SelectorKey? key
---@return string? message
---@return bsdsocket.Code? code
function Selector:register(fileobj, events, data) end

---Unregisters an object, also one that was closed, and gives its key.
---
---**Errors** `ENOENT`: it is not registered; `EBADF`: the selector is closed
---
---**Available** everywhere · **Source** `epoll_ctl(2)`; documented: `selectors.BaseSelector.unregister`
---@param fileobj bsdsocket.FileObject
---@return bsdsocket.SelectorKey? key
---@return string? message
---@return bsdsocket.Code? code
function Selector:unregister(fileobj) end

---Changes what an object is watched for, and its data. It has a new key from then on. What the system cannot watch so is
---registered no more.
---
---**Errors** `ENOENT`: it is not registered; `EBADF`: it is closed, or the selector is
---
---**Available** everywhere · **Source** `epoll_ctl(2)`; documented: `selectors.BaseSelector.modify`
---@param fileobj bsdsocket.FileObject
---@param events integer `EVENT_READ`, `EVENT_WRITE` or their sum
---@param data? any `nil` where it is left out
---@return bsdsocket.SelectorKey? key
---@return string? message
---@return bsdsocket.Code? code
function Selector:modify(fileobj, events, data) end

---Waits until something is ready, and gives an iterator over it: of each its key, and what it is ready for. No event at
---all means that the time is over. What is unregistered before its turn is left out. An event makes no table.
---
---    for key, events in assert(selector:select(1.5)) do
---      key.data(key.fileobj, events)
---    end
---
---The selector holds one batch of events: the next `select` ends the loop over the one before. A batch has at most 1,024
---events; what did not fit comes with the next. The results are an iterator and a number, as `for` takes them.
---
---**Errors** `EBADF`: the selector is closed; `EINTR`: a signal came, and Lua has a hook to run (Ctrl-C)
---
---**Available** everywhere · **Source** `epoll_wait(2)`, `kevent(2)`, `poll(2)`; documented:
---`selectors.BaseSelector.select`
---@param timeout? number seconds; without it there is no limit; 0 and less give what is ready now
---@return (fun(batch: integer?): bsdsocket.SelectorKey?, integer?)? next
---@return integer|string batch in case of failure the message
---@return bsdsocket.Code? code
---@nodiscard
function Selector:select(timeout) end

---Closes the selector: nothing is registered any more. What was registered stays open. Closing it again does nothing and
---succeeds.
---
---**Available** everywhere · **Source** `close(2)`; documented: `selectors.BaseSelector.close`
---@return true done
function Selector:close() end

---Gives the key of what is registered.
---
---**Errors** `ENOENT`: it is not registered; `EBADF`: the selector is closed
---
---**Available** everywhere · **Source** documented: `selectors.BaseSelector.get_key`
---@param fileobj bsdsocket.FileObject
---@return bsdsocket.SelectorKey? key
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Selector:get_key(fileobj) end

---Gives all keys by their objects. The table is a new one at each call.
---
---    for object in pairs(assert(selector:get_map())) do
---      selector:unregister(object)
---    end
---
---**Errors** `EBADF`: the selector is closed
---
---**Available** everywhere · **Source** documented: `selectors.BaseSelector.get_map`
---@return table<bsdsocket.FileObject, bsdsocket.SelectorKey>? map
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Selector:get_map() end

---Gives the descriptor that the kernel keeps the selector under. It is ready to read when something of the selector is,
---so that another loop can wait for it.
---
---**Errors** `EOPNOTSUPP`: there is none (a `PollSelector`), or the host forbids descriptors; `EBADF`: the selector is
---closed
---
---**Available** everywhere · **Source** documented: `selectors.EpollSelector.fileno`
---@return integer? fd
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Selector:fileno() end

return selectors
