//! What the sockets of a Lua state have done, as tables.

use std::time::Instant;

use super::table::{sequence, set};
use super::{Results, task, values};
use crate::lua::caller::Caller;
use crate::sys::{self, Address, Errno};
use crate::text::Text;

fn describe(address: &Address) -> Text {
    let mut text = Text::new();
    address.describe(&mut text);
    text
}

/// The open sockets of the Lua state, as scripts see them or as a host does: then addresses are text, and of the tasks
/// there is only the number.
pub(crate) fn sockets(caller: Caller, for_host: bool) -> crate::error::Result<impl Results> {
    let open_objects = &caller.shared().open_objects;
    let mut entries = crate::memory::with_room(open_objects.count_sockets())?;
    open_objects.each_socket(|socket| {
        let (fd, family, kind, proto) = (socket.lent_fd(), socket.family(), socket.kind(), socket.proto());
        let known = |address: Result<Address, Errno>| {
            let address = address.ok()?.of(proto);
            address.layout().is_some().then_some(address)
        };
        let addresses = [("laddr", known(sys::getsockname(fd))), ("raddr", known(sys::getpeername(fd)))];
        let record = open_objects.record(socket);
        // The tasks that wait for it, by place.
        let waiting = open_objects.scheduler.waiting_for(fd)?;
        entries.push(values(move |stack| {
            stack.push_table(0, 9);
            set(stack, "family", family);
            set(stack, "type", kind);
            set(stack, "proto", proto);
            for (name, address) in addresses {
                if for_host {
                    set(stack, name, address.map(|address| describe(&address)));
                } else {
                    set(stack, name, address);
                }
            }
            if let Some(record) = record {
                set(stack, "received", record.received);
                set(stack, "sent", record.sent);
                set(stack, "age", Instant::now().saturating_duration_since(record.since).as_secs_f64());
            }
            if for_host {
                set(stack, "waiting", waiting.len());
            } else {
                stack.push_table(waiting.len(), 0);
                for (n, place) in waiting.iter().enumerate() {
                    task::object(*place).push(stack);
                    stack.set_item(-2, n + 1);
                }
                stack.set_field(-2, "tasks");
            }
            1
        }));
        Ok(())
    })?;
    Ok(sequence(entries))
}

/// `socket.stats()`.
pub(crate) fn stats(caller: Caller) -> crate::error::Result<impl Results> {
    let counted = caller.shared().stats();
    let mut sockets = sockets(caller, false)?;
    Ok(values(move |stack| {
        stack.push_table(0, 12);
        sockets.push(stack);
        stack.set_field(-2, "sockets");
        set(stack, "made", counted.made);
        set(stack, "refused", counted.refused);
        set(stack, "received", counted.received);
        set(stack, "receives", counted.receives);
        set(stack, "sent", counted.sent);
        set(stack, "sends", counted.sends);
        set(stack, "waits", counted.waits);
        set(stack, "waited", counted.waited.as_secs_f64());
        set(stack, "buffered", counted.buffered);
        set(stack, "tasks", counted.tasks);
        1
    }))
}
