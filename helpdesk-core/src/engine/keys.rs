//! Keys and what is signed or sealed with them.
//!
//! One secret of the host, spread by HKDF (RFC 5869) into a key for each purpose, so that a token of one kind is worth
//! nothing as another.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// The shortest secret a host may give, in bytes.
pub(super) const SECRET_KEY_MINIMUM: usize = 32;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Visitor,
    Transcript,
    Seal,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Visitor => b"helpdesk visitor token v1",
            Self::Transcript => b"helpdesk transcript v1",
            Self::Seal => b"helpdesk sealed secret v1",
        }
    }
}

/// The keys of an installation.
#[derive(Clone)]
pub(crate) struct Keys {
    visitor: [u8; 32],
    transcript: [u8; 32],
    seal: [u8; 32],
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    pub(crate) fn derive(secret: &[u8]) -> Self {
        let spread = Hkdf::<Sha256>::new(None, secret);
        let key = |purpose: Purpose| {
            let mut key = [0; 32];
            // 32 bytes are far below the limit of HKDF (255 times the hash's length), the only fault there is.
            let _ = spread.expand(purpose.label(), &mut key);
            key
        };
        Self { visitor: key(Purpose::Visitor), transcript: key(Purpose::Transcript), seal: key(Purpose::Seal) }
    }

    pub(crate) fn random() -> Self {
        Self::derive(&random::<32>())
    }

    const fn key(&self, purpose: Purpose) -> &[u8; 32] {
        match purpose {
            Purpose::Visitor => &self.visitor,
            Purpose::Transcript => &self.transcript,
            Purpose::Seal => &self.seal,
        }
    }

    /// HMAC-SHA256 of `message`, base64url.
    pub(crate) fn tag(&self, purpose: Purpose, message: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(hmac(self.key(purpose), message))
    }

    /// Whether `tag` is that of `message`, in constant time.
    pub(crate) fn tag_is(&self, purpose: Purpose, message: &[u8], tag: &str) -> bool {
        URL_SAFE_NO_PAD.decode(tag).is_ok_and(|tag| hmac_is(self.key(purpose), message, &tag))
    }

    /// `base64url(json).base64url(hmac)`.
    pub(crate) fn sign<T: Serialize>(&self, purpose: Purpose, claims: &T) -> String {
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default());
        let tag = self.tag(purpose, payload.as_bytes());
        format!("{payload}.{tag}")
    }

    /// What was signed, if this key signed it.
    pub(crate) fn open<T: DeserializeOwned>(&self, purpose: Purpose, token: &str) -> Option<T> {
        let (payload, tag) = token.split_once('.')?;
        if !self.tag_is(purpose, payload.as_bytes(), tag) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// Seals a secret for the store: ChaCha20-Poly1305 (RFC 8439) under a random nonce.
    pub(crate) fn seal(&self, secret: &str) -> String {
        let nonce = random::<12>();
        let cipher = ChaCha20Poly1305::new(Key::from_slice(&self.seal));
        let sealed = cipher.encrypt(Nonce::from_slice(&nonce), secret.as_bytes()).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    /// Opens what [`seal`](Self::seal) made; none if it was made with another key or changed.
    pub(crate) fn unseal(&self, sealed: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(12)?;
        let cipher = ChaCha20Poly1305::new(Key::from_slice(&self.seal));
        String::from_utf8(cipher.decrypt(Nonce::from_slice(nonce), sealed).ok()?).ok()
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256>>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Whether `tag` is the HMAC-SHA256 of `message`, in constant time.
pub(crate) fn hmac_is(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    use subtle::ConstantTimeEq as _;
    hmac(key, message).ct_eq(tag).into()
}

/// Unguessable bytes.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes);
    bytes
}

/// SHA-256, hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let digest = sha256(bytes);
    let (one, other) = digest.split_at(16);
    let number = |half: &[u8]| half.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{:032x}{:032x}", number(one), number(other))
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_one_kind_is_worth_nothing_as_another() {
        let keys = Keys::derive(b"0123456789abcdef0123456789abcdef");
        let token = keys.sign(Purpose::Visitor, &"ana");
        assert_eq!(keys.open::<String>(Purpose::Visitor, &token).as_deref(), Some("ana"));
        assert_eq!(keys.open::<String>(Purpose::Transcript, &token), None);
        assert_eq!(Keys::random().open::<String>(Purpose::Visitor, &token), None);
        assert_eq!(keys.open::<String>(Purpose::Visitor, "a.b.c"), None);
    }

    #[test]
    fn a_sealed_secret_opens_only_with_its_key() {
        let keys = Keys::random();
        let sealed = keys.seal("sk-very-secret");
        assert!(!sealed.contains("secret"));
        assert_eq!(keys.unseal(&sealed).as_deref(), Some("sk-very-secret"));
        assert_eq!(Keys::random().unseal(&sealed), None);
        assert_eq!(keys.unseal("AAAA"), None);
    }
}
