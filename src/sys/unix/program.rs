//! Programs that run beside this one, each in a process group of its own.

use std::ffi::OsStr;
use std::io::{PipeReader, Read, pipe};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::*;

/// A program. Dropping it kills its process group.
pub(crate) struct Process {
    child: Child,
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
        end_with_parent(&mut command);
        let child = command.spawn()?;
        Ok(Process { child, output, ended: None })
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

    /// How it ended; `None` while it runs. What it left in its group is killed at once, while the number of the group
    /// cannot be another's.
    pub(crate) fn poll(&mut self) -> Result<Option<ExitStatus>, Errno> {
        if self.ended.is_none()
            && let Some(status) = self.child.try_wait()?
        {
            kill_group(self.id(), libc::SIGKILL);
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
            let _ = self.child.wait();
        }
    }
}

/// kill(2) of a process group.
fn kill_group(id: u32, signal: i32) {
    // SAFETY: plain call.
    unsafe { libc::kill(-(id as libc::pid_t), signal) };
}

/// Has the kernel end the program when the thread ends that starts it, in whatever way.
#[cfg(linux_like)]
fn end_with_parent(command: &mut Command) {
    let parent = std::process::id() as libc::pid_t;
    let request = move || {
        // SAFETY: plain calls.
        let (set, own) = unsafe { (libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL), libc::getppid()) };
        // The parent may have ended before.
        if set == 0 && own == parent { Ok(()) } else { Err(std::io::Error::from_raw_os_error(libc::ESRCH)) }
    };
    // SAFETY: between fork(2) and exec(2) it makes two system calls, and allocates nothing.
    unsafe { command.pre_exec(request) };
}

/// Other systems have no such request.
#[cfg(not(linux_like))]
fn end_with_parent(_: &mut Command) {}
