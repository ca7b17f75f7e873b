//! A server that behaves as WeChat's documentation says of its API, for tests and for a desk
//! without an account. What the documentation leaves open is decided against the caller.
#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod account;
mod call;
mod content;
mod control;
mod customer;
mod faults;
mod followers;
mod interfaces;
mod material;
mod menu;
mod multipart;
mod picture;
mod qr_code;
mod state;
mod tokens;
mod transport;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

pub use account::{AddressList, Kind};
pub use faults::Fault;
pub use followers::Action;
use state::State;

/// The account that is there from the start, a verified service account.
pub const APP_ID: &str = "wx0123456789abcdef";
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The running server. It stops when this is dropped.
pub struct WechatApiServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: Option<transport::Stop>,
}

impl WechatApiServer {
    /// On a free port of this machine.
    pub fn start() -> WechatApiServer {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        WechatApiServer::listen(any).expect("a free port of 127.0.0.1")
    }

    pub fn listen(address: SocketAddr) -> std::io::Result<WechatApiServer> {
        let state = Arc::new(Mutex::new(State::new()));
        let (address, stop) = transport::serve(address, Arc::clone(&state))?;
        let stop = Some(stop);
        Ok(WechatApiServer {
            address,
            state,
            stop,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For `--api`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// One account of the server by its app id. Panics at the first use if there is none.
    pub fn account<'a>(&'a self, app_id: &'a str) -> AccountOf<'a> {
        AccountOf {
            server: self,
            app_id,
        }
    }

    pub fn add_account(&self, app_id: &str, secret: &str, kind: Kind) {
        self.state().add_account(app_id, secret, kind);
    }

    /// Sets the clock forward.
    pub fn advance(&self, by: Duration) {
        self.state().advance(by);
    }

    /// The next `times` calls of this path meet a fault.
    pub fn fault(&self, path: &str, times: u32, fault: Fault) {
        self.state().faults.add(path, times, fault);
    }

    /// From now on about so many of a thousand calls meet one of these faults, the same ones for
    /// the same seed and order of calls. An empty list ends it.
    pub fn random_faults(&self, seed: u64, of_a_thousand: u64, among: Vec<Fault>) {
        self.state().faults.at_random(seed, of_a_thousand, among);
    }

    /// How often this path was called, whatever came of it.
    pub fn calls(&self, path: &str) -> u64 {
        self.state().calls(path)
    }

    /// What happens with each message that a follower gets: openid and message.
    pub fn on_message(&self, tell: impl Fn(&str, &Value) + Send + Sync + 'static) {
        self.state().on_message = Some(Arc::new(tell));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for WechatApiServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.now();
        }
    }
}

/// What a test does with one account.
pub struct AccountOf<'a> {
    server: &'a WechatApiServer,
    app_id: &'a str,
}

impl AccountOf<'_> {
    fn with<T>(&self, act: impl FnOnce(&mut account::Account, u64) -> T) -> T {
        let mut state = self.server.state();
        let now = state.now();
        let account = state.accounts.get_mut(self.app_id);
        act(account.expect("an account of the server"), now)
    }

    pub fn set_kind(&self, kind: Kind) {
        self.with(|account, _| account.kind = kind);
    }

    /// What the console's list says of the address that calls come from.
    pub fn set_address(&self, list: AddressList) {
        self.with(|account, _| account.addresses = list);
    }

    pub fn set_secret(&self, secret: &str) {
        self.with(|account, _| secret.clone_into(&mut account.secret));
    }

    /// The follower did this just now; whoever is new follows the account from now on.
    pub fn acts(&self, openid: &str, action: Action) {
        self.with(|account, now| account.followers.act(openid, action, now));
    }

    pub fn wrote(&self, openid: &str) {
        self.acts(openid, Action::Wrote);
    }

    /// Whoever the account writes to has just written, unless the server was told otherwise.
    pub fn take_anyone(&self) {
        self.with(|account, _| account.followers.anyone = true);
    }

    pub fn unfollowed(&self, openid: &str) {
        self.with(|account, _| account.followers.unfollow(openid));
    }

    /// The follower refuses messages of the account.
    pub fn refuses(&self, openid: &str) {
        self.with(|account, _| account.followers.refuse(openid));
    }

    /// People have sent this follower all that WeChat takes just now.
    pub fn leaves_nothing(&self, openid: &str) {
        self.with(|account, _| account.followers.leave_nothing(openid));
    }

    /// The messages that this follower got, in order.
    pub fn messages(&self, openid: &str) -> Vec<Value> {
        self.with(|account, _| account.followers.messages(openid))
    }

    /// Every follower who got messages, and how many.
    pub fn message_counts(&self) -> Vec<(String, usize)> {
        self.with(|account, _| account.followers.message_counts())
    }

    /// Whether the follower sees that somebody is typing.
    pub fn typing(&self, openid: &str) -> bool {
        self.with(|account, now| account.followers.sees_typing(openid, now))
    }

    /// Every token of the account expires: 42001.
    pub fn expire_tokens(&self) {
        self.with(|account, now| account.tokens.expire(now));
    }

    /// Another program asked for a token in a way that ends this one: 40001.
    pub fn end_tokens(&self) {
        self.with(|account, _| account.tokens.end());
    }

    /// The account has a picture with this media id.
    pub fn has_picture(&self, media_id: &str) {
        self.with(|account, now| account.materials.keep_picture(media_id, now));
    }

    /// How many files were uploaded and taken as permanent material.
    pub fn uploads(&self) -> u64 {
        self.with(|account, _| account.materials.uploads)
    }

    /// What `get_current_autoreply_info` says.
    pub fn set_autoreply(&self, info: Value) {
        self.with(|account, _| account.autoreply = info);
    }

    /// What `get_current_selfmenu_info` says, as if somebody had made this menu in the console.
    pub fn set_console_menu(&self, info: Value) {
        self.with(|account, _| account.menus.set_console(info));
    }

    /// The menu as `menu/create` took it.
    pub fn menu(&self) -> Option<Value> {
        self.with(|account, _| account.menus.default_menu().cloned())
    }

    /// The QR codes that were made: the kind of each and its scene.
    pub fn scenes(&self) -> Vec<String> {
        self.with(|account, _| account.qr_codes.scenes.clone())
    }

    /// How many more calls of this path the account may make today.
    pub fn set_quota(&self, path: &str, remaining: u64) {
        self.with(|account, now| account.quota.set_remaining(path, remaining, now));
    }
}
