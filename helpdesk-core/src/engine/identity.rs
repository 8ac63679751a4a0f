//! Proof of who a visitor is: the host's signed identity tokens.
//!
//! A compact JWS (RFC 7515) with `alg` HS256 and nothing else, carrying the claims `sub` and `exp` (RFC 7519), optionally
//! `nbf`, `name` and `email`. Everything else is refused, `alg: none` first of all, and so is a token that demands
//! extensions (`crit`), is not valid yet, or whose name or address could not be kept as it stands.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::keys::hmac_is;
use crate::clock::Timestamp;
use crate::model::text;

/// The longest identity token, in bytes.
const TOKEN_LIMIT: usize = 4096;

/// How far the host's clock may be ahead of ours, in seconds, before a token counts as not valid yet.
const CLOCK_SKEW: f64 = 60.0;

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
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    nbf: Option<f64>,
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
    let proven = header.alg == "HS256"
        && header.crit.is_none()
        && secrets.iter().any(|secret| hmac_is(secret.as_bytes(), signed.as_bytes(), &signature));
    if !proven {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let now = now.timestamp() as f64;
    let begun = claims.nbf.is_none_or(|nbf| nbf.is_finite() && nbf <= now + CLOCK_SKEW);
    if !claims.exp.is_finite() || claims.exp <= now || !begun {
        return None;
    }
    Some(Identity {
        subject: text::line("sub", &claims.sub).ok()?,
        name: claims.name.map(|name| text::line("name", &name)).transpose().ok()?,
        email: claims.email.map(|email| text::email("email", &email)).transpose().ok()?,
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
        assert_eq!(verify(&token(&json!({"alg": "HS256", "crit": ["b64"]}), &claims, "old"), &secrets, now), None);
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            verify(&token(&hs256, &claims, "new"), &secrets, now).is_some()
        };
        assert!(with("nbf", json!(now.timestamp() + 30)), "clocks differ a little");
        assert!(!with("nbf", json!(now.timestamp() + 3600)));
        assert!(with("email", json!("ana@example.org")));
        assert!(!with("email", json!("nobody")));
        assert!(!with("name", json!("A\u{7}na")));
        assert_eq!(verify(&good, &[], now), None);
        assert_eq!(verify("..", &secrets, now), None);
    }
}
