//! ioctl requests.

use super::Socket;
use crate::error::{Error, Result};
use crate::lua::Context;
use crate::sys;

/// `socket:ioctl(control, option)`: the option is a number, or a sequence where the control takes several.
pub(super) fn ioctl(_: Context, socket: &Socket, control: u32, option: &[u32]) -> Result<u32> {
    let known = sys::CONTROLS.iter().find(|(known, _)| *known == control);
    let (_, count) = known.ok_or_else(|| Error::misuse(2, "invalid ioctl command"))?;
    if option.len() != *count {
        return Err(Error::misuse(3, format!("{count} numbers expected, got {}", option.len())));
    }
    Ok(sys::ioctl(socket.open_fd()?, control, option)?)
}
