//! A host with tokio's loop: tasks of a Lua script serve clients beside the futures of the host, in one thread.
//! `cargo run --example tokio`

#[cfg(unix)]
mod unix {
    use std::io::Error;
    use std::time::Duration;

    use mlua::Lua;
    use tokio::io::unix::AsyncFd;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
    use tokio::net::TcpStream;

    /// Sends back what so many clients send.
    const SCRIPT: &str = r#"
        local socket = require "bsdsocket"
        local tasks = require "bsdsocket.tasks"
        local clients = ...
        local listener = assert(socket.create_server { "127.0.0.1", 0 })
        tasks.spawn(function()
            for _ = 1, clients do
                local connection = assert(listener:accept())
                tasks.spawn(function()
                    local data = connection:recv(4096)
                    while data and data ~= "" do
                        tasks.sleep(0.01)
                        connection:sendall(data)
                        data = connection:recv(4096)
                    end
                    connection:close()
                end)
            end
        end)
        return listener:getsockname().port
    "#;

    const CLIENTS: usize = 100;

    /// The longest time that the tasks may run before the host's futures have their turn.
    const BUDGET: Duration = Duration::from_millis(2);

    /// Lets the tasks of a Lua state run whenever they can, until none is left.
    async fn drive(lua: &Lua) -> mlua::Result<()> {
        let fd = bsdsocket::tasks::as_fd(lua)?;
        // SAFETY: the Lua state has the descriptor open for longer.
        let ready = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }.map_err(Error::from)?;
        while bsdsocket::tasks::poll(lua, BUDGET)? > 0 {
            ready.readable().await?.clear_ready();
        }
        Ok(())
    }

    /// A client: what comes back for its questions.
    async fn ask(port: u16, name: usize) -> Result<String, Error> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let mut answers = String::new();
        for n in 1..=3 {
            let question = format!("question {n} of {name}\n");
            stream.write_all(question.as_bytes()).await?;
            let mut answer = vec![0; question.len()];
            stream.read_exact(&mut answer).await?;
            answers.push_str(&String::from_utf8_lossy(&answer));
        }
        Ok(answers)
    }

    /// Serves the clients and tells how many answers they got.
    async fn run() -> mlua::Result<usize> {
        let lua = Lua::new();
        bsdsocket::preload(&lua)?;
        let port = lua.load(SCRIPT).call(CLIENTS)?;
        let clients = (1..=CLIENTS).map(|name| tokio::spawn(ask(port, name))).collect::<Vec<_>>();
        drive(&lua).await?;
        let mut count = 0;
        for client in clients {
            count += client.await.map_err(mlua::Error::external)??.lines().count();
        }
        Ok(count)
    }

    pub(crate) fn main() -> mlua::Result<()> {
        let count = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())?;
        println!("{count} answers");
        assert_eq!(count, 3 * CLIENTS);
        Ok(())
    }
}

#[cfg(unix)]
pub(crate) use unix::main;

#[cfg(not(unix))]
fn main() {
    println!("this system has no descriptor to watch");
}
