//! WeChat's API on a desk: `cargo run --example wechat_api [PORT] [KIND]`.
#![expect(clippy::print_stdout, reason = "it talks to the developer who runs it")]

#[allow(dead_code, reason = "tests use more of it")]
mod server;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;

use server::{APP_ID, APP_SECRET, Kind, WechatApiServer};

const DEFAULT_PORT: u16 = 8090;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let port = arguments
        .next()
        .map_or(Ok(DEFAULT_PORT), |port| port.parse());
    let kind = arguments.next();
    let kind = kind.map_or(Some(Kind::VerifiedService), |kind| Kind::named(&kind));
    let (Ok(port), Some(kind)) = (port, kind) else {
        println!("usage: cargo run --example wechat_api [PORT] [KIND]");
        println!(
            "KIND is one of {}",
            Kind::ALL.map(|(name, _)| name).join(", ")
        );
        return ExitCode::from(2);
    };
    let server = match WechatApiServer::listen(SocketAddr::from(([127, 0, 0, 1], port))) {
        Ok(server) => server,
        Err(error) => {
            println!("cannot listen on 127.0.0.1:{port}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let account = server.account(APP_ID);
    account.set_kind(kind);
    account.take_anyone();
    server.on_message(|openid, message| println!("to {openid}: {message}"));
    println!("WeChat's API is played on {}", server.url());
    println!(
        "wxreply: --api {} --app-id {APP_ID} --app-secret {APP_SECRET}",
        server.url()
    );
    println!(
        "{}/_/ says how to set its clock, its followers and its faults",
        server.url()
    );
    loop {
        thread::park();
    }
}
