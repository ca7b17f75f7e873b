//! Access tokens: `stable_token`, and `/cgi-bin/token`, which ends the token before it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::account::{Account, AddressList};
use super::call::{Call, Outcome, Refusal, refuse};

const SECOND: u64 = 1000;
const LIFETIME: u64 = 7200 * SECOND;
/// Before the end the platform gives a new token, and both work.
const OVERLAP: u64 = 300 * SECOND;
const FORCED_A_DAY: u32 = 20;
const BETWEEN_FORCED: u64 = 30 * SECOND;

struct Token {
    text: String,
    expires: u64,
    /// Ended by another; 40001 rather than 42001.
    ended: bool,
}

/// The two kinds of tokens do not end each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Series {
    Stable,
    Old,
}

pub(super) struct Tokens {
    app_id: String,
    serial: u64,
    stable: Vec<Token>,
    old: Vec<Token>,
    forced: Vec<u64>,
}

impl Tokens {
    pub fn of(app_id: &str) -> Tokens {
        Tokens {
            app_id: app_id.to_owned(),
            serial: 0,
            stable: Vec::new(),
            old: Vec::new(),
            forced: Vec::new(),
        }
    }

    pub fn expire(&mut self, now: u64) {
        for token in self.stable.iter_mut().chain(&mut self.old) {
            token.expires = token.expires.min(now);
        }
    }

    pub fn end(&mut self) {
        for token in self.stable.iter_mut().chain(&mut self.old) {
            token.ended = true;
        }
    }

    /// Nothing if no account has such a token.
    pub fn check(&self, text: &str, now: u64) -> Option<Result<(), Refusal>> {
        let mut all = self.stable.iter().chain(&self.old);
        let token = all.find(|token| token.text == text)?;
        Some(if token.ended {
            Err(not_the_latest())
        } else if token.expires <= now {
            Err(refuse(42001, "access_token expired"))
        } else {
            Ok(())
        })
    }

    fn stable(&mut self, force: bool, now: u64) -> Value {
        self.forced.retain(|at| at + 24 * 3600 * SECOND > now);
        let last = self.forced.last().copied();
        // Too soon after the last one it is as if nobody had forced it.
        if force && last.is_none_or(|last| last + BETWEEN_FORCED <= now) {
            self.forced.push(now);
            self.stable.iter_mut().for_each(|token| token.ended = true);
            return self.issue(Series::Stable, now);
        }
        let current = self.stable.last();
        match current.filter(|token| !token.ended && token.expires > now + OVERLAP) {
            Some(token) => answer(token, now),
            None => self.issue(Series::Stable, now),
        }
    }

    fn forced_too_often(&self, now: u64) -> bool {
        let day = self
            .forced
            .iter()
            .filter(|at| **at + 24 * 3600 * SECOND > now);
        day.count() >= FORCED_A_DAY as usize
    }

    fn issue(&mut self, series: Series, now: u64) -> Value {
        self.serial += 1;
        let digest = Sha256::digest(format!("{} {}", self.app_id, self.serial));
        let token = Token {
            text: format!("{}_{}", 60 + self.serial, hex::encode(digest)),
            expires: now + LIFETIME,
            ended: false,
        };
        let said = answer(&token, now);
        let tokens = match series {
            Series::Stable => &mut self.stable,
            Series::Old => {
                for old in &mut self.old {
                    old.expires = old.expires.min(now + OVERLAP);
                }
                &mut self.old
            }
        };
        tokens.push(token);
        said
    }
}

fn answer(token: &Token, now: u64) -> Value {
    json!({ "access_token": token.text, "expires_in": (token.expires - now) / SECOND })
}

pub(super) fn not_the_latest() -> Refusal {
    refuse(
        40001,
        "invalid credential, access_token is invalid or not latest, could get access_token by \
         getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r",
    )
}

pub(super) fn stable_token(account: &mut Account, call: &Call) -> Outcome {
    let body = call.json()?;
    let said = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    authorize(account, call, said("grant_type"), said("secret"))?;
    let force = body.get("force_refresh").and_then(Value::as_bool) == Some(true);
    if force && account.tokens.forced_too_often(call.now) {
        return Err(refuse(45009, "reach max api daily quota limit"));
    }
    Ok(account.tokens.stable(force, call.now))
}

pub(super) fn token(account: &mut Account, call: &Call) -> Outcome {
    let (grant, secret) = (call.parameter("grant_type"), call.parameter("secret"));
    authorize(account, call, grant, secret)?;
    Ok(account.tokens.issue(Series::Old, call.now))
}

fn authorize(account: &Account, call: &Call, grant: &str, secret: &str) -> Result<(), Refusal> {
    if grant != "client_credential" {
        return Err(refuse(40002, "invalid grant_type"));
    }
    if secret.is_empty() {
        return Err(refuse(41004, "appsecret missing"));
    }
    if secret != account.secret {
        return Err(refuse(40125, "invalid appsecret"));
    }
    let from = call.from;
    match account.addresses {
        AddressList::Listed => Ok(()),
        AddressList::Missing => Err(refuse(
            40164,
            &format!("invalid ip {from} ipv6 ::ffff:{from}, not in whitelist"),
        )),
        AddressList::Unconfirmed => Err(refuse(
            89503,
            "this ip is not in whitelist, waiting for the administrator to confirm",
        )),
    }
}
