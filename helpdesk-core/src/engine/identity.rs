//! Proof of who a visitor is: the host's signed identity tokens.
//!
//! A compact JWS (RFC 7515) with `alg` HS256 and nothing else, carrying the claims `sub` and `exp` (RFC 7519), optionally
//! `name` and `email`. Everything else is refused, `alg: none` first of all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::keys::hmac_is;
use crate::clock::Timestamp;
use crate::model::text;

/// The longest identity token, in bytes.
const TOKEN_LIMIT: usize = 4096;

/// What a host says of a visitor, proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) subject: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    name: Option<String>,
    email: Option<String>,
}

/// Verifies a token with any of the valid secrets.
///
/// Tells only that it failed: the reason would help whoever forges.
pub(crate) fn verify(token: &str, secrets: &[String], now: Timestamp) -> Option<Identity> {
    if token.len() > TOKEN_LIMIT {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let proven = header.alg == "HS256" && secrets.iter().any(|secret| hmac_is(secret.as_bytes(), signed.as_bytes(), &signature));
    if !proven {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    if !claims.exp.is_finite() || claims.exp <= now.timestamp() as f64 {
        return None;
    }
    Some(Identity {
        subject: text::line("sub", &claims.sub).ok()?,
        name: claims.name.and_then(|name| text::line("name", &name).ok()),
        email: claims.email.and_then(|email| text::line("email", &email).ok()),
    })
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use serde_json::{Value, json};
    use sha2::Sha256;

    use super::*;

    fn token(header: &Value, claims: &Value, secret: &str) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut mac = <Hmac<Sha256>>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn only_a_signed_unexpired_token_with_a_subject_is_believed() {
        let now = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
        let secrets = vec!["new".to_owned(), "old".to_owned()];
        let hs256 = json!({"alg": "HS256"});
        let claims = json!({"sub": "u1", "exp": now.timestamp() + 60, "name": "Ana"});
        let good = token(&hs256, &claims, "old");
        assert_eq!(verify(&good, &secrets, now).unwrap().subject, "u1");
        assert_eq!(verify(&good, &secrets, now + chrono::TimeDelta::seconds(61)), None);
        assert_eq!(verify(&token(&hs256, &claims, "other"), &secrets, now), None);
        assert_eq!(verify(&token(&json!({"alg": "none"}), &claims, "old"), &secrets, now), None);
        assert_eq!(verify(&token(&json!({"alg": "HS512"}), &claims, "old"), &secrets, now), None);
        assert_eq!(verify(&token(&hs256, &json!({"sub": "u1"}), "old"), &secrets, now), None);
        assert_eq!(verify(&token(&hs256, &json!({"exp": now.timestamp() + 60}), "old"), &secrets, now), None);
        assert_eq!(verify(&good, &[], now), None);
        assert_eq!(verify("..", &secrets, now), None);
    }
}
