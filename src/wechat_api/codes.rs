//! The numbers by which WeChat says why it did not do something: what the program makes of each, and
//! what people can do about it.

use crate::i18n::{Phrase, phrase};
use crate::wechat_api::call::Call;

/// A number as the program understands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownCode {
    /// The access token is not taken, or no longer.
    Token,
    Busy,
    /// The account may not use the interface, mostly because it is not verified.
    NotGranted,
    /// It has no right to it: it is of another kind, or blocked.
    NotForAccount,
    TypingAlready,
    /// There is no material with this id.
    NoMaterial,
    /// It is about this very file; others may fare better.
    File,
    /// What is asked for makes no sense; the account may ask.
    Request,
    Other,
}

impl KnownCode {
    pub(crate) fn of(code: i64) -> KnownCode {
        match code {
            40001 | 40014 | 41001 | 42001 | 42007 => KnownCode::Token,
            -1 => KnownCode::Busy,
            48001 => KnownCode::NotGranted,
            40200 | 50002 => KnownCode::NotForAccount,
            45081 => KnownCode::TypingAlready,
            40007 => KnownCode::NoMaterial,
            40004..=40006 | 40009..=40012 | 40113 | 40137 | 41005 | 44001 | 45001 | 45007 => {
                KnownCode::File
            }
            40003 | 40035 | 40053 | 40097 | 41009 | 46003 | 46004 | 47001 | 47003 => {
                KnownCode::Request
            }
            _ => KnownCode::Other,
        }
    }
}

/// What to do; for a number that is in no documentation, where to look.
pub(crate) fn remedy(call: Call, code: i64, message: &str) -> Phrase {
    match code {
        -1 => phrase!(api_help_busy),
        40001 if call == Call::StableToken => phrase!(api_help_secret),
        40125 | 41004 => phrase!(api_help_secret),
        _ if KnownCode::of(code) == KnownCode::Token => phrase!(api_help_token),
        40013 | 41002 => phrase!(api_help_app_id),
        40164 | 61004 => match address(message) {
            Some(address) => phrase!(api_help_address, address),
            None => phrase!(api_help_this_address),
        },
        89501 | 89503 => phrase!(api_help_confirm),
        89506 => phrase!(api_help_address_refused, hours = 24_usize),
        89507 => phrase!(api_help_address_refused, hours = 1_usize),
        48017 => phrase!(api_help_host),
        45009 | 45010 => phrase!(api_help_day),
        45011 => phrase!(api_help_minute),
        48006 => phrase!(api_help_cleared),
        48001 => phrase!(api_help_not_granted),
        48003 => phrase!(api_help_protocol),
        48004 | 50002 => phrase!(api_help_banned),
        40200 => phrase!(api_help_account_kind),
        40002 | 40033 | 40035 | 40066 | 40097 | 41006 | 43001 | 43002 | 43003 | 44002 | 45072
        | 47001 | 47003 => phrase!(api_help_not_understood),

        40003 | 41009 | 46004 => phrase!(api_help_openid),
        43004 | 50005 => phrase!(api_help_not_following),
        43019 => phrase!(api_help_blacklisted),
        48002 => phrase!(api_help_follower_refuses),
        45015 => phrase!(api_help_window),
        45047 => phrase!(api_help_too_many),
        45080 => phrase!(api_help_typing_window),
        45081 => phrase!(api_help_typing_already),
        40008 | 45162 | 48008 => phrase!(api_help_message_type),
        45002..=45006 => phrase!(api_help_too_long),
        44003 | 44004 | 45008 => phrase!(api_help_content),

        40007 | 46001 => phrase!(api_help_media_id),
        40004 | 40005 | 40113 => phrase!(api_help_file_kind),
        40006 | 40009..=40012 | 45001 | 45007 => phrase!(api_help_file_size),
        41005 | 44001 => phrase!(api_help_file_empty),
        45073 => phrase!(api_help_material_full),
        48005 => phrase!(api_help_material_used),

        40016 | 40023 => phrase!(api_help_buttons),
        40015 | 40017 | 40024 => phrase!(api_help_button_type),
        40018 | 40025 => phrase!(api_help_button_name),
        40019 | 40026 => phrase!(api_help_button_key),
        40020 | 40027 | 40039 => phrase!(api_help_button_url),
        40022 => phrase!(api_help_menu_levels),
        40021 | 40028 | 46002 | 46003 => phrase!(api_help_no_menu),
        40054 | 40055 => phrase!(api_help_button_domain),
        45064 => phrase!(api_help_mini_program),

        40053 => phrase!(api_help_scene),
        45029 => phrase!(api_help_qr_full),
        _ => phrase!(api_help_look_up),
    }
}

/// `invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist rid: …`
fn address(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("invalid ip")?;
    let word = rest.split_whitespace().next()?;
    let address = word.trim_end_matches([',', ';']);
    let ip: std::net::IpAddr = address.parse().ok()?;
    Some(ip.to_canonical().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_to_put_on_the_list_is_the_one_that_wechat_names() {
        for (message, found) in [
            (
                "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist rid: 6",
                Some("1.2.3.4"),
            ),
            (
                "invalid ip 1.2.3.4, not in whitelist hint: [x]",
                Some("1.2.3.4"),
            ),
            ("invalid ip ::ffff:1.2.3.4 ipv6", Some("1.2.3.4")),
            (
                "invalid ip 2400:da00::1, not in whitelist",
                Some("2400:da00::1"),
            ),
            ("invalid ip here", None),
            ("not in whitelist", None),
            ("", None),
        ] {
            assert_eq!(address(message).as_deref(), found, "{message}");
            let help = remedy(Call::StableToken, 40164, message).to_string();
            assert!(found.is_none_or(|found| help.contains(found)), "{help}");
        }
    }

    #[test]
    fn a_wrong_secret_and_an_ended_token_are_told_apart() {
        let of = |call, code| remedy(call, code, "").id();
        assert_eq!(of(Call::StableToken, 40001), "api-help-secret");
        assert_eq!(of(Call::SendMessage, 40001), "api-help-token");
        assert_eq!(of(Call::SendMessage, 12345), "api-help-look-up");
    }
}
