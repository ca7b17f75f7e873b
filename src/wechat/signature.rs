//! The SHA-1 signatures of WeChat's requests and the account's answers. Knows neither queries nor
//! bodies.

use sha1::{Digest, Sha1};
use subtle::{Choice, ConstantTimeEq};

use crate::wechat::credentials::Token;

/// A signature in lower-case hex.
pub(super) type Signature = [u8; 40];

/// Signs token and parts: sorted as bytes, nothing in between.
pub(super) fn sign<const PARTS: usize>(token: &Token, parts: [&str; PARTS]) -> Signature {
    // Four at the most: token, timestamp, nonce and the encrypted text.
    let mut sorted = [token.as_bytes(); 4];
    for (place, part) in sorted.iter_mut().skip(1).zip(parts) {
        *place = part.as_bytes();
    }
    let (used, _) = sorted.split_at_mut((PARTS + 1).min(4));
    used.sort_unstable();
    let mut hash = Sha1::new();
    for part in used {
        hash.update(part);
    }
    let mut signature = [0; 40];
    // Twenty bytes are forty digits, so this cannot fail; zeroes would match no signature.
    let _ = hex::encode_to_slice(hash.finalize(), &mut signature);
    signature
}

/// A signature as it is sent.
pub(super) fn text(signature: &Signature) -> &str {
    std::str::from_utf8(signature).unwrap_or_default()
}

/// The first token for which the signature is right. Tries all, in constant time for each.
pub(super) fn signed_by<'t, const PARTS: usize>(
    tokens: &'t [Token],
    parts: [&str; PARTS],
    signature: &str,
) -> Option<&'t Token> {
    let mut signer = None;
    for token in tokens.iter().rev() {
        let right: Choice = sign(token, parts).as_slice().ct_eq(signature.as_bytes());
        if right.into() {
            signer = Some(token);
        }
    }
    signer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> Token {
        Token::new(text.to_owned()).unwrap()
    }

    #[track_caller]
    fn check<const PARTS: usize>(parts: [&str; PARTS], expected: &str) {
        let signature = sign(&token("AAAAA"), parts);
        assert_eq!(std::str::from_utf8(&signature).unwrap(), expected);
    }

    // /doc/offiaccount/Getting_Started/message-push.html
    #[test]
    fn the_documented_handshake_is_signed_as_documented() {
        check(
            ["1714036504", "1514711492"],
            "f464b24fc39322e44b38aa78f5edd27bd1441696",
        );
        check(
            ["1714037059", "486452656"],
            "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        );
    }

    #[test]
    fn parts_are_sorted_as_bytes_and_not_as_numbers() {
        let expected = hex::encode(Sha1::digest("109AAAAA"));
        check(["9", "10"], &expected);
        check(["10", "9"], &expected);
    }

    #[test]
    fn any_altered_character_of_a_signature_is_refused() {
        let tokens = [token("AAAAA")];
        let right = String::from_utf8(sign(&tokens[0], ["1", "2"]).to_vec()).unwrap();
        assert!(signed_by(&tokens, ["1", "2"], &right).is_some());
        for position in 0..right.len() {
            let mut wrong = right.clone().into_bytes();
            wrong[position] ^= 1;
            let wrong = String::from_utf8(wrong).unwrap();
            assert!(signed_by(&tokens, ["1", "2"], &wrong).is_none(), "{wrong}");
            let cut = right.get(..position).unwrap();
            assert!(signed_by(&tokens, ["1", "2"], cut).is_none(), "{cut}");
        }
        let longer = format!("{right}0");
        assert!(signed_by(&tokens, ["1", "2"], &longer).is_none());
        assert!(signed_by(&tokens, ["1", "2"], &right.to_uppercase()).is_none());
    }

    #[test]
    fn every_token_of_a_change_over_is_taken() {
        let tokens = [token("new"), token("old")];
        for (position, signer) in tokens.iter().enumerate() {
            let signature = String::from_utf8(sign(signer, ["1", "2"]).to_vec()).unwrap();
            let found = signed_by(&tokens, ["1", "2"], &signature).unwrap();
            assert_eq!(found.as_bytes(), tokens[position].as_bytes());
        }
        let stranger = String::from_utf8(sign(&token("stranger"), ["1", "2"]).to_vec()).unwrap();
        assert!(signed_by(&tokens, ["1", "2"], &stranger).is_none());
    }
}
