//! The methods of the stack that may raise a Lua error, except those of `control`, `table` and `thread`.

use std::ffi::{CStr, c_int, c_void};
use std::ops::Deref;
use std::ptr::NonNull;

#[cfg(not(any(feature = "lua51", feature = "lua52", feature = "luajit")))]
use mlua::ffi::lua_pushlstring;
#[cfg(any(feature = "lua51", feature = "lua52", feature = "luajit"))]
use mlua::ffi::lua_pushlstring_ as lua_pushlstring;

use mlua::ffi::{self, lua_CFunction};

use super::{NAME, REGISTRY, STATE, Stack};
use crate::sys::FILE;

/// The stack of the running call where a Lua error may be raised: while arguments are read, in `State::protect`, while
/// the module is opened, and at the end of a call. [`Stack::raising`] says what must hold there.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct RaisingStack<'a>(Stack<'a>);

impl<'a> Deref for RaisingStack<'a> {
    type Target = Stack<'a>;

    #[inline(always)]
    fn deref(&self) -> &Stack<'a> {
        &self.0
    }
}

impl<'a> RaisingStack<'a> {
    #[inline(always)]
    pub(super) fn new(stack: Stack<'a>) -> Self {
        RaisingStack(stack)
    }

    /// The stack without the methods that may raise.
    #[inline(always)]
    pub(in crate::lua) fn stack(self) -> Stack<'a> {
        self.0
    }

    /// Makes space for `count` more values; raises when there is no memory.
    pub(in crate::lua) fn reserve(self, count: c_int) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::luaL_checkstack(self.state(), count, c"too many values".as_ptr()) }
    }

    /// The bytes of a string, or of a number, which is replaced by a string. They live as long as the value stays on
    /// the stack.
    #[inline(always)]
    pub(in crate::lua) fn bytes(self, index: c_int) -> Option<&'a [u8]> {
        let mut length = 0;
        // SAFETY: a live state; so many bytes, which stay as they are while the value is reachable.
        unsafe {
            let start = ffi::lua_tolstring(self.state(), index, &mut length).cast::<u8>();
            (!start.is_null()).then(|| std::slice::from_raw_parts(start, length))
        }
    }

    /// The stream of a file of the io library; `Some(None)` for a closed file, `None` for another value.
    pub(in crate::lua) fn file(self, index: c_int) -> Option<Option<NonNull<FILE>>> {
        // SAFETY: as above. A userdata with this metatable is the io library's, and begins with the stream. In a closed
        // file the second field is null since 5.2; before, the stream is null.
        unsafe {
            let block = ffi::lua_touserdata(self.state(), index).cast::<*mut FILE>();
            if block.is_null() || ffi::lua_getmetatable(self.state(), index) == 0 {
                return None;
            }
            self.get_field(REGISTRY, "FILE*");
            let is_file = ffi::lua_rawequal(self.state(), -1, -2) != 0;
            self.pop(2);
            if !is_file {
                return None;
            }
            let closed = !cfg!(any(feature = "lua51", feature = "luajit")) && (*block.add(1)).is_null();
            Some(if closed { None } else { NonNull::new(*block) })
        }
    }

    /// The name of a value's type in Lua's messages: its metatable's `__name`, or the basic type.
    pub(in crate::lua) fn type_name(self, index: c_int) -> &'a [u8] {
        // SAFETY: as above. The name stays on the stack, so that it outlives the message made of it; type names
        // themselves are static.
        unsafe {
            if ffi::lua_type(self.state(), index) == ffi::LUA_TNONE {
                return b"no value";
            }
            if ffi::luaL_getmetafield(self.state(), index, c"__name".as_ptr()) == ffi::LUA_TSTRING {
                return self.bytes(-1).unwrap_or_default();
            }
            if ffi::lua_type(self.state(), index) == ffi::LUA_TLIGHTUSERDATA {
                return b"light userdata";
            }
            CStr::from_ptr(ffi::luaL_typename(self.state(), index)).to_bytes()
        }
    }

    /// Pushes a copy of bytes.
    #[inline(always)]
    pub(in crate::lua) fn push_bytes(self, bytes: &[u8]) {
        // SAFETY: as above; Lua copies the bytes.
        unsafe {
            lua_pushlstring(self.state(), bytes.as_ptr().cast(), bytes.len());
        }
    }

    /// Pushes a copy of a range of bytes.
    #[cfg(not(feature = "lua55"))]
    #[allow(clippy::ptr_arg, reason = "on Lua 5.5 the bytes become the string")]
    pub(in crate::lua) fn push_range(self, bytes: &mut Vec<u8>, range: std::ops::Range<usize>) {
        self.push_bytes(&bytes[range]);
    }

    /// Pushes the number that Lua converts a text to, or `nil`.
    pub(in crate::lua) fn push_numeral(self, text: &[u8]) {
        self.push_bytes(text);
        match self.number(-1) {
            None => self.push_nil(),
            // Lua distinguishes integers from floats, where it has integers.
            #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
            // SAFETY: as above; the text on the top is terminated.
            Some(_) => unsafe {
                ffi::lua_stringtonumber(self.state(), ffi::lua_tostring(self.state(), -1));
            },
            #[cfg(not(any(feature = "lua53", feature = "lua54", feature = "lua55")))]
            Some(number) => self.push_number(number),
        }
        self.remove(-2);
    }

    /// Pops the `upvalues` topmost values and pushes a function with them.
    pub(in crate::lua) fn push_function(self, entry: lua_CFunction, upvalues: c_int) {
        // SAFETY: as above.
        unsafe { ffi::lua_pushcclosure(self.state(), entry, upvalues) }
    }

    /// The same with the values that all functions of the library share, which are at `shared`, before its `own` upvalues.
    pub(in crate::lua) fn push_sharing(self, shared: c_int, entry: lua_CFunction, own: c_int) {
        for place in 0..NAME - STATE {
            self.push_value(shared + place);
            self.insert(-1 - own);
        }
        self.push_function(entry, NAME - STATE + own);
        #[cfg(any(feature = "lua51", feature = "luajit"))]
        // SAFETY: as above; the last of the shared values is a table.
        unsafe {
            self.push_value(shared + 1);
            ffi::lua_setfenv(self.state(), -2);
        }
    }

    /// Pushes a new userdata of `size` bytes, 8-byte aligned and not initialised.
    #[inline(always)]
    pub(in crate::lua) fn push_userdata(self, size: usize) -> *mut c_void {
        self.push_userdata_with(size, false)
    }

    /// The same with or without a user value, where Lua makes the difference.
    #[inline(always)]
    pub(in crate::lua) fn push_userdata_with(self, size: usize, user_value: bool) -> *mut c_void {
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        let _ = user_value;
        // SAFETY: as above.
        #[cfg(any(feature = "lua54", feature = "lua55"))]
        let block = unsafe { ffi::lua_newuserdatauv(self.state(), size, user_value.into()) };
        // SAFETY: as above.
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        let block = unsafe { ffi::lua_newuserdata(self.state(), size) };
        block
    }
}
