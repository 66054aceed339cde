---@meta bsdsocket.selectors

-- The reference of `bsdsocket.selectors`; bsdsocket.d.lua describes the format.

-- ── Selectors ─────────────────────────────────────────────────────────────────────────────────────────────────

---Waits for any number of sockets at once, like CPython's `selectors`.
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
---Where CPython raises, these functions return `nil, message, code`: `EEXIST` if the object is already registered,
---`ENOENT` if it is not, `EBADF` if the selector is closed. Invalid events raise an error. There is no
---`SelectSelector`, because select(2) cannot wait for descriptors from 1024 on.
---@class bsdsocket.selectors
---@field EVENT_READ integer readable: data, a connection, end of stream, or an error
---@field EVENT_WRITE integer writable: buffer space, the result of a connect, or an error
local selectors = {}

---Creates a selector of the best available class: `selectors.EpollSelector`, `selectors.KqueueSelector`, else
---`selectors.PollSelector`.
---
---**Errors** `EMFILE`, `ENFILE`: too many open descriptors
---
---**Available** everywhere · **Source** documented: `selectors.DefaultSelector`
---@return bsdsocket.Selector? selector
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function selectors.DefaultSelector() end

---Creates a selector that uses epoll(7): the time of a wait depends on how many objects are ready, not on how many are
---registered. It has a descriptor of its own, close-on-exec. After fork(2) parent and child share the epoll set: each
---waits for what either registers. The child should create a new selector.
---
---**Errors** `EMFILE`, `ENFILE`: too many open descriptors
---
---**Available** Linux, Android · **Source** `epoll(7)`; documented: `selectors.EpollSelector`
---@return bsdsocket.Selector? selector
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function selectors.EpollSelector() end

---Creates a selector that uses kqueue(2): the time of a wait depends on how many objects are ready, not on how many are
---registered. It has a descriptor of its own, close-on-exec. An object that is readable and writable is returned twice
---in a batch, once for each event.
---
---**Errors** `EMFILE`, `ENFILE`: too many open descriptors
---
---**Available** macOS, BSDs · **Source** `kqueue(2)`; documented: `selectors.KqueueSelector`
---@return bsdsocket.Selector? selector
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function selectors.KqueueSelector() end

---Creates a selector that passes all registered descriptors to poll(2) at each wait. It needs no descriptor.
---
---**Available** everywhere · **Source** `poll(2)`; documented: `selectors.PollSelector`
---@return bsdsocket.Selector selector
---@nodiscard
function selectors.PollSelector() end

-- ── Selector ──────────────────────────────────────────────────────────────────────────────────────────────────

---What can be registered: a socket, a descriptor number, or an object of another library with a method `fileno` or
---`getfd` (LuaSocket, LuaSec, luv). If the host forbids descriptors, only sockets of this library.
---@alias bsdsocket.FileObject bsdsocket.Socket|integer|table|userdata

---A registration. Changing the fields does not affect the selector.
---@class bsdsocket.SelectorKey
---@field fileobj bsdsocket.FileObject the registered object
---@field fd integer its descriptor
---@field events integer the events to wait for: `EVENT_READ`, `EVENT_WRITE` or their sum
---@field data any the data passed to `register` or `modify`

---A selector waits until a registered object is ready. It is level-triggered: an object that is still ready is returned
---again by the next `select`. Registered objects are not collected. The selector is closed by `close`, by
---`local selector <close>` (Lua 5.4 and later) and by the collector. `#selector` returns the number of registered
---objects; `tostring` includes the class.
---
---An object is looked up by identity, then by its descriptor, so that it can be unregistered after it was closed. A
---closed socket of this library is no longer returned, and its number can be registered again. Other objects and
---numbers must be unregistered before they are closed: the selector cannot detect that they were.
---
---Linux reports a closed descriptor for as long as a duplicate of it is open. A selector that receives such an event
---creates a new epoll set with the registered objects: `fileno` returns the same number as before, but a loop that has
---it in an epoll set of its own must add it again.
---@class bsdsocket.Selector
local Selector = {}

---Registers an object. If it belongs to another library, its method `fileno` or `getfd` is called; errors of the method
---are raised.
---
---**Errors** `EEXIST`: the object or its descriptor is already registered; `EBADF`: it or the selector is closed;
---`EPERM`: the system cannot wait for it (a regular file)
---
---**Available** everywhere · **Source** `epoll_ctl(2)`; documented: `selectors.BaseSelector.register`
---@param fileobj bsdsocket.FileObject
---@param events integer `EVENT_READ`, `EVENT_WRITE` or their sum
---@param data? any for the field `data` of the key
---@return bsdsocket.SelectorKey? key
---@return string? message
---@return bsdsocket.Code? code
function Selector:register(fileobj, events, data) end

---Unregisters an object, which may be closed already, and returns its key.
---
---**Errors** `ENOENT`: it is not registered; `EBADF`: the selector is closed
---
---**Available** everywhere · **Source** `epoll_ctl(2)`; documented: `selectors.BaseSelector.unregister`
---@param fileobj bsdsocket.FileObject
---@return bsdsocket.SelectorKey? key
---@return string? message
---@return bsdsocket.Code? code
function Selector:unregister(fileobj) end

---Changes the events and the data of an object, and returns its new key. If the system call fails, the object is no
---longer registered.
---
---**Errors** `ENOENT`: it is not registered; `EBADF`: it or the selector is closed
---
---**Available** everywhere · **Source** `epoll_ctl(2)`; documented: `selectors.BaseSelector.modify`
---@param fileobj bsdsocket.FileObject
---@param events integer `EVENT_READ`, `EVENT_WRITE` or their sum
---@param data? any for the field `data` of the new key, `nil` by default
---@return bsdsocket.SelectorKey? key
---@return string? message
---@return bsdsocket.Code? code
function Selector:modify(fileobj, events, data) end

---Waits until a registered object is ready, and returns an iterator over keys and their ready events, which is empty
---if the timeout expired. An object that is unregistered during the loop is skipped. The iterator creates no tables.
---
---    for key, events in assert(selector:select(1.5)) do
---      key.data(key.fileobj, events)
---    end
---
---A selector has one batch of events: the next `select` ends the loop over the previous batch. A batch has at most
---1,024 events; the next `select` returns the rest. The results are an iterator and a number, for a generic `for`. In a
---task of `bsdsocket.tasks`, a `select` that would wait raises an error.
---
---**Errors** `EBADF`: the selector is closed; `EINTR`: a signal arrived and Lua has a pending debug hook (Ctrl-C)
---
---**Available** everywhere · **Source** `epoll_wait(2)`, `kevent(2)`, `poll(2)`; documented:
---`selectors.BaseSelector.select`
---@param timeout? number seconds; `nil` waits without a limit, zero or less does not wait
---@return (fun(batch: integer?): bsdsocket.SelectorKey?, integer?)? next
---@return integer|string batch on failure, the message
---@return bsdsocket.Code? code
---@nodiscard
function Selector:select(timeout) end

---Closes the selector and unregisters all objects, which stay open. Closing it again succeeds without effect.
---
---**Available** everywhere · **Source** `close(2)`; documented: `selectors.BaseSelector.close`
---@return true done
function Selector:close() end

---Returns the key of a registered object.
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

---Returns a new table of all keys, indexed by the registered objects.
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

---Returns the descriptor of the epoll set or kqueue. It is readable while a registered object is ready, so that another
---event loop can wait for it.
---
---**Errors** `EOPNOTSUPP`: the selector has none (`PollSelector`), or the host forbids descriptors; `EBADF`: the
---selector is closed
---
---**Available** everywhere · **Source** documented: `selectors.EpollSelector.fileno`
---@return integer? fd
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Selector:fileno() end

return selectors
