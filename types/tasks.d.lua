---@meta bsdsocket.tasks

-- The reference of `bsdsocket.tasks`; bsdsocket.d.lua says how it is written.

-- ── Tasks ─────────────────────────────────────────────────────────────────────────────────────────────────────

---Many sockets in one thread: a task is a coroutine in which the calls of sockets and streams wait without holding up the
---others. The guide is docs/tasks.md.
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
---Every wait of a task that was cancelled fails with `ECANCELED`; one whose time is over, by `timeout_after`, with
---`timeout`. A call that cannot wait where it is made raises an error: below a function of C, such as `table.sort`, in a
---coroutine that a task made itself, in an audit hook or in a finalizer; on Lua 5.1 also below `pcall`, a metamethod, and
---in the iterator of a `for`. `tasks.pcall` and `tasks.wrap` are the way around.
---@class bsdsocket.tasks
local tasks = {}

---Makes a task of a function, and runs it and all others until it has ended. Tasks that were spawned meanwhile are cancelled
---then, and waited for. Returns what the function returns, and raises what it raises. When no task can go on any more it
---raises `deadlock: every task waits for another`.
---
---**Errors** `EINTR`: a hook is due, as after Ctrl-C; what the run had started was cancelled and has ended
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any
---@return any ...
function tasks.run(f, ...) end

---Makes a task that runs a function from the next turn on, in a `run` or a `step`. An error in it that no task waits for
---goes to the handler of `onerror`.
---
---**Errors** `EAGAIN`: more tasks than the host of the Lua state allows
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any the arguments of the function
---@return bsdsocket.Task task
function tasks.spawn(f, ...) end

---Runs a function that gets a group, and comes back when the function and all tasks of the group have ended, with the
---results of the function. The first error cancels the others and is raised, with the traceback of its task; so does an
---error of the function itself. For tasks only.
---
---**Available** everywhere · **Source** the library's own
---@param f fun(group: bsdsocket.Group, ...): ...
---@param ... any
---@return any ...
function tasks.group(f, ...) end

---Runs a function in the same task; each wait in it ends by then, with `timeout`. The nearest end counts: that of the
---innermost call, or the socket's own timeout. Returns what the function returns.
---
---**Available** everywhere · **Source** the library's own
---@param seconds number
---@param f function
---@param ... any
---@return any ...
function tasks.timeout_after(seconds, f, ...) end

---Runs a function in the same task, in which no cancellation and no end of a time from outside counts.
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any
---@return any ...
function tasks.shield(f, ...) end

---Waits so long; for ever when it is `nil`. Outside of tasks the thread waits, until a hook is due.
---
---**Errors** `ECANCELED`, `timeout`: as of every wait; `EINTR`: a hook is due
---
---**Available** everywhere · **Source** the library's own
---@param seconds? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function tasks.sleep(seconds) end

---Lets the other tasks run.
---
---**Available** everywhere · **Source** the library's own
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function tasks.yield() end

---The time of a clock that only goes forward, in seconds.
---
---**Available** everywhere · **Source** the library's own
---@return number seconds
---@nodiscard
function tasks.now() end

---Waits until a descriptor is ready to read (`"r"`), to write (`"w"`), or either (`"rw"`): for objects of other
---libraries. Outside of tasks the thread waits.
---
---**Errors** `timeout`: it was not ready in time; `EBADF`: it is closed
---
---**Available** everywhere · **Source** the library's own
---@param object bsdsocket.FileObject
---@param way "r"|"w"|"rw"
---@param timeout? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function tasks.wait(object, way, timeout) end

---One turn: wakes whose time has come and whose sockets are ready, and lets run what is ready. When nothing is, it waits
---for at most so long, without a number until something happens. Returns how many tasks there are.
---
---**Errors** `EINTR`: a hook is due
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return integer? count
---@return string? message
---@return bsdsocket.Code? code
function tasks.step(timeout) end

---How long a step may wait at most until a task has to run; `nil` when no task waits for a time.
---
---**Available** everywhere · **Source** the library's own
---@return number? seconds
---@nodiscard
function tasks.timeout() end

---The descriptor of the scheduler, for a loop that watches it for reading and calls `step(0)` when it is ready: when a
---socket is ready that a task waits for, when a task's time has come, and while tasks are ready to run, also when a
---`spawn`, `cancel`, `close`, `set` or `put` outside of tasks made them so. It is the same each time; in a process that was
---forked it is another one. Now and then it is ready although no task has anything to do.
---
---**Errors** `EOPNOTSUPP`: the system has neither epoll nor kqueue (`timeout` tells when to step), or the host forbids
---descriptors
---
---**Available** everywhere · **Source** the library's own
---@return integer? fd
---@return string? message
---@return bsdsocket.Code? code
function tasks.fileno() end

---The task that runs; `nil` outside of tasks.
---
---**Available** everywhere · **Source** the library's own
---@return bsdsocket.Task? task
---@nodiscard
function tasks.current() end

---All tasks that have not ended.
---
---**Available** everywhere · **Source** the library's own
---@return bsdsocket.Task[] list
---@nodiscard
function tasks.all() end

---Where a task stands, as `debug.traceback` tells it; `nil` for one that has ended.
---
---**Available** everywhere · **Source** the library's own
---@param task bsdsocket.Task
---@return string? traceback
---@nodiscard
function tasks.traceback(task) end

---Sets the function that is called with errors of tasks that nobody waits for, and returns the one before. Without one they
---are written to stderr.
---
---**Available** everywhere · **Source** the library's own
---@param f? fun(task: bsdsocket.Task, message: any, traceback: string)
---@return function? before
function tasks.onerror(f) end

---Lua's `pcall`, which waits go through: on Lua 5.1 it runs the function in a coroutine, elsewhere it is Lua's own.
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any
---@return boolean ok
---@return any ...
function tasks.pcall(f, ...) end

---A function that runs `f` in a coroutine, as `coroutine.wrap`: `f` may yield values to whoever calls the function, and may
---wait.
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@return function generator
---@nodiscard
function tasks.wrap(f) end

---Makes an event, which is not set.
---
---**Available** everywhere · **Source** the library's own
---@return bsdsocket.TaskEvent event
---@nodiscard
function tasks.event() end

---Makes a queue, which takes so many values before `put` waits; any number without.
---
---**Available** everywhere · **Source** the library's own
---@param size? integer
---@return bsdsocket.Queue queue
---@nodiscard
function tasks.queue(size) end

---Makes a semaphore that lets so many in.
---
---**Available** everywhere · **Source** the library's own
---@param count integer
---@return bsdsocket.Semaphore semaphore
---@nodiscard
function tasks.semaphore(count) end

-- ── Task ──────────────────────────────────────────────────────────────────────────────────────────────────────

---A task. It has ended when its status is `done`, `failed` (by an error), or `cancelled` (it was cancelled, however it
---ended then).
---@class bsdsocket.Task
---@field name string "task" and a number, unless a script sets it
---@field status "ready"|"running"|"waiting"|"done"|"failed"|"cancelled"
local Task = {}

---Waits until the task has ended, and returns its results or raises its error again; any number of tasks may. Outside of
---tasks only one that has ended can be joined.
---
---**Errors** `timeout`, `ECANCELED`: of the wait itself
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return any ...
function Task:join(timeout) end

---Cancels the task: its waits fail with `ECANCELED` from now on, each at once. False when it has ended. A task that goes
---on all the same lets the others run at each such call; the 100th raises.
---
---**Available** everywhere · **Source** the library's own
---@return boolean cancelled
function Task:cancel() end

-- ── Group ─────────────────────────────────────────────────────────────────────────────────────────────────────

---A group of tasks that end together: see `tasks.group`.
---@class bsdsocket.Group
local Group = {}

---Makes a task of the group.
---
---**Errors** `EAGAIN`: more tasks than the host of the Lua state allows
---
---**Available** everywhere · **Source** the library's own
---@param f function
---@param ... any
---@return bsdsocket.Task task
function Group:spawn(f, ...) end

---Cancels the tasks of the group and the waits of its function.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Group:cancel() end

-- ── TaskEvent ─────────────────────────────────────────────────────────────────────────────────────────────────

---Something that tasks wait for.
---@class bsdsocket.TaskEvent
local TaskEvent = {}

---Sets the event: all that wait for it go on.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function TaskEvent:set() end

---Resets the event: who waits for it waits again.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function TaskEvent:clear() end

---Whether the event is set.
---
---**Available** everywhere · **Source** the library's own
---@return boolean set
---@nodiscard
function TaskEvent:is_set() end

---Waits until the event is set.
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function TaskEvent:wait(timeout) end

-- ── Queue ─────────────────────────────────────────────────────────────────────────────────────────────────────

---Values from task to task, in order. `for value in queue do` gets them until the queue is closed (not on Lua 5.1);
---`#queue` is how many wait.
---@class bsdsocket.Queue
---@operator len: integer
---@operator call: any
local Queue = {}

---Puts a value, which is not `nil`, into the queue; waits while it is full.
---
---**Errors** `EPIPE`: the queue is closed
---
---**Available** everywhere · **Source** the library's own
---@param value any
---@param timeout? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function Queue:put(value, timeout) end

---Takes the next value out; waits while there is none.
---
---**Errors** `EPIPE`: the queue is closed, and nothing is left in it
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return any value
---@return string? message
---@return bsdsocket.Code? code
function Queue:get(timeout) end

---Closes the queue. What is in it can still be got.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Queue:close() end

-- ── Semaphore ─────────────────────────────────────────────────────────────────────────────────────────────────

---Lets so many tasks in at once.
---@class bsdsocket.Semaphore
local Semaphore = {}

---Goes in; waits while as many are in as may be.
---
---**Available** everywhere · **Source** the library's own
---@param timeout? number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function Semaphore:acquire(timeout) end

---Goes out, and lets the next one in.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Semaphore:release() end

return tasks
