//! What the library keeps for one whole Lua state: nothing is global, so many states live in one process.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;

use mlua::ffi::lua_State;

use super::caller::shared;
use super::open_objects::OpenObjects;
use super::registry::RegistryRefs;
use super::shape;
#[cfg(not(feature = "lua55"))]
use super::stack::REGISTRY;
use super::stack::{RaisingStack, SHARED, Stack};
#[cfg(feature = "lua55")]
use super::thread::Threads;

/// One Lua state's share of the library, a userdata that every function carries as its first upvalue.
pub(crate) struct State {
    /// The timeout of new sockets in seconds; negative for none.
    pub(crate) default_timeout: Cell<f64>,
    /// Whether scripts may name descriptors by their numbers.
    pub(crate) names_descriptors: Cell<bool>,
    /// What is open.
    pub(crate) open_objects: OpenObjects,
    /// How many audit hooks there are.
    pub(super) hooks: Cell<c_int>,
    /// How many events hooks are being told of, each of them by a hook's own doing but the first.
    pub(super) telling: Cell<u32>,
    /// The main coroutine, where the stock interpreter puts its hook; null where it cannot be known.
    main: *mut lua_State,
    /// Where the registry keeps the function that does `task`.
    runner: c_int,
    /// What the runner is to do: points to a `&mut dyn FnMut(RaisingStack) -> c_int` of a frame that waits for it; null once
    /// it is being done.
    task: Cell<*mut c_void>,
    /// Where tasks run.
    #[cfg(feature = "lua55")]
    threads: Threads,
    /// The key of the shape that was used last: most sockets are made alike.
    pub(super) last_shape: Cell<shape::ShapeKey>,
    /// The keys of the state's values in the registry.
    pub(super) refs: RegistryRefs,
}

impl State {
    /// Puts the state's userdata below the two tables on the top: with them it is what every function carries first.
    /// May raise.
    pub(super) fn push(stack: RaisingStack, main: *mut lua_State) {
        #[cfg(feature = "lua55")]
        let threads = Threads::new(stack);
        let refs = RegistryRefs::new(stack);
        let block = stack.push_userdata(size_of::<State>()).cast::<State>();
        let default_timeout = Cell::new(-1.0);
        let task = Cell::new(ptr::null_mut());
        // SAFETY: a fresh, aligned block of this size. It is never dropped: what it owns, its `__gc` gives back.
        unsafe {
            block.write(State {
                default_timeout,
                names_descriptors: Cell::new(true),
                open_objects: OpenObjects::default(),
                hooks: Cell::new(0),
                telling: Cell::new(0),
                main,
                runner: 0,
                task,
                #[cfg(feature = "lua55")]
                threads,
                last_shape: Cell::new(shape::NO_KEY),
                refs,
            });
        }
        stack.insert(-SHARED);
        for _ in 0..SHARED {
            stack.push_value(-SHARED);
        }
        stack.push_function(run, SHARED);
        // SAFETY: as above; the userdata is still on the stack.
        unsafe { (*block).runner = stack.anchor() };
    }

    pub(super) fn main(&self) -> *mut lua_State {
        self.main
    }

    /// Runs `task`, which may raise, inside a protected call, so that the caller's frames stay. What it pushed stays
    /// on the stack, and the count comes back; `None` leaves the error on the top.
    pub(super) fn protect(&self, stack: Stack, task: impl FnMut(RaisingStack) -> c_int) -> Option<c_int> {
        self.protect_with(stack, None, task)
    }

    /// The same with the value at an index as the task's first.
    pub(super) fn protect_with(
        &self,
        stack: Stack,
        value: Option<c_int>,
        mut task: impl FnMut(RaisingStack) -> c_int,
    ) -> Option<c_int> {
        let mut count = None;
        let mut counted = |stack: RaisingStack| *count.insert(task(stack));
        let mut task: &mut dyn FnMut(RaisingStack) -> c_int = &mut counted;
        // Before the runner begins, a finalizer or a debug hook may have a task done: it puts this one back.
        let waiting = self.task.replace(ptr::from_mut(&mut task).cast());
        let done = self.call_runner(stack, value);
        self.task.set(waiting);
        #[cfg(feature = "lua55")]
        if done && count.is_none() {
            self.threads.push_closed(stack);
        }
        count.filter(|_| done)
    }

    /// Calls the runner with the value at an index, all of its results staying on the stack; false leaves the error
    /// there.
    #[cfg(not(feature = "lua55"))]
    fn call_runner(&self, stack: Stack, value: Option<c_int>) -> bool {
        stack.push_item(REGISTRY, self.runner);
        if let Some(index) = value {
            stack.push_value(index);
        }
        stack.call_protected(value.is_some().into())
    }

    /// The same, in a thread of its own.
    #[cfg(feature = "lua55")]
    fn call_runner(&self, stack: Stack, value: Option<c_int>) -> bool {
        self.threads.call(stack, self.runner, value)
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
    // SAFETY: null, or a task that nobody does yet, of a frame that waits for it.
    unsafe { task.as_mut() }.map_or(0, |task| task(stack))
}
