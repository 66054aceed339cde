//! Panics, and Lua errors while values that need dropping are alive.

use std::rc::Rc;

use super::{Context, NativeFunction, Results, function};
use crate::error::{Error, Result};
use crate::lua::module::open_with;
use crate::lua::results::values;

thread_local! {
    /// Has one more owner for each value that is alive.
    static ALIVE: Rc<()> = Rc::default();
}

/// A result that owns a value. Pushing it may raise.
fn owned(raises: bool) -> impl Results {
    let alive = ALIVE.with(Rc::clone);
    values(move |stack| {
        assert!(Rc::strong_count(&alive) > 1);
        if raises {
            stack.raise_message(b"raised while pushing");
        }
        stack.push_integer(42);
        1
    })
}

fn panics(_: Context) -> Result<()> {
    let _alive = owned(false);
    panic!("as {} as can be", "bad")
}

fn raises(_: Context) -> Result<impl Results> {
    Ok(owned(true))
}

fn owns(_: Context) -> Result<impl Results> {
    Ok(owned(false))
}

fn refuses(_: Context, _: i32) -> Result<()> {
    let _alive = owned(false);
    Err(Error::misuse(1, "not this one"))
}

static FUNCTIONS: &[NativeFunction] =
    &[function("panics", panics), function("raises", raises), function("owns", owns), function("refuses", refuses)];

/// Runs Lua with the functions above in `f`, and checks that all values were dropped.
fn run(code: &str) -> String {
    let lua = mlua::Lua::new();
    lua.globals().set("f", open_with(&lua, FUNCTIONS).unwrap()).unwrap();
    let result = lua.load(code).eval::<String>().unwrap();
    assert_eq!(ALIVE.with(Rc::strong_count), 1, "{code}");
    result
}

#[test]
#[cfg_attr(miri, ignore = "calls Lua")]
fn a_panic_becomes_a_lua_error() {
    let caught = run("local ok, message = pcall(f.panics) return tostring(ok) .. ' ' .. message");
    assert!(caught.starts_with("false "), "{caught}");
    assert!(caught.ends_with("panic: as bad as can be"), "{caught}");
}

#[test]
#[cfg_attr(miri, ignore = "calls Lua")]
fn the_state_works_after_a_panic() {
    assert_eq!(run("for _ = 1, 100 do pcall(f.panics) end return f.owns() == 42 and 'fine' or 'broken'"), "fine");
}

#[test]
#[cfg_attr(miri, ignore = "calls Lua")]
fn an_error_during_push_drops_the_results() {
    let caught = run("local message for _ = 1, 100 do message = select(2, pcall(f.raises)) end return message");
    assert!(caught.ends_with("raised while pushing"), "{caught}");
}

#[test]
#[cfg_attr(miri, ignore = "calls Lua")]
fn misuse_is_raised_after_the_function_returned() {
    let caught = run("return select(2, pcall(f.refuses, 1))");
    assert!(caught.ends_with("bad argument #1 to 'refuses' (not this one)"), "{caught}");
}

#[test]
#[cfg_attr(miri, ignore = "calls Lua")]
fn owning_results_are_pushed_inside_a_coroutine() {
    assert_eq!(run("return coroutine.wrap(function() return f.owns() == 42 and 'fine' or 'broken' end)()"), "fine");
}

#[test]
#[cfg_attr(miri, ignore = "calls Lua")]
fn an_error_passes_through_a_coroutine() {
    let caught =
        run("local co = coroutine.create(function() return f.raises() end) return select(2, coroutine.resume(co))");
    assert!(caught.ends_with("raised while pushing"), "{caught}");
}
