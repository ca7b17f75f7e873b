//! Signs what is sent to a webhook as Standard Webhooks describes it, so that the endpoint knows
//! who asks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A secret that is written in base64 begins with it.
const BASE64_PREFIX: &str = "whsec_";

/// The value of `webhook-signature`; nothing where the secret is no base64 although it says so.
pub(super) fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let key = match secret.strip_prefix(BASE64_PREFIX) {
        Some(encoded) => STANDARD.decode(encoded).ok()?,
        None => secret.as_bytes().to_vec(),
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    let code = STANDARD.encode(mac.finalize().into_bytes());
    Some(format!("v1,{code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the reference implementations.
    #[test]
    fn it_signs_as_the_standard_does() {
        let body = br#"{"test": 2432232314}"#;
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let (seconds, code) = (
            1_614_265_330,
            "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        );
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signature = sign(secret, id, seconds, body);
        assert_eq!(signature, Some(format!("v1,{code}")));
        assert_eq!(sign("whsec_no base64", id, seconds, body), None);
        // By hand: openssl dgst -sha256 -hmac 'a plain one' -binary | base64
        assert!(sign("a plain one", id, seconds, body).is_some());
    }
}
