//! What the library keeps for one whole Lua state: nothing is global, so many states live in one process.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;

use mlua::ffi::{self, lua_State};

use super::coroutine::Running;
use super::held::Held;
use super::shape;
#[cfg(not(feature = "lua55"))]
use super::stack::REGISTRY;
use super::stack::{SHARED, STATE, Stack, upvalue};
#[cfg(feature = "lua55")]
use super::thread::Threads;

/// One Lua state's share of the library, a userdata that every function carries as its first upvalue.
pub(crate) struct State {
    /// The timeout of new sockets in seconds; negative for none.
    pub(crate) default_timeout: Cell<f64>,
    /// Whether scripts may name descriptors by their numbers.
    pub(crate) names_descriptors: Cell<bool>,
    /// What is open.
    pub(crate) held: Held,
    /// Where the tasks stand.
    pub(super) running: Running,
    /// How many audit hooks there are, and where the registry keeps them.
    pub(super) hooks: Cell<c_int>,
    pub(super) hooks_place: c_int,
    /// How many events hooks are being told of, each of them by a hook's own doing but the first.
    pub(super) telling: Cell<u32>,
    /// The main coroutine, where the stock interpreter puts its hook; null where it cannot be known.
    main: *mut lua_State,
    /// Where the registry keeps the function that does `task`.
    runner: c_int,
    /// What the runner is to do: points to a `&mut dyn FnMut(Stack) -> c_int` of a frame that waits for it; null once
    /// it is being done.
    task: Cell<*mut c_void>,
    /// Where tasks run.
    #[cfg(feature = "lua55")]
    threads: Threads,
    /// The shape that was used last, and where the registry keeps it: most sockets are made alike.
    pub(super) last_shape: Cell<shape::ShapeKey>,
    pub(super) last_shape_place: c_int,
    /// Where the registry keeps the messages of timeouts, by the function's name.
    pub(super) timed_out_place: c_int,
}

impl State {
    /// Puts the state's userdata below the two tables on the top: with them it is what every function carries first.
    /// May raise.
    pub(super) fn push(stack: Stack, main: *mut lua_State) {
        #[cfg(feature = "lua55")]
        let threads = Threads::new(stack);
        let block = stack.push_userdata(size_of::<State>()).cast::<State>();
        let default_timeout = Cell::new(-1.0);
        let task = Cell::new(ptr::null_mut());
        // SAFETY: a fresh, aligned block of this size. It is never dropped: what it owns, its `__gc` gives back.
        unsafe {
            block.write(State {
                default_timeout,
                names_descriptors: Cell::new(true),
                held: Held::default(),
                running: Running::default(),
                hooks: Cell::new(0),
                hooks_place: 0,
                telling: Cell::new(0),
                main,
                runner: 0,
                task,
                #[cfg(feature = "lua55")]
                threads,
                last_shape: Cell::new(shape::NO_KEY),
                last_shape_place: 0,
                timed_out_place: 0,
            });
        }
        stack.insert(-SHARED);
        for _ in 0..SHARED {
            stack.push_value(-SHARED);
        }
        stack.push_function(run, SHARED);
        // SAFETY: as above; the userdata is still on the stack.
        unsafe { (*block).runner = stack.anchor() };
        stack.push_table(0, 0);
        // SAFETY: as above.
        unsafe { (*block).hooks_place = stack.anchor() };
        stack.push_boolean(false);
        // SAFETY: as above.
        unsafe { (*block).last_shape_place = stack.anchor() };
        stack.push_table(0, 0);
        // SAFETY: as above.
        unsafe { (*block).timed_out_place = stack.anchor() };
    }

    pub(super) fn main(&self) -> *mut lua_State {
        self.main
    }

    /// Runs `task`, which may raise, inside a protected call, so that the caller's frames stay. What it pushed stays
    /// on the stack, and the count comes back; `None` leaves the error on the top.
    pub(super) fn protect(&self, stack: Stack, task: impl FnMut(Stack) -> c_int) -> Option<c_int> {
        self.protect_with(stack, &[], task)
    }

    /// The same with the values at some indexes as the task's first.
    pub(super) fn protect_with(
        &self,
        stack: Stack,
        values: &[c_int],
        mut task: impl FnMut(Stack) -> c_int,
    ) -> Option<c_int> {
        let mut count = None;
        let mut counted = |stack| *count.insert(task(stack));
        let mut task: &mut dyn FnMut(Stack) -> c_int = &mut counted;
        // Before the runner begins, a finalizer or a debug hook may have a task done: it puts this one back.
        let waiting = self.task.replace(ptr::from_mut(&mut task).cast());
        let done = self.call_runner(stack, values);
        self.task.set(waiting);
        #[cfg(feature = "lua55")]
        if done && count.is_none() {
            self.threads.push_closed(stack);
        }
        count.filter(|_| done)
    }

    /// Calls the function below its arguments, all of its results staying on the stack; false leaves the error there.
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

    /// Calls the runner with the values at some indexes, all of its results staying on the stack; false leaves the error
    /// there.
    #[cfg(not(feature = "lua55"))]
    fn call_runner(&self, stack: Stack, values: &[c_int]) -> bool {
        stack.push_item(REGISTRY, self.runner);
        for index in values {
            stack.push_value(*index);
        }
        stack.call_protected(values.len() as c_int)
    }

    /// The same, in a thread of its own.
    #[cfg(feature = "lua55")]
    fn call_runner(&self, stack: Stack, values: &[c_int]) -> bool {
        self.threads.call(stack, self.runner, values)
    }
}

/// The Lua function behind [`State::protect`].
unsafe extern "C-unwind" fn run(state: *mut lua_State) -> c_int {
    // SAFETY: the first upvalue is the State; the task is one that nobody does yet, of a frame that waits for it.
    unsafe {
        let shared = &*ffi::lua_touserdata(state, upvalue(STATE)).cast::<State>();
        #[cfg(feature = "lua55")]
        shared.threads.prepare(Stack::new(state));
        let task = shared.task.replace(ptr::null_mut()).cast::<&mut dyn FnMut(Stack) -> c_int>();
        task.as_mut().map_or(0, |task| task(Stack::new(state)))
    }
}
