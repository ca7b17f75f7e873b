//! Which addresses a call may reach. What is internal to a machine, a network or a cloud is not
//! for rule files, unless the operator names it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use arc_swap::ArcSwap;

use crate::i18n::phrase;
/// Where connections may go.
#[derive(Debug)]
pub(crate) enum Reach {
    /// Whatever a person names on the command line.
    Anywhere,
    /// Public addresses, and what the operator allows, which may change at any time.
    Public(ArcSwap<AllowList>),
}

/// Internal addresses that may be reached all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AllowList(pub Vec<AllowedAddress>);

/// `127.0.0.1:11434`, `[::1]:11434` or `ollama:11434`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllowedAddress {
    host: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", phrase!(not_an_internal_address))]
pub(crate) struct AllowedError;

impl Reach {
    pub(crate) fn public(allowed: AllowList) -> Reach {
        Reach::Public(ArcSwap::from_pointee(allowed))
    }

    /// Replaces what is allowed; connections that are there already stay.
    pub(crate) fn allow(&self, allowed: AllowList) {
        if let Reach::Public(list) = self {
            list.store(allowed.into());
        }
    }

    /// Whether this address may be connected to on behalf of this name, as the URL has it.
    pub(super) fn includes(&self, host: &str, address: SocketAddr) -> bool {
        match self {
            Reach::Anywhere => true,
            Reach::Public(list) => is_public(address.ip()) || list.load().has(host, address),
        }
    }
}

impl AllowList {
    fn has(&self, host: &str, address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        let is_meant = |allowed: &str| match allowed.parse::<IpAddr>() {
            Ok(allowed) => allowed == ip,
            Err(_) => allowed.eq_ignore_ascii_case(host),
        };
        let mut all = self.0.iter();
        all.any(|allowed| allowed.port == address.port() && is_meant(&allowed.host))
    }
}

impl FromStr for AllowedAddress {
    type Err = AllowedError;

    fn from_str(text: &str) -> Result<AllowedAddress, AllowedError> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            let (host, port) = (address.ip().to_string(), address.port());
            return Some(AllowedAddress { host, port })
                .filter(|it| it.port > 0)
                .ok_or(AllowedError);
        }
        let (host, port) = text.rsplit_once(':').ok_or(AllowedError)?;
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
        match port.parse() {
            Ok(port) if port > 0 && !host.is_empty() && host.chars().all(is_part) => {
                Ok(AllowedAddress {
                    host: host.to_owned(),
                    port,
                })
            }
            _ => Err(AllowedError),
        }
    }
}

impl fmt::Display for AllowedAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(formatter, "[{}]:{}", self.host, self.port),
            false => write!(formatter, "{}:{}", self.host, self.port),
        }
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// By the registry of special addresses of IANA.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    // The one public address at which a cloud, Azure, talks to its machines.
    let is_metadata = ip == Ipv4Addr::new(168, 63, 129, 16);
    !is_metadata
        && !matches!(
            (a, b, c),
            (0 | 10 | 127 | 224.., _, _)
                | (100, 64..=127, _)
                | (169, 254, _)
                | (172, 16..=31, _)
                | (192, 0, 0 | 2)
                | (192, 88, 99)
                | (192, 168, _)
                | (198, 18..=19, _)
                | (198, 51, 100)
                | (203, 0, 113)
        )
}

/// Only what is routed to everybody, and of that nothing that stands for an internal IPv4
/// address.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        // ::a.b.c.d and ::ffff:a.b.c.d; :: and ::1 are 0.0.0.0 and 0.0.0.1 there.
        (0, 0) => (c, d, e) == (0, 0, 0) && (f == 0 || f == 0xffff) && v4(g, h),
        // NAT64.
        (0x64, 0xff9b) => (c, d, e, f) == (0, 0, 0, 0) && v4(g, h),
        // Protocol assignments, Teredo among them, and documentation.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
        // 6to4.
        (0x2002, _) => v4(b, c),
        _ => (0x2000..=0x3fff).contains(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_internal_is_not_reached_in_any_spelling() {
        for internal in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(internal.parse().unwrap()), "{internal}");
        }
        for public in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "101.226.103.63",
            "172.15.0.1",
            "172.32.0.1",
            "192.1.1.1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::1",
            "2400:da00::6666",
            "2606:4700:4700::1111",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn what_is_allowed_is_one_port_of_one_address_or_name() {
        let list = ["127.0.0.1:11434", "[::1]:8080", "ollama:11434"];
        let list = list.map(|text| text.parse().unwrap()).to_vec();
        let reach = Reach::public(AllowList(list));
        for (host, address, is_included) in [
            ("127.0.0.1", "127.0.0.1:11434", true),
            ("localhost", "127.0.0.1:11434", true),
            ("localhost", "[::1]:11434", false),
            ("x", "[::ffff:127.0.0.1]:11434", true),
            ("127.0.0.1", "127.0.0.1:11435", false),
            ("127.0.0.1", "127.0.0.2:11434", false),
            ("::1", "[::1]:8080", true),
            ("OLLAMA", "10.0.0.7:11434", true),
            ("ollama", "10.0.0.7:80", false),
            ("other", "10.0.0.7:11434", false),
            ("example.com", "1.1.1.1:80", true),
        ] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(
                reach.includes(host, address),
                is_included,
                "{host} {address}"
            );
        }
    }

    #[test]
    fn what_is_allowed_is_written_as_host_and_port() {
        for text in ["127.0.0.1:11434", "[::1]:80", "ollama:11434", "a_b.c-d:1"] {
            assert_eq!(text.parse::<AllowedAddress>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "127.0.0.1",
            "::1:80",
            ":80",
            "a:0",
            "a:b",
            "http://a:80",
            "a b:1",
            "10.0.0.0/8:80",
            "a:80/",
        ] {
            assert_eq!(text.parse::<AllowedAddress>(), Err(AllowedError), "{text}");
        }
    }
}
