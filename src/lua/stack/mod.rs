//! The Lua stack of the running call: the C API under names and types that cannot be misread.
//!
//! A [`Stack`] is only made by the trampoline and by the code that opens the module, from the state that Lua
//! itself handed over, and it never outlives that call. That is what every SAFETY line below leans on, together with three
//! rules of this room:
//!
//! 1. No more than `LUA_MINSTACK` values are pushed without [`Stack::reserve`].
//! 2. A method that may raise a Lua error is called only while nothing that needs dropping is alive in the frames
//!    between it and Lua, or from inside `State::protect`.
//! 3. No Lua error is raised inside `catch_unwind`.

mod control;
mod table;
mod thread;

use std::ffi::{CStr, c_int, c_void};
use std::ptr::NonNull;

#[cfg(not(any(feature = "lua51", feature = "lua52", feature = "luajit")))]
use mlua::ffi::lua_pushlstring;
#[cfg(any(feature = "lua51", feature = "lua52", feature = "luajit"))]
use mlua::ffi::lua_pushlstring_ as lua_pushlstring;

use mlua::ffi::{self, lua_CFunction, lua_State};

use crate::sys::FILE;

/// What a value on the stack is: Lua's own number for it.
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

/// The stack of the running call.
#[derive(Clone, Copy)]
pub(crate) struct Stack(*mut lua_State);

/// How many values a call may push without asking for room.
pub(in crate::lua) const MINSTACK: c_int = ffi::LUA_MINSTACK;

/// Index of the registry, where values of one Lua state live out of a script's sight.
pub(in crate::lua) const REGISTRY: c_int = ffi::LUA_REGISTRYINDEX;

/// What every function of the library carries with it: the State, the metatables of addresses by their layout's key and
/// those of sockets by their fields, which all functions share; and of its own the name, and the message of the failure
/// that must not allocate.
pub(in crate::lua) const STATE: c_int = 1;
pub(in crate::lua) const ADDRESS_METATABLES: c_int = 2;
pub(in crate::lua) const SHAPES: c_int = 3;
pub(in crate::lua) const SHARED: c_int = 3;
pub(in crate::lua) const NAME: c_int = 4;
pub(in crate::lua) const WOULD_BLOCK: c_int = 5;

/// What an iterator carries besides: the object that it belongs to.
pub(in crate::lua) const OWN: c_int = WOULD_BLOCK + 1;

/// Index of the n-th value that a function carries with it.
pub(in crate::lua) const fn upvalue(n: c_int) -> c_int {
    ffi::lua_upvalueindex(n)
}

impl Stack {
    /// # Safety
    /// `state` is the state of the call that is running, and the result is not used after that call.
    #[inline(always)]
    pub(in crate::lua) unsafe fn new(state: *mut lua_State) -> Self {
        Stack(state)
    }

    /// The raw state, for an identity.
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

    /// Takes the value at `index` out from under those above it.
    pub(in crate::lua) fn remove(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_remove(self.0, index) }
    }

    /// Moves the value on the top to `index`, shifting those above it up.
    pub(in crate::lua) fn insert(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_insert(self.0, index) }
    }

    /// Makes room for `count` more values; raises when there is none.
    pub(in crate::lua) fn reserve(self, count: c_int) {
        // SAFETY: as above.
        unsafe { ffi::luaL_checkstack(self.0, count, c"too many values".as_ptr()) }
    }

    // ── Looking ─────────────────────────────────────────────────────────────────────────────────────────────

    #[inline(always)]
    pub(in crate::lua) fn type_of(self, index: c_int) -> Type {
        // SAFETY: as above; an index beyond the top is acceptable to lua_type.
        Type(unsafe { ffi::lua_type(self.0, index) })
    }

    /// The bytes of a string, or of a number, which becomes a string in its place (and may raise for that).
    /// They live as long as the value stays on the stack, which the caller sees to.
    #[inline(always)]
    pub(in crate::lua) fn bytes<'a>(self, index: c_int) -> Option<&'a [u8]> {
        let mut length = 0;
        // SAFETY: as above; Lua gives a pointer to `length` bytes that stay while the value is reachable.
        unsafe {
            let start = ffi::lua_tolstring(self.0, index, &mut length);
            (!start.is_null()).then(|| std::slice::from_raw_parts(start.cast(), length))
        }
    }

    /// An integer, or what converts to one without loss.
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

    /// The length without metamethods: bytes of a string or userdata, the border of a table.
    #[inline(always)]
    pub(in crate::lua) fn raw_length(self, index: c_int) -> usize {
        // SAFETY: as above.
        unsafe { ffi::lua_rawlen(self.0, index) as usize }
    }

    /// The stream of a file of the io library, `Some(None)` when it is closed, `None` when it is no such file.
    pub(in crate::lua) fn file(self, index: c_int) -> Option<Option<NonNull<FILE>>> {
        // SAFETY: as above. A userdata with this metatable is the io library's, and begins with the stream; since 5.2 a
        // closed one is told by its second field, before by a null stream.
        unsafe {
            let block = ffi::lua_touserdata(self.0, index).cast::<*mut FILE>();
            if block.is_null() || ffi::lua_getmetatable(self.0, index) == 0 {
                return None;
            }
            self.get_field(REGISTRY, "FILE*");
            let is_file = ffi::lua_rawequal(self.0, -1, -2) != 0;
            self.pop(2);
            if !is_file {
                return None;
            }
            let closed = !cfg!(any(feature = "lua51", feature = "luajit")) && (*block.add(1)).is_null();
            Some(if closed { None } else { NonNull::new(*block) })
        }
    }

    /// What Lua calls the type of a value: its metatable's `__name`, or the plain type.
    pub(in crate::lua) fn type_name<'a>(self, index: c_int) -> &'a [u8] {
        // SAFETY: as above. The name stays on the stack, so that it outlives the message made of it; type names
        // themselves are static.
        unsafe {
            if ffi::lua_type(self.0, index) == ffi::LUA_TNONE {
                return b"no value";
            }
            if ffi::luaL_getmetafield(self.0, index, c"__name".as_ptr()) == ffi::LUA_TSTRING {
                return self.bytes(-1).unwrap_or_default();
            }
            if ffi::lua_type(self.0, index) == ffi::LUA_TLIGHTUSERDATA {
                return b"light userdata";
            }
            CStr::from_ptr(ffi::luaL_typename(self.0, index)).to_bytes()
        }
    }

    // ── Pushing ─────────────────────────────────────────────────────────────────────────────────────────────

    #[inline(always)]
    pub(in crate::lua) fn push_nil(self) {
        // SAFETY: as above, with room by rule 1.
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

    /// Pushes a copy of bytes. May raise.
    #[inline(always)]
    pub(in crate::lua) fn push_bytes(self, bytes: &[u8]) {
        // SAFETY: as above; Lua copies the bytes.
        unsafe {
            lua_pushlstring(self.0, bytes.as_ptr().cast(), bytes.len());
        }
    }

    /// Pushes the number that Lua reads in a text, or `nil`. May raise.
    pub(in crate::lua) fn push_numeral(self, text: &[u8]) {
        self.push_bytes(text);
        match self.number(-1) {
            None => self.push_nil(),
            // Where Lua has integers, it tells them from floats itself.
            #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
            // SAFETY: as above; the text on the top is terminated.
            Some(_) => unsafe {
                ffi::lua_stringtonumber(self.0, ffi::lua_tostring(self.0, -1));
            },
            #[cfg(not(any(feature = "lua53", feature = "lua54", feature = "lua55")))]
            Some(number) => self.push_number(number),
        }
        self.remove(-2);
    }

    #[inline(always)]
    pub(in crate::lua) fn push_value(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushvalue(self.0, index) }
    }

    /// Makes a function of `entry` that carries the `upvalues` topmost values. May raise.
    pub(in crate::lua) fn push_function(self, entry: lua_CFunction, upvalues: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushcclosure(self.0, entry, upvalues) }
    }

    /// Pushes a new userdata of `size` bytes, 8-byte aligned and not yet initialised. May raise.
    #[inline(always)]
    pub(in crate::lua) fn push_userdata(self, size: usize) -> *mut c_void {
        self.push_userdata_with(size, false)
    }

    /// The same with a user value or without, where Lua asks for that.
    #[inline(always)]
    pub(in crate::lua) fn push_userdata_with(self, size: usize, user_value: bool) -> *mut c_void {
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        let _ = user_value;
        // SAFETY: as above.
        #[cfg(any(feature = "lua54", feature = "lua55"))]
        let block = unsafe { ffi::lua_newuserdatauv(self.0, size, user_value.into()) };
        // SAFETY: as above.
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        let block = unsafe { ffi::lua_newuserdata(self.0, size) };
        block
    }
}
