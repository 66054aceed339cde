//! `max_tasks`.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use bsdsocket::{Builder, stats};

use super::{alone, open, run};

#[test]
fn no_script_has_more_tasks_than_allowed() {
    let _alone = alone();
    let lua = open(Builder::new().max_tasks(3));
    run(
        &lua,
        r#"
        local one, two = assert(socket.socketpair())
        local first = assert(tasks.spawn(one.recv, one, 1))
        assert(tasks.spawn(tasks.sleep, 60))
        local third = assert(tasks.spawn(function()
            local _, message, code = tasks.spawn(print)
            inner = code
            tasks.group(function(group) ingroup = select(3, group:spawn(print)) end)
            return tasks.sleep(60)
        end))
        assert(fails("EAGAIN", tasks.spawn(print)) == "spawn: more tasks than the host allows")
        fails("EAGAIN", tasks.run(print))
        assert(select(2, pcall(tasks.spawn, print)) == nil)
        coroutine.wrap(function() fails("EAGAIN", tasks.spawn(print)) end)()
        local finalized
        finalize(function() finalized = select(3, tasks.spawn(print)) end)
        collectgarbage()
        assert(finalized == "EAGAIN")
        tasks.step(0)
        assert(inner == "EAGAIN" and ingroup == "EAGAIN" and #tasks.all() == 3)
        -- A task that has ended makes room for another.
        first:cancel()
        tasks.step(0)
        assert(first.status == "cancelled" and tasks.spawn(print))
        fails("EAGAIN", tasks.spawn(print))
        third:cancel()
        tasks.step(0)
        tasks.step(0)
        assert(tasks.run(function() return "ran" end) == "ran")
        "#,
    );
    run(&open(Builder::new().max_tasks(0)), "fails('EAGAIN', tasks.spawn(print)) fails('EAGAIN', tasks.run(print))");
}

/// A peer that never stops sending, so that a read in a task need not wait.
#[test]
fn a_task_that_reads_without_end_takes_no_longer_than_the_host_gives() {
    let _alone = alone();
    let lua = open(Builder::new().counters());
    let (mut peer, other) = UnixStream::pair().unwrap();
    lua.globals().set("s", bsdsocket::give(&lua, other).unwrap()).unwrap();
    let sending = thread::spawn(move || while peer.write_all(&[0; 1 << 16]).is_ok() {});
    run(&lua, "tasks.spawn(function() return s:makefile():read('a') end)");
    // On LuaJIT it is known only once a task has waited that it can.
    bsdsocket::tasks::poll(&lua, Duration::ZERO).unwrap();
    for _ in 0..20 {
        let before = stats(&lua).unwrap().receives;
        bsdsocket::tasks::poll(&lua, Duration::ZERO).unwrap();
        assert!(stats(&lua).unwrap().receives - before <= 8);
        // The peer fills the buffer of the socket again.
        thread::sleep(Duration::from_millis(1));
    }
    drop(lua);
    sending.join().unwrap();
}
