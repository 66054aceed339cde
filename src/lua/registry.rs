//! What the library keeps in the registry of a Lua state.

use std::ffi::c_void;

/// A value whose key is an address, the same in each Lua state.
#[derive(Clone, Copy)]
pub(super) enum RegistryKey {
    /// The module table: a Lua state has one, however often the library is opened.
    Module,
    /// The table of the functions that only the host may call.
    Host,
    /// The table of `bsdsocket.selectors`.
    Selectors,
    /// The library's data for the Lua state, and the weak table: what all functions share, for those that are made later.
    State,
    InUse,
    /// The table of the methods of sockets.
    SocketType,
    /// The metamethods of sockets, which the metatable of each shape has.
    SocketMetamethods,
    /// The metatable of the tables of sockets' fields, whose `__index` is the table of methods.
    SocketFieldsMetatable,
    /// The metatable of buffers.
    BufferMetatable,
    /// The methods of buffers.
    BufferMethods,
    /// The metatable of streams.
    StreamMetatable,
    /// The function that makes the metatables of addresses.
    AddressMaker,
    /// The metatable of selectors.
    SelectorMetatable,
    /// The table of `bsdsocket.tasks`.
    Tasks,
    /// The metatable of tasks.
    TaskMetatable,
    /// The table of `bsdsocket.luasocket`, which is LuaSocket's core.
    LuaSocket,
    /// The metatables of LuaSocket's classes, by their numbers.
    ClassMetatables,
    /// The table of `bsdsocket.test`.
    #[cfg(feature = "testkit")]
    Test,
    /// The metatable of the programs that tests start.
    #[cfg(all(unix, feature = "testkit"))]
    ProgramMetatable,
    /// The list of audit hooks.
    Hooks,
    /// The messages of timeouts, by the names of functions.
    TimeoutMessages,
    /// From each view to its buffer and from each stream to its socket, with weak keys: what a userdata refers to lives
    /// as long as the userdata.
    Parents,
}

/// The bytes whose addresses are the keys. Their values have no meaning.
static ADDRESSES: [u8; RegistryKey::Parents as usize + 1] = [0; RegistryKey::Parents as usize + 1];

impl RegistryKey {
    /// The key, a light userdata.
    pub(super) fn address(self) -> *const c_void {
        (&raw const ADDRESSES[self as usize]).cast()
    }
}
