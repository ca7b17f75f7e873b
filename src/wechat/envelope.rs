//! The encryption of compatible and secure mode: AES-256-CBC with WeChat's 32-byte padding.
//! Knows neither XML nor signatures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::Decryptor;
use cbc::Encryptor;
use cbc::cipher::Array;
use cbc::cipher::BlockModeDecrypt;
use cbc::cipher::BlockModeEncrypt;
use cbc::cipher::KeyIvInit;
use subtle::Choice;
use subtle::ConstantTimeEq;

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

/// Decrypts what was sealed under one of the keys for this app id, and says under which.
///
/// Every reason not to open is one `None`, and finding it takes the same steps: an answer or its
/// delay that told bad padding from a bad app id would let a stranger read messages.
pub(super) fn open<'k>(
    keys: &'k [AesKey],
    app_id: &str,
    sealed: &str,
) -> Option<(Vec<u8>, &'k AesKey)> {
    let sealed = STANDARD.decode(sealed).ok()?;
    if sealed.is_empty() || sealed.len() % PADDING != 0 {
        return None;
    }
    keys.iter().find_map(|key| {
        let mut plain = sealed.clone();
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
