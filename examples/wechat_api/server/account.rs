//! One account: what kind it is, which interfaces that kind has, and all that belongs to it.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::followers::Followers;
use super::material::Materials;
use super::menu::Menus;
use super::qr_code::QrCodes;
use super::tokens::Tokens;

/// What the console calls the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    UnverifiedSubscription,
    VerifiedSubscription,
    UnverifiedService,
    VerifiedService,
    /// 接口测试号: nearly everything, with a tenth of the quotas.
    Test,
}

impl Kind {
    pub const ALL: [(&'static str, Kind); 5] = [
        ("unverified-subscription", Kind::UnverifiedSubscription),
        ("verified-subscription", Kind::VerifiedSubscription),
        ("unverified-service", Kind::UnverifiedService),
        ("verified-service", Kind::VerifiedService),
        ("test", Kind::Test),
    ];

    pub fn named(name: &str) -> Option<Kind> {
        let mut kinds = Kind::ALL.into_iter();
        kinds.find(|(is, _)| *is == name).map(|(_, kind)| kind)
    }

    pub(super) fn grants(self, group: Group) -> bool {
        use Kind::{Test, VerifiedService, VerifiedSubscription};
        match group {
            Group::Basic => true,
            Group::CustomerMessages | Group::Material => {
                matches!(self, VerifiedSubscription | VerifiedService | Test)
            }
            Group::Menu => self != Kind::UnverifiedSubscription,
            Group::QrCodes => matches!(self, VerifiedService | Test),
        }
    }
}

/// Interfaces that are granted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Basic,
    CustomerMessages,
    Material,
    Menu,
    QrCodes,
}

/// Whether the address that calls come from is on the account's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressList {
    Listed,
    /// 40164.
    Missing,
    /// 89503: the administrator has to confirm it.
    Unconfirmed,
}

pub(super) struct Account {
    pub secret: String,
    pub kind: Kind,
    pub addresses: AddressList,
    pub tokens: Tokens,
    pub followers: Followers,
    pub materials: Materials,
    pub menus: Menus,
    pub autoreply: Value,
    pub qr_codes: QrCodes,
    pub quota: Quota,
}

impl Account {
    pub fn new(app_id: &str, secret: &str, kind: Kind) -> Account {
        Account {
            secret: secret.to_owned(),
            kind,
            addresses: AddressList::Listed,
            tokens: Tokens::of(app_id),
            followers: Followers::default(),
            materials: Materials::default(),
            menus: Menus::default(),
            autoreply: json!({ "is_add_friend_reply_open": 0, "is_autoreply_open": 0 }),
            qr_codes: QrCodes::default(),
            quota: Quota::default(),
        }
    }
}

const DAY: u64 = 24 * 60 * 60 * 1000;

/// How often each path was called today.
#[derive(Default)]
pub(super) struct Quota {
    day: u64,
    used: HashMap<String, u64>,
    limits: HashMap<String, u64>,
}

impl Quota {
    /// Counts a call; false when today's calls are used up.
    pub fn take(&mut self, path: &str, usual: u64, now: u64) -> bool {
        let limit = self.limit(path, usual);
        self.turn(now);
        let used = self.used.entry(path.to_owned()).or_default();
        if *used >= limit {
            return false;
        }
        *used += 1;
        true
    }

    pub fn limit(&self, path: &str, usual: u64) -> u64 {
        self.limits.get(path).copied().unwrap_or(usual)
    }

    pub fn used(&mut self, path: &str, now: u64) -> u64 {
        self.turn(now);
        self.used.get(path).copied().unwrap_or(0)
    }

    pub fn set_remaining(&mut self, path: &str, remaining: u64, now: u64) {
        let limit = self.used(path, now) + remaining;
        self.limits.insert(path.to_owned(), limit);
    }

    fn turn(&mut self, now: u64) {
        if self.day != now / DAY {
            self.day = now / DAY;
            self.used.clear();
        }
    }
}
