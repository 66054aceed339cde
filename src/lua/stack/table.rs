//! Tables, without metamethods.

use std::ffi::c_int;

#[cfg(not(any(feature = "lua51", feature = "lua52", feature = "luajit")))]
use mlua::ffi::{lua_rawgeti, lua_rawseti};
#[cfg(any(feature = "lua51", feature = "lua52", feature = "luajit"))]
use mlua::ffi::{lua_rawgeti_ as lua_rawgeti, lua_rawseti_ as lua_rawseti};

use mlua::ffi;

use super::{REGISTRY, RaisingStack, Stack, Type};
use crate::lua::registry::RegistryKey;

impl Stack<'_> {
    /// Pushes `table[n]` and returns its type.
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

    /// Replaces the key on the top by its value in `table`, and returns the value's type.
    #[inline(always)]
    pub(in crate::lua) fn get(self, table: c_int) -> Type {
        // SAFETY: a live state (the parent's docs); `table` is a table.
        Type(unsafe { ffi::lua_rawget(self.0, table) })
    }

    /// Pops a table and makes it the metatable of the value at `index`.
    #[inline(always)]
    pub(in crate::lua) fn set_metatable(self, index: c_int) {
        // SAFETY: a live state (the parent's docs).
        unsafe {
            ffi::lua_setmetatable(self.0, index);
        }
    }

    /// Pushes the user value of a userdata.
    #[inline(always)]
    pub(in crate::lua) fn get_uservalue(self, index: c_int) {
        // SAFETY: a live state (the parent's docs); a userdata.
        unsafe {
            ffi::lua_getuservalue(self.0, index);
        }
    }

    /// Pops a value and makes it the user value of a userdata: a table, where Lua takes nothing else.
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

impl RaisingStack<'_> {
    /// Pushes a new table.
    #[inline(always)]
    pub(in crate::lua) fn push_table(self, items: usize, fields: usize) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_createtable(self.state(), items as c_int, fields as c_int) }
    }

    /// Pops a value into `table[n]`.
    #[inline(always)]
    pub(in crate::lua) fn set_item(self, table: c_int, n: usize) {
        // SAFETY: a live state (the parent's docs); `table` is a table.
        unsafe { lua_rawseti(self.state(), table, n as _) }
    }

    /// Pops a value and, below it, its key into `table`.
    pub(in crate::lua) fn set(self, table: c_int) {
        // SAFETY: a live state (the parent's docs); `table` is a table.
        unsafe { ffi::lua_rawset(self.state(), table) }
    }

    /// Pushes `table[name]` and returns its type.
    pub(in crate::lua) fn get_field(self, table: c_int, name: &str) -> Type {
        let table = self.absolute(table);
        self.push_bytes(name.as_bytes());
        self.get(table)
    }

    /// Pops a value into `table[name]`.
    pub(in crate::lua) fn set_field(self, table: c_int, name: &str) {
        let table = self.absolute(table);
        self.push_bytes(name.as_bytes());
        self.insert(-2);
        self.set(table);
    }

    /// Pushes the registry's value for a key, and returns its type.
    pub(in crate::lua) fn get_registered(self, key: RegistryKey) -> Type {
        // SAFETY: a live state (the parent's docs); the address is not read from.
        Type(unsafe { ffi::lua_rawgetp(self.state(), REGISTRY, key.address()) })
    }

    /// Pops a value into the registry.
    pub(in crate::lua) fn set_registered(self, key: RegistryKey) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_rawsetp(self.state(), REGISTRY, key.address()) }
    }

    /// Pops a value into the registry and returns its integer key there.
    pub(in crate::lua) fn anchor(self) -> c_int {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::luaL_ref(self.state(), REGISTRY) }
    }

    /// Traverses a table: replaces the key on the top by the next key and its value; false at the end.
    pub(in crate::lua) fn next(self, table: c_int) -> bool {
        // SAFETY: a live state (the parent's docs); the key on the top came from this traversal.
        unsafe { ffi::lua_next(self.state(), table) != 0 }
    }
}
