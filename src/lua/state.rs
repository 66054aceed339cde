//! The library's data for one Lua state. A process may have many Lua states.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ptr;

use mlua::ffi::lua_State;

use super::coroutine::Running;
use super::open_objects::OpenObjects;
use super::registry::RegistryKey;
#[cfg(feature = "lua55")]
use super::space::LuaBlock;
#[cfg(not(feature = "lua55"))]
use super::stack::REGISTRY;
use super::stack::{RaisingStack, SHARED, STATE, Stack, Type, upvalue};
#[cfg(feature = "lua55")]
use super::thread::Threads;
use crate::error::Result;
use crate::limits::Limits;
use crate::resolver::MOST_THREADS;
use crate::socket::{NewSocket, Socket};
use crate::sys::Errno;

/// The key of a shape that no socket has: its timeout would be NaN.
pub(super) const NO_KEY: [u8; 16] = [0xff; 16];

/// The library's data for one Lua state: a userdata, the first upvalue of every function.
pub(crate) struct State {
    /// The timeout of new sockets in seconds; negative for none.
    pub(crate) default_timeout: Cell<f64>,
    /// Whether scripts may pass and receive descriptor numbers.
    pub(crate) names_descriptors: Cell<bool>,
    /// Whether tests may start programs.
    #[cfg(all(unix, feature = "testkit"))]
    pub(crate) starts_programs: Cell<bool>,
    /// How many threads may look up names.
    pub(crate) max_threads: Cell<usize>,
    /// What scripts may use.
    pub(crate) limits: Limits,
    /// Whether `bsdsocket.tasks` may be opened.
    pub(crate) allows_tasks: Cell<bool>,
    /// The open sockets and streams.
    pub(crate) open_objects: OpenObjects,
    /// The running task.
    pub(super) running: Running,
    /// Makes a table that is not made when the library is opened, and pushes it.
    make_table: fn(RaisingStack, RegistryKey),
    /// The groups of names that the module has, a bit for each.
    pub(super) filled: Cell<u64>,
    /// The number of audit hooks.
    pub(super) hooks: Cell<c_int>,
    /// The number of events whose hooks are running, each but the first raised by a hook.
    pub(super) hook_depth: Cell<u32>,
    /// The main thread, where the `lua` program sets its debug hook; null where Lua does not tell which it is.
    main: *mut lua_State,
    /// The key in the registry of the function that runs `task`.
    runner: c_int,
    /// The task of the next call of the runner: points to a `&mut dyn FnMut(RaisingStack) -> c_int` in the frame of
    /// [`State::protect`]. Null once the task runs.
    task: Cell<*mut c_void>,
    /// The threads that tasks run in.
    #[cfg(feature = "lua55")]
    threads: Threads,
    /// The key of the shape that was used last. Most sockets have the same fields as the one before.
    pub(super) last_shape: Cell<[u8; 16]>,
    /// The block that the next call which receives much may use.
    #[cfg(feature = "lua55")]
    pub(super) lua_block: Cell<LuaBlock>,
    /// A random number for the keys of addresses.
    pub(super) seed: u64,
    /// The registry key of the shape of the socket that was made or changed last.
    pub(super) last_shape_table: c_int,
}

impl State {
    /// Pushes the state's userdata below the table on the top: together they are what all functions share.
    pub(super) fn push(stack: RaisingStack, main: *mut lua_State, make_table: fn(RaisingStack, RegistryKey)) {
        #[cfg(feature = "lua55")]
        let threads = Threads::new(stack);
        stack.push_boolean(false);
        let last_shape_table = stack.anchor();
        let block = stack.push_userdata(size_of::<State>()).cast::<State>();
        let default_timeout = Cell::new(-1.0);
        let task = Cell::new(ptr::null_mut());
        // SAFETY: a fresh, aligned block of this size. It is never dropped: its `__gc` closes what it owns.
        unsafe {
            block.write(State {
                default_timeout,
                names_descriptors: Cell::new(true),
                #[cfg(all(unix, feature = "testkit"))]
                starts_programs: Cell::new(true),
                max_threads: Cell::new(MOST_THREADS),
                limits: Limits::default(),
                allows_tasks: Cell::new(true),
                open_objects: OpenObjects::default(),
                running: Running::default(),
                make_table,
                filled: Cell::new(0),
                hooks: Cell::new(0),
                hook_depth: Cell::new(0),
                main,
                runner: 0,
                task,
                #[cfg(feature = "lua55")]
                threads,
                last_shape: Cell::new(NO_KEY),
                #[cfg(feature = "lua55")]
                lua_block: Cell::default(),
                seed: RandomState::new().build_hasher().finish(),
                last_shape_table,
            });
        }
        stack.insert(-SHARED);
        stack.push_sharing(stack.top() - SHARED + 1, run, 0);
        // SAFETY: as above; the userdata is still on the stack.
        unsafe { (*block).runner = stack.anchor() };
    }

    /// Counts a socket that may have been opened, for which memory was reserved.
    #[inline(always)]
    pub(super) fn count_open(&self, socket: &Socket) {
        if let Ok(fd) = socket.open_fd() {
            // A descriptor that had this number is closed.
            self.open_objects.scheduler.forget(fd);
            self.open_objects.add_socket(socket);
            self.limits.count_socket();
        }
    }

    /// Gives the descriptor of a new socket to one that has none. Fails with ENOMEM.
    pub(crate) fn adopt(&self, socket: &Socket, mut new: NewSocket) -> Result<()> {
        if !self.open_objects.reserve_socket() {
            return Err(Errno::NO_MEMORY.into());
        }
        new.hand_to(socket);
        self.count_open(socket);
        Ok(())
    }

    pub(super) fn main(&self) -> *mut lua_State {
        self.main
    }

    /// Runs `task`, which may raise a Lua error, in a protected call. Returns the number of values that it pushed,
    /// which stay on the stack; `None` when it raised an error, which is left on the top.
    pub(super) fn protect(&self, stack: Stack, task: impl FnMut(RaisingStack) -> c_int) -> Option<c_int> {
        self.protect_with(stack, &[], task)
    }

    /// The same with the values at some indexes as the first values on the task's stack.
    pub(super) fn protect_with(
        &self,
        stack: Stack,
        values: &[c_int],
        mut task: impl FnMut(RaisingStack) -> c_int,
    ) -> Option<c_int> {
        let mut count = None;
        let mut counted = |stack: RaisingStack| *count.insert(task(stack));
        let mut task: &mut dyn FnMut(RaisingStack) -> c_int = &mut counted;
        // A finalizer or debug hook that runs before the runner begins may run a task itself: it restores this one.
        let previous = self.task.replace(ptr::from_mut(&mut task).cast());
        let done = self.call_runner(stack, values);
        self.task.set(previous);
        #[cfg(feature = "lua55")]
        if done && count.is_none() {
            self.threads.push_closed(stack);
        }
        count.filter(|_| done)
    }

    /// Calls the function below its arguments and leaves its results on the stack; false when it raised an error, which
    /// is left there.
    pub(super) fn call(&self, stack: Stack, arguments: c_int) -> bool {
        #[cfg(not(feature = "lua55"))]
        return stack.call_protected(arguments);
        #[cfg(feature = "lua55")]
        {
            let depth = stack.top();
            let done = self.threads.call_top(stack, arguments);
            // A thread that was closed has left nothing.
            if done && stack.top() == depth - arguments - 1 {
                self.threads.push_closed(stack);
                return false;
            }
            done
        }
    }

    /// Calls the runner with the values at some indexes and leaves its results on the stack; false when it raised an
    /// error, which is left there.
    #[cfg(not(feature = "lua55"))]
    fn call_runner(&self, stack: Stack, values: &[c_int]) -> bool {
        stack.push_item(REGISTRY, self.runner);
        for index in values {
            stack.push_value(*index);
        }
        stack.call_protected(values.len() as c_int)
    }

    /// The same in a separate thread.
    #[cfg(feature = "lua55")]
    fn call_runner(&self, stack: Stack, values: &[c_int]) -> bool {
        self.threads.call(stack, self.runner, values)
    }
}

/// The library's data for the Lua state of the running call.
#[inline(always)]
pub(super) fn shared<'a>(stack: Stack<'a>) -> &'a State {
    // SAFETY: the first upvalue of every function of this crate is the State, which lives as long as the call.
    unsafe { &*stack.userdata(upvalue(STATE)).cast::<State>() }
}

/// Pushes a table of the registry, which is made when it is first needed.
pub(super) fn push_kept(stack: RaisingStack, key: RegistryKey) {
    if stack.get_registered(key) == Type::Nil {
        stack.pop(1);
        (shared(stack.stack()).make_table)(stack, key);
    }
}

/// The Lua function behind [`State::protect`].
unsafe extern "C-unwind" fn run(state: *mut lua_State) -> c_int {
    // SAFETY: Lua passes the state that runs this call; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    let shared = shared(stack.stack());
    #[cfg(feature = "lua55")]
    shared.threads.prepare(stack);
    let task = shared.task.replace(ptr::null_mut()).cast::<&mut dyn FnMut(RaisingStack) -> c_int>();
    // SAFETY: null, or a task in the frame of `protect`, which is below this one. No other reference to it is in use.
    unsafe { task.as_mut() }.map_or(0, |task| task(stack))
}
