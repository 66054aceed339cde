//! Runs the server of `examples/cores.rs`.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

#[path = "../examples/cores.rs"]
mod cores;

#[test]
fn states_share_a_port_and_its_connections() {
    let server = cores::Server::start(0, 3);
    let mut clients: Vec<_> = (0..60).map(|_| TcpStream::connect(("127.0.0.1", server.port)).unwrap()).collect();
    for (n, client) in clients.iter_mut().enumerate() {
        client.write_all(format!("line {n}\n").as_bytes()).unwrap();
    }
    for (n, client) in clients.iter().enumerate() {
        let mut line = String::new();
        BufReader::new(client).read_line(&mut line).unwrap();
        assert_eq!(line, format!("line {n}\n"));
    }
    let served = server.stop().unwrap();
    assert_eq!(served.iter().sum::<u64>(), 60);
    // The system spreads them by a hash of the addresses.
    assert!(served.iter().filter(|&&count| count > 0).count() > 1, "{served:?}");
}
