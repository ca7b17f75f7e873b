//! What an HTTP request is made of, as far as a rule file says it: addresses, names of headers and
//! of secrets. Makes no request.

use std::net::IpAddr;

use url::{Host, Url};

use crate::rules::MAX_NAME_CHARS;
use crate::rules::placeholder::is_user_key;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum AddressError {
    Invalid,
    /// A name and a password are secrets.
    Credentials,
}

/// An address as far as the question mark.
pub(in crate::rules) fn check(address: &str) -> Result<(), AddressError> {
    let is_web = |address: &&str| address.starts_with("http://") || address.starts_with("https://");
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\';
    let url = Some(address)
        .filter(is_web)
        .filter(|address| !address.contains(odd));
    let url = url
        .and_then(|address| Url::parse(address).ok())
        .filter(Url::has_host)
        .ok_or(AddressError::Invalid)?;
    match url.username().is_empty() && url.password().is_none() {
        true => Ok(()),
        false => Err(AddressError::Credentials),
    }
}

/// Whether what is sent there goes through the internet in the clear.
pub(in crate::rules) fn is_public_and_plain(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => !is_internal_name(name),
            Some(Host::Ipv4(address)) => !is_internal(address.into()),
            Some(Host::Ipv6(address)) => !is_internal(address.into()),
            None => false,
        }
}

/// A name without a dot is one of a container or of a machine nearby.
fn is_internal_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    !name.contains('.')
        || [".localhost", ".local", ".internal", ".lan", ".home.arpa"]
            .iter()
            .any(|end| name.ends_with(end))
}

fn is_internal(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            let first = address.segments()[0];
            address.is_loopback() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
        }
    }
}

pub(super) fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

/// Headers that the program sets, or that would change what the request is.
pub(super) fn is_own_header(name: &str) -> bool {
    let own = [
        "host",
        "content-length",
        "content-type",
        "content-encoding",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "expect",
        "accept-encoding",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "wxreply-follower",
    ];
    own.iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// Letters, digits, - and _, as file names have them. What looks like a key is rather one than the
/// name of one.
pub(super) fn is_secret_name(name: &str) -> bool {
    is_user_key(name) && name.chars().count() <= MAX_NAME_CHARS && !looks_like_a_key(name)
}

/// Beginnings by which providers mark their keys, each with what follows at least.
const KEY_BEGINNINGS: [(&str, usize); 7] = [
    ("sk-", 16),
    ("ghp_", 30),
    ("github_pat_", 30),
    ("xoxb-", 20),
    ("AKIA", 16),
    ("AIza", 30),
    ("whsec_", 20),
];

pub(in crate::rules) fn looks_like_a_key(word: &str) -> bool {
    KEY_BEGINNINGS.iter().any(|(beginning, least)| {
        let behind = word.strip_prefix(beginning);
        behind.is_some_and(|behind| {
            behind.len() >= *least && behind.bytes().any(|byte| byte.is_ascii_digit())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_absolute_and_holds_no_password() {
        for (address, expected) in [
            ("https://api.example.com/track", Ok(())),
            ("http://127.0.0.1:11434/v1", Ok(())),
            ("http://[::1]:8080", Ok(())),
            ("https://例子.中国/", Ok(())),
            ("api.example.com/track", Err(AddressError::Invalid)),
            ("ftp://example.com/", Err(AddressError::Invalid)),
            ("https://", Err(AddressError::Invalid)),
            ("https://exa mple.com/", Err(AddressError::Invalid)),
            ("https:\\\\example.com", Err(AddressError::Invalid)),
            ("https://example.com:99999/", Err(AddressError::Invalid)),
            ("", Err(AddressError::Invalid)),
            (
                "https://me:pass@example.com/",
                Err(AddressError::Credentials),
            ),
        ] {
            assert_eq!(check(address), expected, "{address}");
        }
    }

    #[test]
    fn only_what_leaves_the_house_needs_encryption() {
        for (address, warned) in [
            ("http://api.example.com/", true),
            ("http://8.8.8.8/", true),
            ("https://api.example.com/", false),
            ("http://localhost:3000/", false),
            ("http://orders:3000/", false),
            ("http://orders.internal/", false),
            ("http://10.0.0.5/", false),
            ("http://192.168.1.1/", false),
            ("http://[::1]/", false),
            ("http://[fd00::1]/", false),
            ("http://[2001:db8::1]/", true),
        ] {
            assert_eq!(is_public_and_plain(address), warned, "{address}");
        }
    }

    #[test]
    fn a_key_is_not_taken_for_the_name_of_one() {
        for (name, good) in [
            ("deepseek", true),
            ("track-signing_2", true),
            ("", false),
            ("sk-0123456789abcdef0123456789abcdef", false),
            ("a name", false),
            ("快递", true),
            ("a/b", false),
        ] {
            assert_eq!(is_secret_name(name), good, "{name}");
        }
    }
}
