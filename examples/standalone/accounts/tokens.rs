//! Random tokens, and what is kept of them.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// SHA-256 of a token. Tokens are random and long, so a fast hash is enough; who reads the database cannot log in with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is the digest of this token. Takes the same time for every wrong one.
    pub(super) fn is_of(&self, token: &str) -> bool {
        self.0.ct_eq(&Self::of(token).0).into()
    }
}

/// 32 random bytes, as text.
pub(super) fn random() -> String {
    rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect()
}
