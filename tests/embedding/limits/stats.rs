//! `counters`, `stats` and `sockets`.

use std::time::Duration;

use bsdsocket::{Builder, Switch, sockets, stats};

use super::{alone, open, run};

#[test]
fn the_host_learns_what_sockets_have_done() {
    let _alone = alone();
    let lua = open(Builder::new().counters().max_sockets(3));
    run(
        &lua,
        r#"
        one, two = assert(socket.socketpair())
        assert(one:sendall("hello") and two:recv(3) == "hel")
        third = assert(socket.socket())
        fails("EMFILE", socket.socket())
        third:close()
        two:settimeout(0.01)
        two:recv(2)
        fails("timeout", two:recv(1))
        stream = one:makefile("w")
        stream:write("abc")
        tasks.spawn(tasks.sleep, 10)
        "#,
    );
    let told = stats(&lua).unwrap();
    assert_eq!((told.sockets, told.made, told.refused, told.tasks), (2, 3, 1, 1));
    assert_eq!((told.sent, told.sends, told.received, told.receives), (5, 1, 5, 2));
    assert!(told.waits == 1 && told.waited >= Duration::from_millis(9), "{told:?}");
    assert!(told.buffered >= 3, "{told:?}");

    let other = open(Builder::new());
    run(&other, "one, two = assert(socket.socketpair()) one:send('x')");
    let told = stats(&other).unwrap();
    assert_eq!((told.sockets, told.made, told.sent), (2, 2, 0));
}

#[test]
fn the_host_has_a_list_of_sockets() {
    let _alone = alone();
    let lua = open(Builder::new().counters());
    run(
        &lua,
        r#"
        listener = assert(socket.create_server { "127.0.0.1", 0 })
        client = assert(socket.create_connection(listener:getsockname()))
        connection = assert(listener:accept())
        assert(client:sendall("hello") and connection:recv(3) == "hel")
        tasks.spawn(function() return connection:recv(2), client:recv(1) end)
        tasks.spawn(tasks.wait, client, "r")
        for _ = 1, 3 do tasks.step(0) end
        -- Closed, with a stream over it; and given up.
        stream = connection:makefile("w")
        stream:write("x")
        assert(stream:flush())
        one, two = assert(socket.socketpair())
        two:close()
        ports = { listener:getsockname().port, client:getsockname().port }
        one:makefile("w"):close()
        kept = one:makefile()
        one:close()
        unbound = assert(socket.socket())
        "#,
    );
    let ports: [u16; 2] = lua.globals().get("ports").unwrap();
    let mut list = sockets(&lua).unwrap();
    let count = |told: usize| assert_eq!(told, list.len());
    count(stats(&lua).unwrap().sockets);
    count(5);
    let end = |address: &Option<String>, port: u16| *address == Some(format!("127.0.0.1:{port}"));
    let mut take = |found: &dyn Fn(&bsdsocket::SocketStats) -> bool| {
        let place = list.iter().position(found).expect("a socket");
        list.swap_remove(place)
    };
    let listener = take(&|s| end(&s.local, ports[0]) && s.peer.is_none());
    assert_eq!((listener.sent, listener.received, listener.waiting), (0, 0, 0));
    let connection = take(&|s| end(&s.local, ports[0]) && end(&s.peer, ports[1]));
    assert_eq!((connection.sent, connection.received, connection.waiting), (1, 5, 0));
    let client = take(&|s| end(&s.local, ports[1]) && end(&s.peer, ports[0]));
    assert_eq!((client.sent, client.received, client.waiting), (5, 0, 2));
    assert_eq!((client.family, client.kind), (2, 1));
    assert!(client.age.unwrap() < Duration::from_secs(10) && client.age <= listener.age);
    let unbound = take(&|s| s.family == 2 && s.peer.is_none());
    assert_eq!(unbound.received, 0);
    assert_eq!(take(&|s| s.family == 1).waiting, 0);
}

#[test]
fn a_state_that_counts_nothing_has_a_list_of_sockets_too() {
    let _alone = alone();
    let lua = open(Builder::new());
    run(&lua, "one, two = assert(socket.socketpair()) assert(one:send('x') and not socket.stats)");
    let list = sockets(&lua).unwrap();
    assert_eq!(list.len(), 2);
    assert!(list.iter().all(|socket| socket.age.is_none() && (socket.sent, socket.received) == (0, 0)));
}

#[test]
fn a_new_socket_has_nothing_of_a_closed_one() {
    let _alone = alone();
    let switch = Switch::new();
    let lua = open(Builder::new().counters().switch(&switch));
    for code in [
        "one:close() two:close()",
        "one, two = nil, nil collectgarbage() collectgarbage()",
        "one:detach() two:detach()",
        "close_all() repeat socket.htons(1) until one:fileno() < 0",
    ] {
        let ending = switch.clone();
        super::define(&lua, "close_all", move || ending.close_all());
        run(&lua, "one, two = assert(socket.socketpair()) assert(one:sendall('hello') and two:recv(5))");
        assert!(sockets(&lua).unwrap().iter().all(|socket| socket.sent + socket.received == 5));
        run(&lua, code);
        assert_eq!(sockets(&lua).unwrap(), []);
    }
}

#[test]
fn scripts_see_what_is_counted_where_the_host_allows_it() {
    let _alone = alone();
    let switch = Switch::new();
    let lua = open(Builder::new().with_stats().switch(&switch));
    run(
        &lua,
        r#"
        one, two = assert(socket.socketpair())
        assert(one:sendall("hello") and two:recv(3) == "hel")
        waiting = tasks.spawn(function() return one:recv(1) end)
        tasks.step(0)
        local listener = assert(socket.create_server { "127.0.0.1", 0 })
        local told = assert(socket.stats())
        assert(#told.sockets == 3 and told.made == 3 and told.refused == 0)
        assert(told.sent == 5 and told.sends == 1 and told.received == 3 and told.receives == 1)
        assert(told.waits == 0 and told.waited == 0 and told.buffered == 0 and told.tasks == 1)
        local found = {}
        for _, entry in ipairs(told.sockets) do
            assert(entry.age >= 0 and entry.proto == 0)
            if entry.sent > 0 then
                assert(entry.sent == 5 and entry.tasks[1] == waiting and #entry.tasks == 1)
                found.one = true
            elseif entry.received > 0 then
                assert(entry.received == 3 and #entry.tasks == 0)
                found.two = true
            else
                assert(entry.laddr.host == "127.0.0.1" and entry.laddr.port == listener:getsockname().port)
                assert(entry.family == socket.AF_INET and entry.type == socket.SOCK_STREAM and not entry.raddr)
                found.listener = true
            end
        end
        assert(found.one and found.two and found.listener)
        "#,
    );
    switch.cancel();
    run(&lua, "assert(#assert(socket.stats()).sockets == 2 or #socket.stats().sockets == 3)");
    assert!(stats(&lua).is_ok() && sockets(&lua).is_ok());
}
