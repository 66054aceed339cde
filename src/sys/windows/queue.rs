//! A readiness queue of the kernel, as epoll and kqueue are: Windows has none.

use std::time::Duration;

use super::*;
use crate::sys::{Ready, Token};

/// Cannot be made.
pub(crate) enum Queue {}

impl Queue {
    /// What a selector over it is called.
    pub(crate) const NAME: &str = "";

    pub(crate) fn new() -> Result<Self, Errno> {
        Err(Errno::NOT_SUPPORTED)
    }

    pub(crate) fn add(&mut self, _: Descriptor, _: Ready, _: Token) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn change(&mut self, _: Descriptor, _: Ready, _: Token) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn remove(&mut self, _: Descriptor) {
        match *self {}
    }

    pub(crate) fn wait(&mut self, _: Option<Duration>) -> Result<usize, Errno> {
        match *self {}
    }

    pub(crate) fn event(&self, _: usize) -> (Token, Ready) {
        match *self {}
    }

    pub(crate) fn renew(&mut self, _: impl Iterator<Item = (Descriptor, Ready, Token)>) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn fd(&self) -> Descriptor {
        match *self {}
    }
}

/// What makes a queue ready at a time, or at once.
pub(crate) enum Alarm {}

impl Alarm {
    pub(crate) fn new(queue: &mut Queue) -> Result<Self, Errno> {
        match *queue {}
    }

    pub(crate) fn set(&self, _: Option<Duration>) {
        match *self {}
    }

    pub(crate) fn ring(&self) {
        match *self {}
    }
}
