//! Ports for servers that cannot choose one themselves.

use std::hash::{BuildHasher, RandomState};
use std::net::TcpListener;

/// Below those that the system gives to whoever asks for any, which somebody else may get between
/// this and the start of the server.
const FIRST: u16 = 20_000;
const COUNT: u64 = 10_000;

pub fn unclaimed_port() -> u16 {
    loop {
        let random = RandomState::new().hash_one(()) % COUNT;
        let port = FIRST + u16::try_from(random).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
