//! Runs a Lua script with the module preloaded, with the Lua that is compiled in:
//! `cargo run --example host -- SCRIPT [ARGUMENT …]`.

use std::process::ExitCode;

use mlua::{Lua, Result, Table};

fn run(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let lua = Lua::new();
    bsdsocket::preload(&lua)?;

    let script = arguments.next().ok_or_else(|| mlua::Error::runtime("usage: host SCRIPT [ARGUMENT …]"))?;
    let arg: Table = lua.create_sequence_from(arguments)?;
    arg.set(0, script.as_str())?;
    lua.globals().set("arg", arg)?;
    lua.load(std::path::Path::new(&script)).exec()
}

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("host: {error}");
            ExitCode::FAILURE
        }
    }
}
