//! Tables: no metamethods, ever.

use std::ffi::c_int;

#[cfg(not(any(feature = "lua51", feature = "lua52", feature = "luajit")))]
use mlua::ffi::{lua_rawgeti, lua_rawseti};
#[cfg(any(feature = "lua51", feature = "lua52", feature = "luajit"))]
use mlua::ffi::{lua_rawgeti_ as lua_rawgeti, lua_rawseti_ as lua_rawseti};

use mlua::ffi;

use super::{REGISTRY, Stack, Type};

impl Stack {
    /// Pushes a new table. May raise.
    #[inline(always)]
    pub(in crate::lua) fn push_table(self, items: usize, fields: usize) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_createtable(self.0, items as c_int, fields as c_int) }
    }

    /// Pushes `table[n]` and tells what it is.
    #[inline(always)]
    pub(in crate::lua) fn get_item(self, table: c_int, n: c_int) -> Type {
        // SAFETY: a live state (the parent's docs); `table` is a table.
        Type(unsafe { ffi::lua_rawgeti(self.0, table, n.into()) })
    }

    /// Pushes `table[n]`.
    #[inline(always)]
    pub(in crate::lua) fn push_item(self, table: c_int, n: c_int) {
        // SAFETY: a live state (the parent's docs); `table` is a table.
        unsafe {
            lua_rawgeti(self.0, table, n as _);
        }
    }

    /// Pops a value into `table[n]`. May raise.
    #[inline(always)]
    pub(in crate::lua) fn set_item(self, table: c_int, n: usize) {
        // SAFETY: a live state (the parent's docs); `table` is a table.
        unsafe { lua_rawseti(self.0, table, n as _) }
    }

    /// Replaces the key on the top by its value in `table`, and tells what it is.
    #[inline(always)]
    pub(in crate::lua) fn get(self, table: c_int) -> Type {
        // SAFETY: a live state (the parent's docs); `table` is a table.
        Type(unsafe { ffi::lua_rawget(self.0, table) })
    }

    /// Pops a value and, below it, its key into `table`. May raise.
    pub(in crate::lua) fn set(self, table: c_int) {
        // SAFETY: a live state (the parent's docs); `table` is a table.
        unsafe { ffi::lua_rawset(self.0, table) }
    }

    /// Pushes `table[name]` and tells what it is. May raise.
    pub(in crate::lua) fn get_field(self, table: c_int, name: &str) -> Type {
        let table = self.absolute(table);
        self.push_bytes(name.as_bytes());
        self.get(table)
    }

    /// Pops a value into `table[name]`. May raise.
    pub(in crate::lua) fn set_field(self, table: c_int, name: &str) {
        let table = self.absolute(table);
        self.push_bytes(name.as_bytes());
        self.insert(-2);
        self.set(table);
    }

    /// Pushes the value that the registry keeps under the address of a static, and tells what it is.
    pub(in crate::lua) fn get_registered(self, key: &'static u8) -> Type {
        // SAFETY: a live state (the parent's docs); the address is only an identity.
        Type(unsafe { ffi::lua_rawgetp(self.0, REGISTRY, std::ptr::from_ref(key).cast()) })
    }

    /// Pops a value into the registry under the address of a static. May raise.
    pub(in crate::lua) fn set_registered(self, key: &'static u8) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_rawsetp(self.0, REGISTRY, std::ptr::from_ref(key).cast()) }
    }

    /// Pops a value into the registry and returns its place there. May raise.
    pub(in crate::lua) fn anchor(self) -> c_int {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::luaL_ref(self.0, REGISTRY) }
    }

    /// Walks a table: replaces the key on the top by the next key and its value; false at the end.
    pub(in crate::lua) fn next(self, table: c_int) -> bool {
        // SAFETY: a live state (the parent's docs); the key on the top came from this walk.
        unsafe { ffi::lua_next(self.0, table) != 0 }
    }

    /// Pops a table and makes it the metatable of the value at `index`.
    #[inline(always)]
    pub(in crate::lua) fn set_metatable(self, index: c_int) {
        // SAFETY: a live state (the parent's docs).
        unsafe {
            ffi::lua_setmetatable(self.0, index);
        }
    }

    /// Pushes the table that a userdata carries as its user value.
    #[inline(always)]
    pub(in crate::lua) fn get_uservalue(self, index: c_int) {
        // SAFETY: a live state (the parent's docs); a userdata.
        unsafe {
            ffi::lua_getuservalue(self.0, index);
        }
    }

    /// Pops a table that a userdata is to carry.
    pub(in crate::lua) fn set_uservalue(self, index: c_int) {
        // SAFETY: a live state (the parent's docs); a userdata that was made for it.
        unsafe {
            ffi::lua_setuservalue(self.0, index);
        }
    }

    /// Whether two values are the same, without metamethods.
    pub(in crate::lua) fn is_same(self, one: c_int, other: c_int) -> bool {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_rawequal(self.0, one, other) != 0 }
    }

    pub(in crate::lua) fn absolute(self, index: c_int) -> c_int {
        if index > 0 || index <= REGISTRY { index } else { self.top() + index + 1 }
    }
}
