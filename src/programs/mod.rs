//! The programs that tests start: for `bsdsocket.test` only, whose Lua code gets these functions and gives them to nobody.

use std::cell::RefCell;
use std::os::unix::process::ExitStatusExt;

use crate::error::{Error, Result};
use crate::lua::{Context, NativeFunction, Results, function, method, new_program, no_values};
use crate::memory;
use crate::sys::{Bytes, Descriptor, Errno, IoSlice, Process};

/// The most bytes that are read at once.
const CHUNK: usize = 65536;

/// The functions.
pub(crate) static INDEX: &[NativeFunction] = &[
    function("start", start),
    function("read", read),
    function("poll", poll),
    function("signal", signal),
    function("close", close),
    function("id", id),
    function("fileno", fileno),
];

/// The metamethods of a program.
pub(crate) static METAMETHODS: &[NativeFunction] = &[method("__gc", collect)];

/// Does something with the process of a program that is not closed.
fn open<T>(
    program: &RefCell<Option<Process>>,
    act: impl FnOnce(&mut Process) -> std::result::Result<T, Errno>,
) -> Result<T> {
    match &mut *program.borrow_mut() {
        Some(process) => Ok(act(process)?),
        None => Err(Error::named(Errno::BAD_DESCRIPTOR, "the program is closed")),
    }
}

/// Copies words, each with an end, which points to them.
fn copy(words: &[IoSlice<Bytes>]) -> Result<Vec<Vec<u8>>> {
    let mut copies = memory::with_room(words.len())?;
    for word in words {
        let mut copy = Vec::new();
        word.bytes().append_to(&mut copy)?;
        copies.push(copy);
    }
    Ok(copies)
}

fn borrow(words: &[Vec<u8>]) -> Result<Vec<&[u8]>> {
    let mut list = memory::with_room(words.len())?;
    list.extend(words.iter().map(Vec::as_slice));
    Ok(list)
}

/// Refuses programs from now on: a host has limited what scripts may do.
pub(crate) fn refuse(context: Context) -> Result<()> {
    context.caller.shared().starts_programs.set(false);
    Ok(())
}

/// Starts a program: its words, the directory to start in, and variables, each `NAME=value`.
fn start(
    context: Context,
    words: &[IoSlice<Bytes>],
    directory: Option<&[u8]>,
    variables: Option<&[IoSlice<Bytes>]>,
) -> Result<impl Results> {
    if !context.caller.shared().starts_programs.get() {
        return Err(Error::named(Errno::NOT_SUPPORTED, "the host allows no programs"));
    }
    let words = copy(words)?;
    let variables = variables.map_or_else(|| Ok(Vec::new()), copy)?;
    let program = Process::start(&borrow(&words)?, directory, &borrow(&variables)?)?;
    Ok(new_program(program))
}

/// What it has written, nothing at its end.
fn read(_: Context, program: &RefCell<Option<Process>>) -> Result<Vec<u8>> {
    let mut bytes = memory::zeros(CHUNK)?;
    let count = open(program, |program| program.read(&mut bytes))?;
    bytes.truncate(count);
    Ok(bytes)
}

/// How it ended, and with what; nothing while it runs.
fn poll(_: Context, program: &RefCell<Option<Process>>) -> Result<Option<(&'static str, i32)>> {
    Ok(open(program, Process::poll)?.map(|ended| match ended.signal() {
        Some(number) => ("signal", number),
        None => ("exit", ended.code().unwrap_or_default()),
    }))
}

/// Sends a signal to its process group; false when it has ended.
fn signal(_: Context, program: &RefCell<Option<Process>>, number: i32) -> Result<bool> {
    open(program, |program| program.signal(number))
}

/// Kills its process group.
fn close(_: Context, program: &RefCell<Option<Process>>) -> Result<()> {
    program.take();
    Ok(())
}

/// The end of a program that nobody refers to any more.
fn collect(_: Context, program: &RefCell<Option<Process>>) -> Result<impl Results> {
    program.take();
    Ok(no_values())
}

fn id(_: Context, program: &RefCell<Option<Process>>) -> Result<u32> {
    open(program, |program| Ok(program.id()))
}

/// The descriptor of its output.
fn fileno(_: Context, program: &RefCell<Option<Process>>) -> Result<Descriptor> {
    open(program, |program| Ok(program.output()))
}
