//! The server's own accounts: who may log in, and what the helpdesk is told about them.
//!
//! All of it is this example's: its tables are `standalone_*`, its pool is its own. The helpdesk sees no more of it than
//! [`OperatorAuth`]; a host with accounts of its own writes only that part.

mod attempts;
mod operators;
mod pages;
mod passwords;
mod schema;
mod sessions;
mod tokens;
mod users;

use std::str::FromStr as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use helpdesk::clock::Clock;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::Failure;
use super::flags::Secret;
use attempts::Attempts;
use passwords::Passwords;
use tokens::Digest;

pub(crate) use pages::routes;
pub(crate) use users::{NewUser, User};

/// The accounts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Accounts(Arc<Shared>);

struct Shared {
    pool: SqlitePool,
    clock: Arc<dyn Clock>,
    /// Browsers send the session's cookie over HTTPS only.
    secure_cookies: bool,
    owner_token: Option<Digest>,
    /// The log-in link of this start, until it is used.
    one_time: Mutex<Option<Digest>>,
    passwords: Passwords,
    attempts: Attempts,
}

impl Accounts {
    /// Opens the accounts in this database and makes their tables where there are none.
    pub(crate) async fn open(
        database_url: &str,
        clock: Arc<dyn Clock>,
        secure_cookies: bool,
        owner_token: Option<&Secret>,
    ) -> Result<Self, Failure> {
        // The helpdesk's writer shares the file: a write waits for its turn instead of failing.
        let options = SqliteConnectOptions::from_str(database_url)?.busy_timeout(Duration::from_secs(5)).foreign_keys(true);
        let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await?;
        schema::migrate(&pool).await?;
        Ok(Self(Arc::new(Shared {
            pool,
            clock,
            secure_cookies,
            owner_token: owner_token.map(|token| Digest::of(token.expose())),
            one_time: Mutex::default(),
            passwords: Passwords::new(),
            attempts: Attempts::default(),
        })))
    }

    /// Closes the pool; what waits is finished first.
    pub(crate) async fn close(&self) {
        self.0.pool.close().await;
    }
}
