//! Passwords, kept as argon2id hashes.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use super::Failure;

/// The shortest password, in characters.
pub(super) const MINIMUM: usize = 10;
/// The longest, in bytes: hashing takes time.
pub(super) const LIMIT: usize = 200;

/// What a log-in with an unknown address is compared with, so that it takes as long as one with a known address.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

/// Hashes and compares. A hash takes 19 MiB and some time, so only a few are made at once.
#[derive(Clone, Debug)]
pub(super) struct Passwords(Arc<Semaphore>);

impl Passwords {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(2)))
    }

    /// The hash to keep.
    pub(super) async fn hash(&self, password: &str) -> Result<String, Failure> {
        let password = password.to_owned();
        self.aside(move || hash_now(&password)).await?
    }

    /// Whether a password is the one that was hashed. Without a hash it takes as long, and is not.
    pub(super) async fn matches(&self, password: &str, hash: Option<String>) -> Result<bool, Failure> {
        let password = password.to_owned();
        self.aside(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            let same = PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
            same && known
        })
        .await
    }

    async fn aside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
        let _permit = self.0.acquire().await?;
        Ok(tokio::task::spawn_blocking(work).await?)
    }
}

fn hash_now(password: &str) -> Result<String, Failure> {
    let hash: argon2::password_hash::phc::PasswordHash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}
