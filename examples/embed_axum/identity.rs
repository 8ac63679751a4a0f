//! The shop's signed word on who a user is: a JWT, for services that do not share its cookies.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use super::Failure;
use super::users::User;

/// How long it is good, in seconds: it is used at once.
const LIFE: i64 = 300;

/// Signs who this user is, by HS256.
pub(crate) fn sign(user: &User, secret: &str) -> Result<String, Failure> {
    #[expect(clippy::disallowed_methods, reason = "the shop's clock is the machine's")]
    let now = chrono::Utc::now().timestamp();
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let claims = json!({"sub": user.id.to_string(), "exp": now + LIFE, "name": user.name, "email": user.email});
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut signature = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    signature.update(signed.as_bytes());
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.finalize().into_bytes())))
}
