//! `max_tasks`.

use bsdsocket::Builder;

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
