---@meta bsdsocket.tasks

-- The reference of `bsdsocket.tasks`; bsdsocket.d.lua says how it is written.

-- ── Tasks ─────────────────────────────────────────────────────────────────────────────────────────────────────

---Serves many sockets in one thread. A task is a coroutine: while a call of a socket or a stream waits in it, the other
---tasks run. The guide is docs/tasks.md.
---
---    local socket = require "bsdsocket"
---    local tasks = require "bsdsocket.tasks"
---
---    tasks.run(function()
---      local one, other = assert(socket.socketpair())
---      tasks.spawn(function()
---        print(one:recv(100))
---      end)
---      assert(other:sendall "hello")
---      assert(tasks.sleep(0.01))
---    end)
---
---Once a task was cancelled, each call that may wait fails with `ECANCELED`; once the time of `tasks.timeout_after` is
---over, it fails with `timeout`. A call raises an error if it would have to wait where its coroutine cannot yield: in a
---callback of a C function such as `table.sort`, in a coroutine that the task created with `coroutine.create`, in an
---audit hook and in a finalizer; on Lua 5.1 also inside `pcall`, in a metamethod, and in the iterator of a `for` loop.
---Use `tasks.pcall` and `tasks.wrap` there.
---@class bsdsocket.tasks
local tasks = {}

---Creates a task that calls `f(...)`, and runs all tasks until it has ended. Then cancels the tasks that were created
---in the meantime, and waits until they have ended. Returns the results of `f`, or raises its error. If only another
---task could wake each task, raises `deadlock: every task waits for another`.
---
---**Errors** `EINTR`: Lua has a pending debug hook (Ctrl-C). The tasks that were created by the
---call have been cancelled and have ended
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any
---@return any ...
function tasks.run(f, ...) end

---Creates a task that calls `f(...)`. It starts when `tasks.run` or `tasks.step` next runs the tasks that are ready. If
---it fails and no task waits in `join`, its error goes to the function that was passed to `tasks.onerror`.
---
---**Errors** `EAGAIN`: more tasks than the host of the Lua state allows
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any the arguments of the function
---@return bsdsocket.Task task
function tasks.spawn(f, ...) end

---Calls `f(group, ...)`, waits until all tasks of the group have ended, and returns the results of `f`. If `f` or a
---task of the group fails, cancels the others, waits until they have ended, and raises the first error; that of a task
---has its traceback appended. Raises an error outside of tasks.
---
---**Available** everywhere · **Source** the library's own
---@param f fun(group: bsdsocket.Group, ...): ...
---@param ... any
---@return any ...
function tasks.group(f, ...) end

---Calls `f(...)` in the same task and returns its results. After `seconds`, each call in `f` that may wait fails with
---`timeout`, also one that is waiting. Where several timeouts apply (calls of this function inside each other, the
---socket's own), the earliest counts. Raises an error outside of tasks.
---
---**Available** everywhere · **Source** the library's own
---@param seconds number
---@param f function
---@param ... any
---@return any ...
function tasks.timeout_after(seconds, f, ...) end

---Calls `f(...)` in the same task and returns its results. In `f`, calls that may wait do not fail because the task was
---cancelled or because the time of a `tasks.timeout_after` around it is over. Raises an error outside of tasks.
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any
---@return any ...
function tasks.shield(f, ...) end

---Waits for that many seconds, without `seconds` for ever. Outside of tasks the thread waits.
---
---**Errors** `ECANCELED`: the task was cancelled; `timeout`: the time of `tasks.timeout_after` is over; `EINTR`:
---outside of tasks, a signal arrived and Lua has a pending debug hook (Ctrl-C)
---
---**Available** everywhere · **Source** the library's own
---@param seconds? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function tasks.sleep(seconds) end

---Lets the other tasks run once that are ready.
---
---**Errors** `ECANCELED`: the task was cancelled; `timeout`: the time of `tasks.timeout_after` is over
---
---**Available** everywhere · **Source** the library's own
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function tasks.yield() end

---Returns the time of the monotonic clock, in seconds.
---
---**Available** everywhere · **Source** the library's own
---@return number seconds
---@nodiscard
function tasks.now() end

---Waits until a descriptor is ready for reading (`"r"`), writing (`"w"`), or one of both (`"rw"`). It may be an object
---of another library. Outside of tasks the thread waits.
---
---**Errors** `timeout`: it was not ready in time; `EBADF`: it is closed; `ECANCELED`: the task was cancelled
---
---**Available** everywhere · **Source** the library's own
---@param object bsdsocket.FileObject
---@param way "r"|"w"|"rw"
---@param timeout? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function tasks.wait(object, way, timeout) end

---Runs each task that is ready, once, until it waits or ends. If none is ready, waits until one is, for at most
---`timeout` seconds, or without a limit if it is `nil`. Returns how many tasks have not ended. Raises an error inside
---of a task, and wherever else a step or a `tasks.run` is running.
---
---**Errors** `EINTR`: Lua has a pending debug hook (Ctrl-C)
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return integer? count
---@return string? message
---@return bsdsocket.Code? code
function tasks.step(timeout) end

---Returns after how many seconds the next task must run because of a timeout: 0 if a task is ready, `nil` if all tasks
---wait without a timeout.
---
---**Available** everywhere · **Source** the library's own
---@return number? seconds
---@nodiscard
function tasks.timeout() end

---Returns a descriptor for an event loop, which should wait until it is readable and then call `tasks.step(0)`. It is
---readable when a socket that a task waits for is ready, when the timeout of a task expires, and while a task is ready
---to run, also when a `tasks.spawn`, or a `cancel`, `close`, `set` or `put`, outside of tasks made it so. It may be
---readable although no task can run. Each call returns the same descriptor; a forked process must call it again and
---gets another.
---
---**Errors** `EOPNOTSUPP`: the system has neither epoll nor kqueue (use `tasks.timeout`), or the host forbids
---descriptors
---
---**Available** everywhere · **Source** the library's own
---@return integer? fd
---@return string? message
---@return bsdsocket.Code? code
function tasks.fileno() end

---Returns the running task, or `nil` outside of tasks.
---
---**Available** everywhere · **Source** the library's own
---@return bsdsocket.Task? task
---@nodiscard
function tasks.current() end

---Returns all tasks that have not ended.
---
---**Available** everywhere · **Source** the library's own
---@return bsdsocket.Task[] list
---@nodiscard
function tasks.all() end

---Returns the traceback of a task, as `debug.traceback` does, or `nil` if it has ended.
---
---**Available** everywhere · **Source** the library's own
---@param task bsdsocket.Task
---@return string? traceback
---@nodiscard
function tasks.traceback(task) end

---Sets the function that is called when a task fails and no task waits for its end, and returns the previous one.
---Without a function, such errors are written to stderr.
---
---**Available** everywhere · **Source** the library's own
---@param f? fun(task: bsdsocket.Task, message: any, traceback: string)
---@return function? before
function tasks.onerror(f) end

---Like Lua's `pcall`, but calls in `f` can wait, also on Lua 5.1. There it calls `f` in a coroutine; elsewhere it is
---Lua's function.
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any
---@return boolean ok
---@return any ...
function tasks.pcall(f, ...) end

---Like `coroutine.wrap`, but calls in `f` can wait: returns a function that resumes `f` in a coroutine and returns the
---values that `f` passes to `coroutine.yield`.
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@return function generator
---@nodiscard
function tasks.wrap(f) end

---Creates an event that is not set.
---
---**Available** everywhere · **Source** the library's own
---@return bsdsocket.TaskEvent event
---@nodiscard
function tasks.event() end

---Creates a queue. It holds at most `size` values, or any number if `size` is `nil`.
---
---**Available** everywhere · **Source** the library's own
---@param size? integer
---@return bsdsocket.Queue queue
---@nodiscard
function tasks.queue(size) end

---Creates a semaphore that can be acquired `count` times before `acquire` waits.
---
---**Available** everywhere · **Source** the library's own
---@param count integer
---@return bsdsocket.Semaphore semaphore
---@nodiscard
function tasks.semaphore(count) end

-- ── Task ──────────────────────────────────────────────────────────────────────────────────────────────────────

---A task. It has ended if its status is `done`, `failed` (it raised an error) or `cancelled` (it was cancelled before
---it ended, whether it raised an error or not).
---@class bsdsocket.Task
---@field name string `task` and a number by default; can be set
---@field status "ready"|"running"|"waiting"|"done"|"failed"|"cancelled"
local Task = {}

---Waits until the task has ended, and returns its results or raises its error. Several tasks can wait for the same one.
---Outside of tasks it raises an error unless the task has ended.
---
---**Errors** `timeout`: it has not ended in time; `ECANCELED`: the task that waits was cancelled
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return any ...
function Task:join(timeout) end

---Cancels the task: from now on each of its calls that may wait fails with `ECANCELED`, also one that is waiting. Each
---such failure lets the other tasks run, and the 100th raises an error, so that a loop that ignores failures ends.
---Returns `false` if the task has ended.
---
---**Available** everywhere · **Source** the library's own
---@return boolean cancelled
function Task:cancel() end

-- ── Group ─────────────────────────────────────────────────────────────────────────────────────────────────────

---The tasks of a call of `tasks.group`, which waits for all of them.
---@class bsdsocket.Group
local Group = {}

---Creates a task in the group. It calls `f(...)`. Raises an error if the call of `tasks.group` has ended.
---
---**Errors** `EAGAIN`: more tasks than the host of the Lua state allows
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any
---@return bsdsocket.Task task
function Group:spawn(f, ...) end

---Cancels the tasks of the group. Calls that may wait in the function of the group fail with `ECANCELED` as well.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Group:cancel() end

-- ── TaskEvent ─────────────────────────────────────────────────────────────────────────────────────────────────

---An event that any number of tasks can wait for.
---@class bsdsocket.TaskEvent
local TaskEvent = {}

---Sets the event, and wakes all tasks that wait for it.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function TaskEvent:set() end

---Resets the event: later calls of `wait` wait again.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function TaskEvent:clear() end

---Returns whether the event is set.
---
---**Available** everywhere · **Source** the library's own
---@return boolean set
---@nodiscard
function TaskEvent:is_set() end

---Waits until the event is set. Returns at once if it is.
---
---**Errors** `timeout`: it was not set in time; `ECANCELED`: the task was cancelled
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function TaskEvent:wait(timeout) end

-- ── Queue ─────────────────────────────────────────────────────────────────────────────────────────────────────

---A first-in, first-out queue of values. `for value in queue do` gets values until the queue is closed and empty (not
---on Lua 5.1, where an iterator cannot wait); `#queue` is the number of values in it.
---@class bsdsocket.Queue
---@operator len: integer
---@operator call: any
local Queue = {}

---Appends a value, which must not be `nil`. Waits while the queue is full.
---
---**Errors** `EPIPE`: the queue is closed; `timeout`: it was full for that time; `ECANCELED`: the task was cancelled
---
---**Available** everywhere · **Source** the library's own
---@param value any
---@param timeout? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function Queue:put(value, timeout) end

---Removes the first value and returns it. Waits while the queue is empty.
---
---**Errors** `EPIPE`: the queue is closed and empty; `timeout`: it was empty for that time; `ECANCELED`: the task was
---cancelled
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return any value
---@return string? message
---@return bsdsocket.Code? code
function Queue:get(timeout) end

---Closes the queue: `put` fails with `EPIPE` from now on, and `get` does once the queue is empty.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Queue:close() end

-- ── Semaphore ─────────────────────────────────────────────────────────────────────────────────────────────────

---A counting semaphore.
---@class bsdsocket.Semaphore
local Semaphore = {}

---Decrements the count. Waits while it is 0.
---
---**Errors** `timeout`: it was 0 for that time; `ECANCELED`: the task was cancelled
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function Semaphore:acquire(timeout) end

---Increments the count, or wakes the task that has waited longest in `acquire`.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Semaphore:release() end

return tasks
