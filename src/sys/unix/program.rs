//! Programs that run beside this one, each in a process group of its own.

use std::ffi::OsStr;
use std::io::{PipeReader, Read, pipe};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::*;

/// A program. Its process group is killed when it is dropped, or when this process ends.
pub(crate) struct Process {
    child: Child,
    watcher: Child,
    output: PipeReader,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts the program of a command, whose words are given, found in `PATH`, without input; each variable is `NAME=value`. Both its outputs go into one pipe, which does not block here.
    pub(crate) fn start(words: &[&[u8]], directory: Option<&[u8]>, variables: &[&[u8]]) -> Result<Self, Errno> {
        let Some((program, arguments)) = words.split_first() else { return Err(Errno::INVALID) };
        let mut command = Command::new(OsStr::from_bytes(program));
        command.args(arguments.iter().map(|word| OsStr::from_bytes(word)));
        for variable in variables {
            let at = variable.iter().position(|&byte| byte == b'=').ok_or(Errno::INVALID)?;
            command.env(OsStr::from_bytes(&variable[..at]), OsStr::from_bytes(&variable[at + 1..]));
        }
        if let Some(directory) = directory {
            command.current_dir(OsStr::from_bytes(directory));
        }
        let (output, input) = pipe()?;
        set_nonblocking(output.as_raw_fd(), true)?;
        command.stdin(Stdio::null()).stdout(input.try_clone()?).stderr(input).process_group(0);
        let mut child = command.spawn()?;
        let watcher = watch(child.id()).inspect_err(|_| {
            kill_group(child.id(), libc::SIGKILL);
            let _ = child.wait();
        })?;
        Ok(Process { child, watcher, output, ended: None })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The descriptor of its output.
    pub(crate) fn output(&self) -> Descriptor {
        self.output.as_raw_fd()
    }

    /// Reads what it has written; nothing at its end.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize, Errno> {
        Ok(self.output.read(out)?)
    }

    /// How it ended; `None` while it runs. What it left in its group is killed at once.
    pub(crate) fn poll(&mut self) -> Result<Option<ExitStatus>, Errno> {
        if self.ended.is_none()
            && let Some(status) = self.child.try_wait()?
        {
            kill_group(self.id(), libc::SIGKILL);
            let _ = self.watcher.wait();
            self.ended = Some(status);
        }
        Ok(self.ended)
    }

    /// Sends a signal to its process group; false when it has ended.
    pub(crate) fn signal(&mut self, number: i32) -> Result<bool, Errno> {
        if self.poll()?.is_some() {
            return Ok(false);
        }
        kill_group(self.id(), number);
        Ok(true)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(None) = self.poll() {
            kill_group(self.id(), libc::SIGKILL);
            // It is not waited for longer than it takes to die.
            let _ = (self.child.wait(), self.watcher.wait());
        }
    }
}

/// kill(2) of a process group.
fn kill_group(id: u32, signal: i32) {
    // SAFETY: plain call.
    unsafe { libc::kill(-(id as libc::pid_t), signal) };
}

/// Starts a shell in a process group, which kills the group as soon as its input ends: when this process closes it, or
/// ends in whatever way. As long as the shell is not waited for, the number of the group cannot be another's.
fn watch(group: u32) -> std::io::Result<Child> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "trap '' HUP INT QUIT TERM; read -r line; kill -s KILL 0"]).current_dir("/");
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(group as i32).spawn()
}
