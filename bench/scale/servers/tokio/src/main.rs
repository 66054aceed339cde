//! An echo server with tokio, on one thread.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn main() -> std::io::Result<()> {
    let size = std::env::var("BUFFER").ok().and_then(|size| size.parse().ok()).unwrap_or(4096);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        loop {
            let (mut connection, _) = listener.accept().await?;
            tokio::spawn(async move {
                let mut data = vec![0; size];
                while let Ok(count @ 1..) = connection.read(&mut data).await {
                    if connection.write_all(&data[..count]).await.is_err() {
                        break;
                    }
                }
            });
        }
    })
}
