//! What `socket.dns` returns.

use super::{Results, sequence, values};
use crate::sys::{self, Host};

/// A table of the names and IPv4 addresses of a host.
pub(crate) fn host(host: Host) -> impl Results {
    let addresses = host.addresses.iter().filter_map(|packed| sys::ntop(host.family, packed)).collect::<Vec<_>>();
    let (mut name, mut aliases, mut addresses) = (host.name, sequence(host.aliases), sequence(addresses));
    values(move |stack| {
        stack.push_table(0, 3);
        for (field, value) in [("name", &mut name as &mut dyn Results), ("alias", &mut aliases), ("ip", &mut addresses)]
        {
            value.push(stack);
            stack.set_field(-2, field);
        }
        1
    })
}

/// A sequence of tables of a family's name and a numeric address.
pub(crate) fn addresses(found: Vec<(&'static str, Vec<u8>)>) -> impl Results {
    values(move |stack| {
        stack.push_table(found.len(), 0);
        for (n, (family, host)) in found.iter().enumerate() {
            stack.push_table(0, 2);
            stack.push_bytes(family.as_bytes());
            stack.set_field(-2, "family");
            stack.push_bytes(host);
            stack.set_field(-2, "addr");
            stack.set_item(-2, n + 1);
        }
        1
    })
}
