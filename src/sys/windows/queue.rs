//! A readiness queue of the kernel, as epoll and kqueue are: Windows has none.

use std::time::Duration;

use super::*;

/// Cannot be made.
pub(crate) enum Queue {}

impl Queue {
    /// What a selector over it is called.
    pub(crate) const NAME: &str = "";

    pub(crate) fn new() -> Result<Self, Errno> {
        Err(Errno::NOT_SUPPORTED)
    }

    pub(crate) fn add(&mut self, _: Descriptor, _: Ready, _: usize) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn change(&mut self, _: Descriptor, _: Ready, _: usize) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn remove(&mut self, _: Descriptor) {
        match *self {}
    }

    pub(crate) fn wait(&mut self, _: Option<Duration>) -> Result<usize, Errno> {
        match *self {}
    }

    pub(crate) fn event(&self, _: usize) -> (usize, Ready) {
        match *self {}
    }

    pub(crate) fn renew(&mut self, _: impl Iterator<Item = (Descriptor, Ready, usize)>) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn fd(&self) -> Descriptor {
        match *self {}
    }

    pub(crate) fn add_alarm(&mut self) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn has_alarm(&self) -> bool {
        match *self {}
    }

    pub(crate) fn set_alarm(&self, _: Option<Duration>) {
        match *self {}
    }

    pub(crate) fn ring(&self) {
        match *self {}
    }
}
