//! The interface for hosts in C and C++, as `include/bsdsocket.h` declares it.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::time::Duration;

use mlua::ffi::{lua_CFunction, lua_State};

use super::c_trace::{COutcome, push_trace};
use super::module::{luaopen_bsdsocket, push_host, state_of};
use super::registry::RegistryKey;
use super::stack::{RaisingStack, Stack, Type};
use super::state::State;
use crate::limits::{LimitSettings, Rules, Switch};
use crate::text::Text;

/// `struct bsdsocket_limits`. New fields come last.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CLimits {
    size: usize,
    audit: Option<lua_CFunction>,
    without_descriptors: c_int,
    max_sockets: usize,
    with_switch: *const Switch,
    reach: *const *const c_char,
    max_wait: f64,
    max_buffered: usize,
    max_tasks: usize,
    send_rate: u64,
    receive_rate: u64,
    counters: c_int,
    with_stats: c_int,
    pub(super) trace: Option<unsafe extern "C-unwind" fn(*mut lua_State, *const COutcome, *mut c_void)>,
    pub(super) trace_data: *mut c_void,
}

/// `BSDSOCKET_NO_LIMITS`.
const NO_LIMITS: CLimits = CLimits {
    size: size_of::<CLimits>(),
    audit: None,
    without_descriptors: 0,
    max_sockets: usize::MAX,
    with_switch: std::ptr::null(),
    reach: std::ptr::null(),
    max_wait: -1.0,
    max_buffered: usize::MAX,
    max_tasks: usize::MAX,
    send_rate: u64::MAX,
    receive_rate: u64::MAX,
    counters: 0,
    with_stats: 0,
    trace: None,
    trace_data: std::ptr::null_mut(),
};

impl CLimits {
    /// What a host gave, whose header may know fewer fields, or more.
    ///
    /// # Safety
    /// `given` is null or points to a structure that begins with its size.
    unsafe fn read(given: *const CLimits) -> CLimits {
        let mut limits = NO_LIMITS;
        if !given.is_null() {
            // SAFETY: so many bytes are there, and every value of them is valid but null, which the option has.
            unsafe {
                let size = given.cast::<usize>().read().min(size_of::<CLimits>());
                (&raw mut limits).cast::<u8>().copy_from_nonoverlapping(given.cast(), size);
            }
        }
        limits
    }

    /// # Safety
    /// The switch is null or of `bsdsocket_switch_new`, the rules are null or a list of strings that null ends.
    unsafe fn settings(self) -> Result<LimitSettings, String> {
        let given = |number: usize| Some(number).filter(|&number| number != usize::MAX);
        let rate = |number: u64| Some(number).filter(|&number| number != u64::MAX);
        // SAFETY: the caller's promise.
        let switch = unsafe { self.with_switch.as_ref() }.cloned();
        let max_wait = Duration::try_from_secs_f64(self.max_wait).ok();
        let mut rules = None;
        if !self.reach.is_null() {
            let list = rules.insert(Rules::default());
            let mut place = self.reach;
            // SAFETY: the caller's promise.
            unsafe {
                while !(*place).is_null() {
                    list.add(&CStr::from_ptr(*place).to_string_lossy())?;
                    place = place.add(1);
                }
            }
        }
        Ok(LimitSettings {
            max_sockets: given(self.max_sockets),
            switch,
            rules,
            max_wait,
            max_buffered: given(self.max_buffered),
            max_tasks: given(self.max_tasks),
            bandwidth: (rate(self.send_rate), rate(self.receive_rate)),
            counts: self.counters != 0 || self.with_stats != 0,
            traces: self.trace.is_some(),
        })
    }
}

/// Opens the library in a Lua state with limits, and pushes the module table.
///
/// # Safety
/// As for [`luaopen_bsdsocket`]; `limits` is null or points to a `struct bsdsocket_limits`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_open(state: *mut lua_State, limits: *const CLimits) -> c_int {
    // SAFETY: the caller's promise; this frame has nothing to drop where the stack is used.
    let (stack, limits) = unsafe { (Stack::new(state).raising(), CLimits::read(limits)) };
    if stack.get_registered(RegistryKey::Module) != Type::Nil {
        stack.raise_message(b"bsdsocket is already open in this state");
    }
    stack.pop(1);
    // SAFETY: the caller's promise.
    unsafe { luaopen_bsdsocket(state) };
    let shared = state_of(stack);
    if limits.without_descriptors != 0 || !limits.reach.is_null() {
        shared.names_descriptors.set(false);
        remove_descriptors(stack);
    }
    if let Some(audit) = limits.audit {
        set_hook(stack, b"addaudithook", |stack| stack.push_function(audit, 0));
    }
    if limits.trace.is_some() {
        set_hook(stack, b"settrace", |stack| push_trace(stack, limits));
    }
    if limits.with_stats != 0 {
        push_host(stack);
        stack.get_field(-1, "stats");
        stack.set_field(-3, "stats");
        stack.pop(1);
    }
    // SAFETY: the caller's promise.
    if let Some(message) = unsafe { apply(shared, limits) } {
        stack.raise_message(message.as_bytes());
    }
    1
}

/// Sets the limits, and says why it cannot. Nothing is left to be dropped afterwards.
///
/// # Safety
/// As for [`bsdsocket_open`].
unsafe fn apply(shared: &State, limits: CLimits) -> Option<Text<200>> {
    let told = |words: &dyn std::fmt::Display| Some(Text::format(format_args!("bsdsocket: {words}")));
    // SAFETY: the caller's promise.
    match unsafe { limits.settings() } {
        Ok(settings) => shared.limit(&settings).err().and_then(|errno| told(&errno)),
        Err(unknown) => told(&unknown),
    }
}

/// Removes what takes or gives descriptors as numbers from the module on the top.
fn remove_descriptors(stack: RaisingStack) {
    let module = stack.top();
    for name in super::host::DESCRIPTOR_FUNCTIONS {
        let (table, key) = name.split_once('.').map_or((None, *name), |(table, key)| (Some(table), key));
        stack.push_value(module);
        if let Some(table) = table {
            stack.push_bytes(table.as_bytes());
            stack.get(module);
        }
        stack.push_bytes(key.as_bytes());
        stack.push_nil();
        stack.set(-3);
        stack.set_top(module);
    }
}

/// Calls a function of the host's table with a hook.
fn set_hook(stack: RaisingStack, name: &[u8], push: impl FnOnce(RaisingStack)) {
    push_host(stack);
    stack.push_bytes(name);
    stack.get(-2);
    push(stack);
    stack.call(1, 0);
    stack.pop(1);
}

#[cfg(test)]
mod tests {
    use super::{CLimits, NO_LIMITS};

    #[test]
    fn a_host_with_an_older_header_has_no_limits_that_it_does_not_know() {
        let older =
            CLimits { size: std::mem::offset_of!(CLimits, with_switch), max_sockets: 7, max_wait: 5.0, ..NO_LIMITS };
        // SAFETY: a structure that begins with a size that it has.
        let read = unsafe { CLimits::read(&older) };
        assert_eq!((read.max_sockets, read.max_wait, read.max_tasks), (7, -1.0, usize::MAX));
        let newer = CLimits { size: 10_000, max_sockets: 8, max_wait: 5.0, ..NO_LIMITS };
        // SAFETY: as above: what is behind the fields that are known is not read.
        let read = unsafe { CLimits::read(&newer) };
        assert_eq!((read.max_sockets, read.max_wait), (8, 5.0));
        // SAFETY: null.
        assert_eq!(unsafe { CLimits::read(std::ptr::null()) }.max_sockets, usize::MAX);
    }
}
