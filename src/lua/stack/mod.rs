//! The Lua stack of the running call: the C API of Lua under Rust names and types.
//!
//! A [`Stack`] is made by the trampoline and by the code that opens the module, from the state that Lua passed, and is
//! not used after that call. The SAFETY comments below rely on this, and on these rules:
//!
//! 1. No more than `LUA_MINSTACK` values are pushed without [`RaisingStack::reserve`].
//! 2. What may raise a Lua error is a method of [`RaisingStack`]. Only [`Stack::raising`], which is unsafe, makes one.
//!    A function that takes a `RaisingStack` has no local variable that needs dropping where it calls such a method.
//! 3. No Lua error is raised inside `catch_unwind`.
//! 4. A value whose bytes are in use stays on the stack.

mod control;
mod hook;
mod raising;
mod table;
mod thread;

use std::ffi::{c_int, c_void};
use std::marker::PhantomData;

use mlua::ffi::{self, lua_State};

pub(crate) use raising::RaisingStack;

/// The type of a value on the stack: Lua's number for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::lua) struct Type(c_int);

#[allow(non_upper_case_globals, reason = "used as the variants of an enum")]
impl Type {
    pub(in crate::lua) const Nothing: Type = Type(ffi::LUA_TNONE);
    pub(in crate::lua) const Nil: Type = Type(ffi::LUA_TNIL);
    pub(in crate::lua) const Boolean: Type = Type(ffi::LUA_TBOOLEAN);
    pub(in crate::lua) const Number: Type = Type(ffi::LUA_TNUMBER);
    pub(in crate::lua) const String: Type = Type(ffi::LUA_TSTRING);
    pub(in crate::lua) const Table: Type = Type(ffi::LUA_TTABLE);
    pub(in crate::lua) const Function: Type = Type(ffi::LUA_TFUNCTION);
    pub(in crate::lua) const Thread: Type = Type(ffi::LUA_TTHREAD);
    pub(in crate::lua) const Userdata: Type = Type(ffi::LUA_TUSERDATA);

    /// Whether values of the type may be objects of a library; of LuaJIT's own types cdata are.
    pub(in crate::lua) fn has_methods(self) -> bool {
        const CDATA: c_int = 10;
        matches!(self, Type::Table | Type::Userdata) || cfg!(feature = "luajit") && self.0 == CDATA
    }
}

/// The stack of the running call, which lasts for `'a`. Its methods raise no Lua error.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Stack<'a>(*mut lua_State, PhantomData<&'a lua_State>);

/// The number of values that a call may push without reserving space.
pub(in crate::lua) const MINSTACK: c_int = ffi::LUA_MINSTACK;

/// Index of the registry, a table of the Lua state that scripts cannot reach.
pub(in crate::lua) const REGISTRY: c_int = ffi::LUA_REGISTRYINDEX;

/// The number of values that all functions of the library share: the [`State`], and a table with weak values. That has
/// the addresses in use by numbers made of their bytes, which are not negative, the metatables of addresses by the
/// negative keys of their layouts, and the metatables of sockets by their fields, which are strings.
///
/// [`State`]: super::state::State
pub(in crate::lua) const SHARED: c_int = 2;

/// The upvalue that is the [`State`].
///
/// [`State`]: super::state::State
pub(in crate::lua) const STATE: c_int = 1;

/// Index of the table: the environment of all functions, where functions in C have one, which takes no memory of each.
#[cfg(any(feature = "lua51", feature = "luajit"))]
pub(in crate::lua) const IN_USE: c_int = ffi::LUA_ENVIRONINDEX;
#[cfg(not(any(feature = "lua51", feature = "luajit")))]
pub(in crate::lua) const IN_USE: c_int = upvalue(2);

/// The upvalue that each function has of its own: its name; once it has failed with EWOULDBLOCK, the message for that,
/// which begins with the name.
pub(in crate::lua) const NAME: c_int = if cfg!(any(feature = "lua51", feature = "luajit")) { 2 } else { 3 };

/// The upvalue of an iterator that is the object it belongs to.
pub(in crate::lua) const OWN: c_int = NAME + 1;

/// Index of the n-th upvalue of the running function.
pub(in crate::lua) const fn upvalue(n: c_int) -> c_int {
    ffi::lua_upvalueindex(n)
}

impl<'a> Stack<'a> {
    /// # Safety
    /// `state` is the state of the call that is running, and the result is not used after that call.
    #[inline(always)]
    pub(in crate::lua) unsafe fn new(state: *mut lua_State) -> Self {
        Stack(state, PhantomData)
    }

    /// The stack with the methods that may raise a Lua error.
    ///
    /// # Safety
    /// While the result is used, no frame between it and Lua has anything to drop: a Lua error passes over these frames
    /// without running destructors. Nor does `catch_unwind` lie in between.
    #[inline(always)]
    pub(in crate::lua) unsafe fn raising(self) -> RaisingStack<'a> {
        RaisingStack::new(self)
    }

    /// The raw state.
    #[inline(always)]
    pub(in crate::lua) fn state(self) -> *mut lua_State {
        self.0
    }

    // ── Size ────────────────────────────────────────────────────────────────────────────────────────────────

    #[inline(always)]
    pub(in crate::lua) fn top(self) -> c_int {
        // SAFETY: a live state (module docs).
        unsafe { ffi::lua_gettop(self.0) }
    }

    pub(in crate::lua) fn set_top(self, top: c_int) {
        // SAFETY: as above; callers shrink, or grow within the reserve.
        unsafe { ffi::lua_settop(self.0, top) }
    }

    #[inline(always)]
    pub(in crate::lua) fn pop(self, count: c_int) {
        self.set_top(-count - 1);
    }

    /// Removes the value at `index`, shifting those above it down.
    pub(in crate::lua) fn remove(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_remove(self.0, index) }
    }

    /// Pops a value into `index`.
    pub(in crate::lua) fn replace(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_replace(self.0, index) }
    }

    /// Moves the value on the top to `index`, shifting those above it up.
    pub(in crate::lua) fn insert(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_insert(self.0, index) }
    }

    // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────

    #[inline(always)]
    pub(in crate::lua) fn type_of(self, index: c_int) -> Type {
        // SAFETY: as above; an index beyond the top is acceptable to lua_type.
        Type(unsafe { ffi::lua_type(self.0, index) })
    }

    /// The bytes of a string, empty for any other value. They live as long as the value stays on the stack.
    pub(in crate::lua) fn string(self, index: c_int) -> &'a [u8] {
        self.string_of(self.type_of(index), index)
    }

    /// The same for a value whose type is known.
    #[inline(always)]
    pub(in crate::lua) fn string_of(self, found: Type, index: c_int) -> &'a [u8] {
        if found != Type::String {
            return &[];
        }
        let mut length = 0;
        // SAFETY: as above; Lua gives a pointer to `length` bytes, which stay while the value is reachable. A string is
        // not converted, so this does not raise.
        unsafe {
            let start = ffi::lua_tolstring(self.0, index, &mut length);
            std::slice::from_raw_parts(start.cast(), length)
        }
    }

    /// An integer, or a value that converts to one without loss.
    #[inline(always)]
    pub(in crate::lua) fn integer(self, index: c_int) -> Option<i64> {
        let mut is_number = 0;
        // SAFETY: as above.
        let value = unsafe { ffi::lua_tointegerx(self.0, index, &mut is_number) };
        #[allow(clippy::useless_conversion, reason = "lua_Integer has 32 bits on some systems")]
        (is_number != 0).then(|| value.into())
    }

    #[inline(always)]
    pub(in crate::lua) fn number(self, index: c_int) -> Option<f64> {
        let mut is_number = 0;
        // SAFETY: as above.
        let value = unsafe { ffi::lua_tonumberx(self.0, index, &mut is_number) };
        (is_number != 0).then_some(value)
    }

    /// Whether a number is this integer, of the type that Lua has for integers.
    #[inline(always)]
    pub(in crate::lua) fn is_integer(self, index: c_int, value: i64) -> bool {
        #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
        // SAFETY: as above.
        return unsafe { ffi::lua_isinteger(self.0, index) != 0 } && self.integer(index) == Some(value);
        #[cfg(not(any(feature = "lua53", feature = "lua54", feature = "lua55")))]
        // SAFETY: as above.
        return unsafe { ffi::lua_tonumber(self.0, index) } == value as f64;
    }

    pub(in crate::lua) fn boolean(self, index: c_int) -> bool {
        // SAFETY: as above.
        unsafe { ffi::lua_toboolean(self.0, index) != 0 }
    }

    /// The block of a userdata, or null.
    #[inline(always)]
    pub(in crate::lua) fn userdata(self, index: c_int) -> *mut c_void {
        // SAFETY: as above.
        unsafe { ffi::lua_touserdata(self.0, index) }
    }

    /// The length without metamethods: the bytes of a string or userdata, the border of a table.
    #[inline(always)]
    pub(in crate::lua) fn raw_length(self, index: c_int) -> usize {
        // SAFETY: as above.
        unsafe { ffi::lua_rawlen(self.0, index) as usize }
    }

    // ── Pushing ─────────────────────────────────────────────────────────────────────────────────────────────

    #[inline(always)]
    pub(in crate::lua) fn push_nil(self) {
        // SAFETY: as above; the stack has space by rule 1.
        unsafe { ffi::lua_pushnil(self.0) }
    }

    #[inline(always)]
    pub(in crate::lua) fn push_boolean(self, value: bool) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushboolean(self.0, value.into()) }
    }

    #[inline(always)]
    pub(in crate::lua) fn push_integer(self, value: i64) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushinteger(self.0, value as _) }
    }

    #[inline(always)]
    pub(in crate::lua) fn push_number(self, value: f64) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushnumber(self.0, value) }
    }

    #[inline(always)]
    pub(in crate::lua) fn push_value(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushvalue(self.0, index) }
    }
}
