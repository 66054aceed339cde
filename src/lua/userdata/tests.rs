use mlua::{Function, Lua, Table, Value};

use super::*;

/// Whether a userdata of the size of a `T` is taken for one, with `tag` as its first word and an address as the others.
fn foreign<T: Userdata>(stack: RaisingStack, tag: u64) -> bool {
    let (size, start) = (size::<T>(), stack.push_userdata(size::<T>()));
    let target = std::ptr::from_ref(&SECRET) as u64;
    // SAFETY: a fresh block of that size; Lua aligns it for a u64.
    unsafe {
        for word in 0..size / 8 {
            start.cast::<u64>().add(word).write(target);
        }
        start.cast::<u64>().write(tag);
    }
    let taken = check::<T>(stack.stack(), -1).is_some();
    stack.pop(1);
    taken
}

fn is_refused<T: Userdata>(lua: &Lua) {
    let near = RegistryKey::BufferMetatable.address() as u64;
    // SAFETY: mlua passes its state inside a protected call; one value at a time is pushed.
    unsafe {
        lua.exec_raw::<()>((), |state| {
            let stack = Stack::new(state).raising();
            for tag in (0..256).chain([u64::MAX, 0x5bd1_e995, T::TYPE]) {
                assert!(!foreign::<T>(stack, tag));
            }
            // Numbers derived from the address of a static of the library, which an attacker may know.
            for address in near - 4096..near + 4096 {
                for tag in [address, address ^ 0x5bd1_e995, address.wrapping_add(T::TYPE), !address] {
                    assert!(!foreign::<T>(stack, tag));
                }
            }
            let own = tag::<T>();
            assert!(foreign::<T>(stack, own), "the test makes a userdata that the check accepts");
            for bit in 0..64 {
                assert!(!foreign::<T>(stack, own ^ (1 << bit)));
            }
        })
    }
    .unwrap();
}

#[test]
#[cfg_attr(miri, ignore = "calls Lua")]
fn userdata_of_another_library_is_refused() {
    let lua = Lua::new();
    let _: Table = crate::module(&lua).unwrap();
    is_refused::<Memory>(&lua);
    is_refused::<Socket>(&lua);
    is_refused::<Stream>(&lua);
}

#[test]
#[cfg_attr(miri, ignore = "calls Lua")]
fn userdata_of_the_host_has_no_type() {
    let lua = Lua::new();
    let module = crate::module(&lua).unwrap();
    let kind: Function = module.get("type").unwrap();
    for size in [1, 7, 8, 9] {
        let host = lua.create_any_userdata(vec![0_u64; size]).unwrap();
        assert!(kind.call::<Value>(&host).unwrap().is_nil());
        let host = lua.create_any_userdata([0_u64; 4]).unwrap();
        assert!(kind.call::<Value>(host).unwrap().is_nil());
    }
}

#[test]
fn random_numbers_differ() {
    let draw = || RandomState::new().build_hasher().finish();
    assert_ne!(draw(), draw());
    draw_secret();
    let first = SECRET.load(Ordering::Relaxed);
    draw_secret();
    assert!(first != 0 && SECRET.load(Ordering::Relaxed) == first);
}
