//! The encryption of compatible and secure mode: AES-256-CBC with WeChat's 32-byte padding.
//! Knows neither XML nor signatures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cbc::{Decryptor, Encryptor};
use subtle::{Choice, ConstantTimeEq};

use crate::wechat::credentials::AesKey;

/// WeChat pads to this, twice the block of AES.
const PADDING: usize = 32;
/// Sixteen random bytes, then the length of the text in four.
const HEAD: usize = 20;

/// Encrypts a text for an app id, in base64.
pub(super) fn seal(key: &AesKey, app_id: &str, random: [u8; 16], text: &[u8]) -> String {
    let length = HEAD + text.len() + app_id.len();
    let padding = PADDING - length % PADDING;
    let mut plain = Vec::with_capacity(length + padding);
    plain.extend_from_slice(&random);
    plain.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    plain.extend_from_slice(text);
    plain.extend_from_slice(app_id.as_bytes());
    plain.resize(length + padding, u8::try_from(padding).unwrap_or(0));

    let (blocks, _) = Array::slice_as_chunks_mut(&mut plain);
    let (key, iv) = key_and_iv(key);
    Encryptor::<aes::Aes256>::new(&key.into(), &iv.into()).encrypt_blocks(blocks);
    STANDARD.encode(plain)
}

/// Decrypts a text that was sealed with one of the keys for this app id, and returns which.
///
/// Every failure is the same `None` and takes the same steps. An answer or a delay that
/// distinguished bad padding from a bad app id would let attackers decrypt messages.
pub(super) fn open<'k>(
    keys: &'k [AesKey],
    app_id: &str,
    sealed: &str,
) -> Option<(Vec<u8>, &'k AesKey)> {
    keys.iter().find_map(|key| {
        let mut plain = STANDARD.decode(sealed).ok()?;
        if plain.is_empty() || plain.len() % PADDING != 0 {
            return None;
        }
        let (blocks, _) = Array::slice_as_chunks_mut(&mut plain);
        let (bytes, iv) = key_and_iv(key);
        Decryptor::<aes::Aes256>::new(&bytes.into(), &iv.into()).decrypt_blocks(blocks);
        let end = text_end(&plain, app_id.as_bytes())?;
        plain.truncate(end);
        plain.drain(..HEAD);
        Some((plain, key))
    })
}

/// Where the text of a decrypted envelope ends, if padding, length and app id are all right.
fn text_end(plain: &[u8], app_id: &[u8]) -> Option<usize> {
    let last = plain.last().copied().unwrap_or_default();
    let padding = usize::from(last);
    let mut right = Choice::from(u8::from((1..=PADDING).contains(&padding)));
    for (distance, byte) in plain.iter().rev().take(PADDING).enumerate() {
        let beyond = Choice::from(u8::from(distance >= padding));
        right &= byte.ct_eq(&last) | beyond;
    }

    let content = plain.len().saturating_sub(padding);
    let end = content.saturating_sub(app_id.len());
    let length = plain.get(16..HEAD).unwrap_or_default();
    let length = length
        .iter()
        .fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
    right &= (HEAD as u64 + length).ct_eq(&(end as u64));
    right &= plain.get(end..content).unwrap_or_default().ct_eq(app_id);
    bool::from(right).then_some(end)
}

fn key_and_iv(key: &AesKey) -> ([u8; 32], [u8; 16]) {
    let key = *key.bytes();
    let mut iv = [0; 16];
    for (byte, of_key) in iv.iter_mut().zip(key) {
        *byte = of_key;
    }
    (key, iv)
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP_ID: &str = "wxba5fad812f8e6fb9";
    const RANDOM: [u8; 16] = *b"707722b803182950";

    fn key() -> AesKey {
        AesKey::parse(&"A".repeat(43)).unwrap()
    }

    fn opened(sealed: &str) -> Option<Vec<u8>> {
        open(&[key()], APP_ID, sealed).map(|(text, _)| text)
    }

    /// Encrypts a plaintext unchanged, even with wrong padding, length or app id.
    fn encrypt(mut plain: Vec<u8>) -> String {
        let (blocks, _) = Array::slice_as_chunks_mut(&mut plain);
        let (key, iv) = key_and_iv(&key());
        Encryptor::<aes::Aes256>::new(&key.into(), &iv.into()).encrypt_blocks(blocks);
        STANDARD.encode(plain)
    }

    // /doc/offiaccount/Getting_Started/message-push.html
    #[test]
    fn the_documented_push_opens() {
        let documented = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05J\
            Cpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7\
            GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8Y\
            L/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";
        let text = String::from_utf8(opened(documented).unwrap()).unwrap();
        assert_eq!(
            text,
            r#"{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}"#
        );
    }

    #[test]
    fn the_documented_answer_is_sealed_as_documented() {
        assert_eq!(
            seal(&key(), APP_ID, RANDOM, br#"{"demo_resp":"good luck"}"#),
            "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
        );
    }

    #[test]
    fn texts_of_every_length_come_back() {
        for length in 0..130 {
            let text = vec![b'x'; length];
            let sealed = seal(&key(), APP_ID, RANDOM, &text);
            assert_eq!(opened(&sealed), Some(text), "{length} bytes");
        }
    }

    #[test]
    fn a_text_that_ends_like_an_app_id_keeps_its_end() {
        let text = format!("{APP_ID}{APP_ID}").into_bytes();
        let sealed = seal(&key(), APP_ID, RANDOM, &text);
        assert_eq!(opened(&sealed), Some(text));
    }

    #[test]
    fn a_stranger_s_app_id_or_key_does_not_open() {
        let sealed = seal(&key(), APP_ID, RANDOM, b"text");
        for other in ["", "wx", "wxba5fad812f8e6fb8", "textwxba5fad812f8e6fb9"] {
            assert!(open(&[key()], other, &sealed).is_none(), "{other}");
        }
        let other = AesKey::from_bytes([1; 32]);
        assert!(open(&[other], APP_ID, &sealed).is_none());
        assert!(open(&[], APP_ID, &sealed).is_none());
    }

    #[test]
    fn wrong_padding_and_lengths_do_not_open() {
        let plain = |length: u32, text: &[u8], padding: &[u8]| {
            let mut plain = RANDOM.to_vec();
            plain.extend_from_slice(&length.to_be_bytes());
            plain.extend_from_slice(text);
            plain.extend_from_slice(APP_ID.as_bytes());
            plain.extend_from_slice(padding);
            opened(&encrypt(plain))
        };
        // 20 + 10 + 18 bytes and 16 of padding.
        let text = b"0123456789";
        assert_eq!(plain(10, text, &[16; 16]), Some(text.to_vec()));
        for length in [0, 9, 11, 26, 27, 28, 44, 1 << 16, u32::MAX] {
            assert_eq!(plain(length, text, &[16; 16]), None, "{length}");
        }
        for position in 0..16 {
            let mut padding = [16; 16];
            padding[position] ^= 1;
            assert_eq!(plain(10, text, &padding), None, "padding byte {position}");
        }
        for count in [0, 15, 17, 32, 33, 64, 255] {
            assert_eq!(plain(10, text, &[count; 16]), None, "padding of {count}");
        }
        assert_eq!(plain(10, text, &[48; 48]), None, "padding of 48");
        // Padded to sixteen bytes only, as AES requires.
        let longer = b"0123456789abcdefghijklmnop";
        assert_eq!(plain(26, longer, &[32; 32]), Some(longer.to_vec()));
        assert_eq!(plain(26, longer, &[16; 16]), None);
        for padding in 1..=255 {
            assert_eq!(opened(&encrypt(vec![padding; 32])), None, "{padding}");
        }
    }

    #[test]
    fn what_is_no_whole_envelope_does_not_open() {
        let sealed = seal(&key(), APP_ID, RANDOM, b"text");
        for cut in 0..sealed.len() {
            assert!(opened(sealed.get(..cut).unwrap()).is_none(), "{cut}");
        }
        let twice = format!("{sealed}{sealed}");
        for odd in ["=", "!!!!", "密文", " ", &twice] {
            assert!(opened(odd).is_none(), "{odd}");
        }
    }
}
