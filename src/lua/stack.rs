//! The Lua stack of the running call: the C API under names and types that cannot be misread.
//!
//! A [`Stack`] is only made by the trampoline and by the code that opens the module, from the state that Lua
//! itself handed over, and it never outlives that call. That is what every SAFETY line below leans on, together with three
//! rules of this room:
//!
//! 1. No more than `LUA_MINSTACK` values are pushed without [`Stack::reserve`].
//! 2. A method that may raise a Lua error is called only while nothing that needs dropping is alive in the frames
//!    between it and Lua, or from inside [`Stack::protected`].
//! 3. No Lua error is raised inside `catch_unwind`.

use std::ffi::{CStr, c_int, c_void};
use std::ptr::NonNull;

#[cfg(not(any(feature = "lua51", feature = "lua52", feature = "luajit")))]
use mlua::ffi::{lua_pushlstring, lua_rawseti};
#[cfg(any(feature = "lua51", feature = "lua52", feature = "luajit"))]
use mlua::ffi::{lua_pushlstring_ as lua_pushlstring, lua_rawseti_ as lua_rawseti};

use mlua::ffi::{self, lua_CFunction, lua_State};

use crate::sys::FILE;

/// What a value on the stack is: Lua's own number for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Type(c_int);

#[allow(non_upper_case_globals, reason = "used as the variants of an enum")]
impl Type {
    pub(super) const Nothing: Type = Type(ffi::LUA_TNONE);
    pub(super) const Nil: Type = Type(ffi::LUA_TNIL);
    pub(super) const Boolean: Type = Type(ffi::LUA_TBOOLEAN);
    pub(super) const Number: Type = Type(ffi::LUA_TNUMBER);
    pub(super) const String: Type = Type(ffi::LUA_TSTRING);
    pub(super) const Table: Type = Type(ffi::LUA_TTABLE);
    pub(super) const Userdata: Type = Type(ffi::LUA_TUSERDATA);
}

/// The stack of the running call.
#[derive(Clone, Copy)]
pub(crate) struct Stack(*mut lua_State);

/// Index of the registry, where values of one Lua state live out of a script's sight.
pub(super) const REGISTRY: c_int = ffi::LUA_REGISTRYINDEX;

/// What every function of the library carries with it: the shared State, the metatables of addresses by their layout's
/// key, the function's name, and the message of the failure that must not allocate.
pub(super) const STATE: c_int = 1;
pub(super) const ADDRESS_METATABLES: c_int = 2;
pub(super) const NAME: c_int = 3;
pub(super) const WOULD_BLOCK: c_int = 4;

/// Index of the n-th value that a function carries with it.
pub(super) const fn upvalue(n: c_int) -> c_int {
    ffi::lua_upvalueindex(n)
}

impl Stack {
    /// # Safety
    /// `state` is the state of the call that is running, and the result is not used after that call.
    #[inline(always)]
    pub(super) unsafe fn new(state: *mut lua_State) -> Self {
        Stack(state)
    }

    /// The raw state, for an identity.
    pub(super) fn state(self) -> *mut lua_State {
        self.0
    }

    // ── Size ────────────────────────────────────────────────────────────────────────────────────────────────

    #[inline(always)]
    pub(super) fn top(self) -> c_int {
        // SAFETY: a live state (module docs).
        unsafe { ffi::lua_gettop(self.0) }
    }

    pub(super) fn set_top(self, top: c_int) {
        // SAFETY: as above; callers shrink, or grow within the reserve.
        unsafe { ffi::lua_settop(self.0, top) }
    }

    #[inline(always)]
    pub(super) fn pop(self, count: c_int) {
        self.set_top(-count - 1);
    }

    /// Takes the value at `index` out from under those above it.
    pub(super) fn remove(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_remove(self.0, index) }
    }

    /// Moves the value on the top to `index`, shifting those above it up.
    pub(super) fn insert(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_insert(self.0, index) }
    }

    /// Makes room for `count` more values; raises when there is none.
    pub(super) fn reserve(self, count: c_int) {
        // SAFETY: as above.
        unsafe { ffi::luaL_checkstack(self.0, count, c"too many values".as_ptr()) }
    }

    // ── Looking ─────────────────────────────────────────────────────────────────────────────────────────────

    #[inline(always)]
    pub(super) fn type_of(self, index: c_int) -> Type {
        // SAFETY: as above; an index beyond the top is acceptable to lua_type.
        Type(unsafe { ffi::lua_type(self.0, index) })
    }

    /// The bytes of a string, or of a number, which becomes a string in its place (and may raise for that).
    /// They live as long as the value stays on the stack, which the caller sees to.
    #[inline(always)]
    pub(super) fn bytes<'a>(self, index: c_int) -> Option<&'a [u8]> {
        let mut length = 0;
        // SAFETY: as above; Lua gives a pointer to `length` bytes that stay while the value is reachable.
        unsafe {
            let start = ffi::lua_tolstring(self.0, index, &mut length);
            (!start.is_null()).then(|| std::slice::from_raw_parts(start.cast(), length))
        }
    }

    /// An integer, or what converts to one without loss.
    #[inline(always)]
    pub(super) fn integer(self, index: c_int) -> Option<i64> {
        let mut is_number = 0;
        // SAFETY: as above.
        let value = unsafe { ffi::lua_tointegerx(self.0, index, &mut is_number) };
        #[allow(clippy::useless_conversion, reason = "lua_Integer has 32 bits on some systems")]
        (is_number != 0).then(|| value.into())
    }

    #[inline(always)]
    pub(super) fn number(self, index: c_int) -> Option<f64> {
        let mut is_number = 0;
        // SAFETY: as above.
        let value = unsafe { ffi::lua_tonumberx(self.0, index, &mut is_number) };
        (is_number != 0).then_some(value)
    }

    pub(super) fn boolean(self, index: c_int) -> bool {
        // SAFETY: as above.
        unsafe { ffi::lua_toboolean(self.0, index) != 0 }
    }

    /// The block of a userdata, or null.
    #[inline(always)]
    pub(super) fn userdata(self, index: c_int) -> *mut c_void {
        // SAFETY: as above.
        unsafe { ffi::lua_touserdata(self.0, index) }
    }

    /// The length without metamethods: bytes of a string or userdata, the border of a table.
    #[inline(always)]
    pub(super) fn raw_length(self, index: c_int) -> usize {
        // SAFETY: as above.
        unsafe { ffi::lua_rawlen(self.0, index) as usize }
    }

    /// The stream of a file of the io library, `Some(None)` when it is closed, `None` when it is no such file.
    pub(super) fn file(self, index: c_int) -> Option<Option<NonNull<FILE>>> {
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
    pub(super) fn type_name<'a>(self, index: c_int) -> &'a [u8] {
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
    pub(super) fn push_nil(self) {
        // SAFETY: as above, with room by rule 1.
        unsafe { ffi::lua_pushnil(self.0) }
    }

    #[inline(always)]
    pub(super) fn push_boolean(self, value: bool) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushboolean(self.0, value.into()) }
    }

    #[inline(always)]
    pub(super) fn push_integer(self, value: i64) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushinteger(self.0, value as _) }
    }

    #[inline(always)]
    pub(super) fn push_number(self, value: f64) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushnumber(self.0, value) }
    }

    /// Pushes a copy of bytes. May raise.
    #[inline(always)]
    pub(super) fn push_bytes(self, bytes: &[u8]) {
        // SAFETY: as above; Lua copies the bytes.
        unsafe {
            lua_pushlstring(self.0, bytes.as_ptr().cast(), bytes.len());
        }
    }

    /// Pushes the number that Lua reads in a text, or `nil`. May raise.
    pub(super) fn push_numeral(self, text: &[u8]) {
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
    pub(super) fn push_value(self, index: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushvalue(self.0, index) }
    }

    /// Makes a function of `entry` that carries the `upvalues` topmost values. May raise.
    pub(super) fn push_function(self, entry: lua_CFunction, upvalues: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushcclosure(self.0, entry, upvalues) }
    }

    /// Pushes a new userdata of `size` bytes, 8-byte aligned and not yet initialised. May raise.
    #[inline(always)]
    pub(super) fn push_userdata(self, size: usize) -> *mut c_void {
        // SAFETY: as above.
        #[cfg(any(feature = "lua54", feature = "lua55"))]
        let block = unsafe { ffi::lua_newuserdatauv(self.0, size, 0) };
        // SAFETY: as above.
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        let block = unsafe { ffi::lua_newuserdata(self.0, size) };
        block
    }

    // ── Tables (no metamethods, ever) ───────────────────────────────────────────────────────────────────────

    /// Pushes a new table. May raise.
    #[inline(always)]
    pub(super) fn push_table(self, items: usize, fields: usize) {
        // SAFETY: as above.
        unsafe { ffi::lua_createtable(self.0, items as c_int, fields as c_int) }
    }

    /// Pushes `table[n]` and tells what it is.
    #[inline(always)]
    pub(super) fn get_item(self, table: c_int, n: c_int) -> Type {
        // SAFETY: as above; `table` is a table.
        Type(unsafe { ffi::lua_rawgeti(self.0, table, n.into()) })
    }

    /// Pops a value into `table[n]`. May raise.
    #[inline(always)]
    pub(super) fn set_item(self, table: c_int, n: usize) {
        // SAFETY: as above; `table` is a table.
        unsafe { lua_rawseti(self.0, table, n as _) }
    }

    /// Replaces the key on the top by its value in `table`, and tells what it is.
    #[inline(always)]
    pub(super) fn get(self, table: c_int) -> Type {
        // SAFETY: as above; `table` is a table.
        Type(unsafe { ffi::lua_rawget(self.0, table) })
    }

    /// Pops a value and, below it, its key into `table`. May raise.
    pub(super) fn set(self, table: c_int) {
        // SAFETY: as above; `table` is a table.
        unsafe { ffi::lua_rawset(self.0, table) }
    }

    /// Pushes `table[name]` and tells what it is. May raise.
    pub(super) fn get_field(self, table: c_int, name: &str) -> Type {
        let table = self.absolute(table);
        self.push_bytes(name.as_bytes());
        self.get(table)
    }

    /// Pops a value into `table[name]`. May raise.
    pub(super) fn set_field(self, table: c_int, name: &str) {
        let table = self.absolute(table);
        self.push_bytes(name.as_bytes());
        self.insert(-2);
        self.set(table);
    }

    /// Pushes the value that the registry keeps under the address of a static, and tells what it is.
    pub(super) fn get_registered(self, key: &'static u8) -> Type {
        // SAFETY: as above; the address is only an identity.
        Type(unsafe { ffi::lua_rawgetp(self.0, REGISTRY, std::ptr::from_ref(key).cast()) })
    }

    /// Pops a value into the registry under the address of a static. May raise.
    pub(super) fn set_registered(self, key: &'static u8) {
        // SAFETY: as above.
        unsafe { ffi::lua_rawsetp(self.0, REGISTRY, std::ptr::from_ref(key).cast()) }
    }

    /// Pops a value into the registry and returns its place there. May raise.
    pub(super) fn anchor(self) -> c_int {
        // SAFETY: as above.
        unsafe { ffi::luaL_ref(self.0, REGISTRY) }
    }

    /// Walks a table: replaces the key on the top by the next key and its value; false at the end.
    pub(super) fn next(self, table: c_int) -> bool {
        // SAFETY: as above; the key on the top came from this walk.
        unsafe { ffi::lua_next(self.0, table) != 0 }
    }

    /// Pops a table and makes it the metatable of the value at `index`.
    #[inline(always)]
    pub(super) fn set_metatable(self, index: c_int) {
        // SAFETY: as above.
        unsafe {
            ffi::lua_setmetatable(self.0, index);
        }
    }

    pub(super) fn absolute(self, index: c_int) -> c_int {
        if index > 0 || index <= REGISTRY { index } else { self.top() + index + 1 }
    }

    // ── Running and raising ─────────────────────────────────────────────────────────────────────────────────

    /// Pushes the function that a chunk of Lua compiles to. Raises what the compiler says.
    pub(super) fn load(self, source: &str, name: &CStr) {
        // SAFETY: as above.
        let status = unsafe {
            ffi::luaL_loadbufferx(self.0, source.as_ptr().cast(), source.len(), name.as_ptr(), c"t".as_ptr())
        };
        if status != ffi::LUA_OK {
            self.raise();
        }
    }

    /// Calls the function below its arguments. May raise.
    pub(super) fn call(self, arguments: c_int, results: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_call(self.0, arguments, results) }
    }

    /// Calls the function below its arguments, all of its results staying on the stack; false leaves the error there.
    pub(super) fn call_protected(self, arguments: c_int) -> bool {
        // SAFETY: as above.
        unsafe { ffi::lua_pcall(self.0, arguments, ffi::LUA_MULTRET, 0) == ffi::LUA_OK }
    }

    /// Says something that is no error: `warn`, where Lua has it.
    pub(super) fn warn(self, message: &CStr) {
        #[cfg(any(feature = "lua54", feature = "lua55"))]
        // SAFETY: as above.
        unsafe {
            ffi::lua_warning(self.0, message.as_ptr(), 0)
        }
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        let _ = message;
    }

    /// Raises the value on the top.
    pub(super) fn raise(self) -> ! {
        // SAFETY: as above, with nothing droppable alive by rule 2.
        unsafe { ffi::lua_error(self.0) }
    }

    /// Raises a message with the position of the Lua code that called.
    #[cold]
    pub(super) fn raise_message(self, message: &[u8]) -> ! {
        // SAFETY: as above.
        unsafe { ffi::luaL_where(self.0, 1) };
        self.push_bytes(message);
        // SAFETY: as above.
        unsafe { ffi::lua_concat(self.0, 2) };
        self.raise()
    }
}
