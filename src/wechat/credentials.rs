//! The secrets and settings that an account shares with WeChat: token, app id, keys and mode. Knows
//! neither requests nor how anything of WeChat's is signed or encrypted.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

use crate::i18n::phrase;
/// Everything needed to verify WeChat's requests and to answer them.
///
/// While a token or a key is changed there are two at once; the current one comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub(super) mode: Mode,
    pub(super) tokens: Vec<Token>,
    /// Empty in plain mode if none was given, as it is not used there.
    pub(super) app_id: String,
    pub(super) aes_keys: Vec<AesKey>,
    pub(super) max_age: Option<Duration>,
}

impl Credentials {
    /// A keyed hash, from which nobody who does not have the token can find the openid: the same on
    /// all machines, and after a restart.
    pub(crate) fn keyed_openid(&self, openid: &str) -> String {
        let token = self.tokens.first().map_or("", |token| token.0.as_str());
        // A key of any length will do.
        let mac = Hmac::<Sha256>::new_from_slice(token.as_bytes());
        let code = mac.map(|mac| mac.chain_update(openid).finalize().into_bytes());
        code.map_or_else(|_| String::new(), hex::encode)
    }

    /// Refuses credentials that no request, or any request, could satisfy. In plain mode, keys are
    /// allowed but not used.
    pub fn new(
        mode: Mode,
        tokens: Vec<Token>,
        app_id: Option<String>,
        aes_keys: Vec<AesKey>,
    ) -> Result<Credentials, CredentialsError> {
        if tokens.is_empty() {
            return Err(CredentialsError::NoToken);
        }
        let app_id = app_id.unwrap_or_default();
        if mode != Mode::Plain {
            if aes_keys.is_empty() {
                return Err(CredentialsError::NoAesKey(mode));
            }
            if app_id.is_empty() {
                return Err(CredentialsError::NoAppId(mode));
            }
        }
        Ok(Credentials {
            mode,
            tokens,
            app_id,
            aes_keys,
            max_age: None,
        })
    }

    /// Refuses requests whose timestamp differs from the time by more than this. WeChat sends a
    /// message up to three times, five seconds apart, and clocks differ: keep it above thirty
    /// seconds.
    pub fn with_max_age(self, max_age: Option<Duration>) -> Credentials {
        Credentials { max_age, ..self }
    }

    /// The same account with other tokens; without any, all requests are refused.
    pub fn with_tokens(self, tokens: Vec<Token>) -> Credentials {
        Credentials { tokens, ..self }
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Why one of the tokens is easy to guess, if it is.
    pub(crate) fn weakness(&self) -> Option<TokenWeakness> {
        self.tokens.iter().find_map(Token::weakness)
    }
}

/// Whether it has the shape of an AppID: wx and 16 digits.
pub(crate) fn is_app_id(id: &str) -> bool {
    let digits = id.strip_prefix("wx").unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// The message mode as set in WeChat's console. Only the configuration decides it, never a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// 明文模式: signed, not encrypted.
    Plain,
    /// 兼容模式: plain and encrypted side by side.
    Compat,
    /// 安全模式: encrypted only.
    Secure,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Plain, Mode::Compat, Mode::Secure];

    pub fn name(self) -> &'static str {
        match self {
            Mode::Plain => "plain",
            Mode::Compat => "compat",
            Mode::Secure => "secure",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = CredentialsError;

    fn from_str(name: &str) -> Result<Mode, CredentialsError> {
        let mode = Mode::ALL.into_iter().find(|mode| mode.name() == name);
        mode.ok_or(CredentialsError::UnknownMode)
    }
}

const TOKEN_CHARACTERS: RangeInclusive<usize> = 3..=32;

/// Shorter ones can be found by brute force.
const STRONG_TOKEN_CHARACTERS: usize = 8;

/// Tokens from tutorials and examples, which attackers try first.
const PLACEHOLDERS: &[&str] = &[
    "123456",
    "aaaaa",
    "changeme",
    "hello",
    "mytoken",
    "password",
    "pamtest",
    "secret",
    "test",
    "token",
    "wechat",
    "weixin",
    "wxreply",
    "yourtoken",
];

/// Why a token is weak.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum TokenWeakness {
    #[error("{}", phrase!(token_example))]
    Example,
    #[error("{}", phrase!(token_short))]
    Short,
}

/// The shared secret for signatures. It is compared to know whether it has changed, never with what
/// a stranger sends.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// 3 to 32 letters and digits, as WeChat's console requires.
    pub fn new(token: String) -> Result<Token, CredentialsError> {
        if token.is_empty() {
            return Err(CredentialsError::EmptyToken);
        }
        if !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(CredentialsError::TokenCharacter);
        }
        if !TOKEN_CHARACTERS.contains(&token.len()) {
            return Err(CredentialsError::TokenLength(token.len()));
        }
        Ok(Token(token))
    }

    /// Why it is easy to guess, if it is.
    pub(crate) fn weakness(&self) -> Option<TokenWeakness> {
        let Token(token) = self;
        if PLACEHOLDERS
            .iter()
            .any(|word| token.eq_ignore_ascii_case(word))
        {
            return Some(TokenWeakness::Example);
        }
        (token.len() < STRONG_TOKEN_CHARACTERS).then_some(TokenWeakness::Short)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// The EncodingAESKey, decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct AesKey([u8; 32]);

/// 43 characters carry 258 bits: in most keys of WeChat's console the last two are not zero,
/// and strict base64 refuses them.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

const KEY_CHARACTERS: usize = 43;

impl AesKey {
    /// Reads the key as WeChat's console shows it.
    pub fn parse(text: &str) -> Result<AesKey, CredentialsError> {
        let allowed =
            |character: char| character.is_ascii_alphanumeric() || "+/".contains(character);
        if let Some(position) = text.chars().position(|character| !allowed(character)) {
            return Err(CredentialsError::KeyCharacter {
                position: position + 1,
            });
        }
        let mut key = [0; 32];
        if text.len() != KEY_CHARACTERS || KEY_BASE64.decode_slice(text, &mut key) != Ok(32) {
            return Err(CredentialsError::KeyLength(text.len()));
        }
        Ok(AesKey(key))
    }

    #[cfg(any(test, fuzzing))]
    pub(super) fn from_bytes(key: [u8; 32]) -> AesKey {
        AesKey(key)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for AesKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// What is wrong with credentials, and how to fix them. Never shows a secret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CredentialsError {
    #[error("{}", phrase!(no_token))]
    NoToken,
    #[error("{}", phrase!(token_empty))]
    EmptyToken,
    #[error("{}", phrase!(token_characters))]
    TokenCharacter,
    #[error("{}", phrase!(token_length, count = *.0))]
    TokenLength(usize),
    #[error("{}", phrase!(no_aes_key, mode = .0.to_string()))]
    NoAesKey(Mode),
    #[error("{}", phrase!(no_app_id, mode = .0.to_string()))]
    NoAppId(Mode),
    #[error("{}", phrase!(aes_key_length, count = *.0))]
    KeyLength(usize),
    #[error("{}", phrase!(aes_key_character, position = *position))]
    KeyCharacter { position: usize },
    #[error("{}", phrase!(unknown_mode))]
    UnknownMode,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn key_error(text: &str, expected: CredentialsError) {
        let error = AesKey::parse(text).unwrap_err();
        assert_eq!(error, expected);
        assert!(text.is_empty() || !error.to_string().contains(text));
    }

    #[test]
    fn keys_whose_last_character_has_spare_bits_are_taken() {
        for last in ('a'..='z').chain('A'..='Z').chain('0'..='9') {
            let text = format!("{}{last}", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF");
            assert!(AesKey::parse(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_key_is_its_characters_in_base64_without_the_spare_bits() {
        let bytes = |text: &str| *AesKey::parse(text).unwrap().bytes();
        assert_eq!(bytes(&"A".repeat(43)), [0; 32]);
        assert_eq!(bytes(&"/".repeat(43)), [0xff; 32]);
        assert_eq!(bytes(&format!("{}B", "A".repeat(42))), [0; 32]);
        assert_eq!(bytes(&format!("{}E", "A".repeat(42))).last(), Some(&1));
    }

    #[test]
    fn a_wrong_key_is_told_what_is_wrong_without_being_shown() {
        key_error("", CredentialsError::KeyLength(0));
        key_error(&"A".repeat(42), CredentialsError::KeyLength(42));
        key_error(&"A".repeat(44), CredentialsError::KeyLength(44));
        let padded = format!("{}=", "A".repeat(43));
        key_error(&padded, CredentialsError::KeyCharacter { position: 44 });
        let chinese = format!("钥{}", "A".repeat(42));
        key_error(&chinese, CredentialsError::KeyCharacter { position: 1 });
        let urlsafe = format!("A-{}", "A".repeat(41));
        key_error(&urlsafe, CredentialsError::KeyCharacter { position: 2 });
    }

    #[test]
    fn a_mode_without_what_it_needs_is_refused_with_the_way_to_give_it() {
        let token = || vec![Token::new("AAAAA".to_owned()).unwrap()];
        let key = || vec![AesKey::from_bytes([0; 32])];
        let app = || Some("wx1".to_owned());
        let check = |mode, tokens, app_id, keys, needed: Option<&str>| match (
            Credentials::new(mode, tokens, app_id, keys),
            needed,
        ) {
            (Ok(_), None) => {}
            (Err(error), Some(flag)) => assert!(error.to_string().contains(flag), "{error}"),
            (result, needed) => panic!("{result:?} instead of {needed:?}"),
        };
        check(Mode::Plain, vec![], None, vec![], Some("--token"));
        check(Mode::Plain, token(), None, vec![], None);
        check(Mode::Plain, token(), None, key(), None);
        for mode in [Mode::Compat, Mode::Secure] {
            check(mode, token(), app(), vec![], Some("--aes-key"));
            check(mode, token(), None, key(), Some("--app-id"));
            check(mode, token(), Some(String::new()), key(), Some("--app-id"));
            check(mode, vec![], app(), key(), Some("--token"));
            check(mode, token(), app(), key(), None);
        }
        assert!(Token::new(String::new()).is_err());
    }

    #[test]
    fn a_token_that_wechat_refuses_is_refused_and_one_that_can_be_guessed_is_weak() {
        let token = |text: &str| Token::new(text.to_owned());
        for (text, error) in [
            ("", CredentialsError::EmptyToken),
            ("ab", CredentialsError::TokenLength(2)),
            (&"a".repeat(33), CredentialsError::TokenLength(33)),
            ("my-token", CredentialsError::TokenCharacter),
            ("\"tok3n\"", CredentialsError::TokenCharacter),
            ("令牌令牌", CredentialsError::TokenCharacter),
        ] {
            assert_eq!(token(text).unwrap_err(), error, "{text}");
        }
        for (text, weakness) in [
            ("WeChat", Some(TokenWeakness::Example)),
            ("password", Some(TokenWeakness::Example)),
            ("abcdefg", Some(TokenWeakness::Short)),
            ("abcdefgh", None),
            (&"a".repeat(32), None),
        ] {
            assert_eq!(token(text).unwrap().weakness(), weakness, "{text}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = Token::new("hush".to_owned()).unwrap();
        let key = AesKey::from_bytes([7; 32]);
        let app_id = Some("wx1".to_owned());
        let credentials = Credentials::new(Mode::Secure, vec![token], app_id, vec![key]);
        let debug = format!("{credentials:?}");
        assert!(debug.contains("***") && debug.contains("wx1"));
        assert!(!debug.contains("hush") && !debug.contains("7, 7"));
    }
}
