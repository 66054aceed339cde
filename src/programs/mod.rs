//! The programs that tests start: for `bsdsocket.test` only, whose Lua code gets these functions and gives them to nobody.

use std::cell::RefCell;
use std::os::unix::process::ExitStatusExt;

use crate::error::{Error, Result};
use crate::lua::{Context, NativeFunction, Results, function, method, new_program, no_values};
use crate::memory;
use crate::sys::{self, Bytes, Descriptor, Errno, IoSlice};

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

/// A program; nothing once it is closed.
pub(crate) struct Program(RefCell<Option<sys::Process>>);

impl Program {
    pub(crate) fn closed() -> Self {
        Program(RefCell::new(None))
    }

    fn open<T>(&self, act: impl FnOnce(&mut sys::Process) -> std::result::Result<T, Errno>) -> Result<T> {
        match &mut *self.0.borrow_mut() {
            Some(program) => Ok(act(program)?),
            None => Err(Error::named(Errno::BAD_DESCRIPTOR, "the program is closed")),
        }
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
    let program = sys::Process::start(&borrow(&words)?, directory, &borrow(&variables)?)?;
    Ok(new_program(Program(RefCell::new(Some(program)))))
}

/// What it has written, nothing at its end.
fn read(_: Context, program: &Program) -> Result<Vec<u8>> {
    let mut bytes = memory::zeros(CHUNK)?;
    let count = program.open(|program| program.read(&mut bytes))?;
    bytes.truncate(count);
    Ok(bytes)
}

/// How it ended, and with what; nothing while it runs.
fn poll(_: Context, program: &Program) -> Result<Option<(&'static str, i32)>> {
    Ok(program.open(sys::Process::poll)?.map(|ended| match ended.signal() {
        Some(number) => ("signal", number),
        None => ("exit", ended.code().unwrap_or_default()),
    }))
}

/// Sends a signal to its process group; false when it has ended.
fn signal(_: Context, program: &Program, number: i32) -> Result<bool> {
    program.open(|program| program.signal(number))
}

/// Kills its process group.
fn close(_: Context, program: &Program) -> Result<()> {
    program.0.take();
    Ok(())
}

/// The end of a program that nobody refers to any more.
fn collect(_: Context, program: &Program) -> Result<impl Results> {
    program.0.take();
    Ok(no_values())
}

fn id(_: Context, program: &Program) -> Result<u32> {
    program.open(|program| Ok(program.id()))
}

/// The descriptor of its output.
fn fileno(_: Context, program: &Program) -> Result<Descriptor> {
    program.open(|program| Ok(program.output()))
}
