//! The server's own accounts: who may log in, and what the helpdesk is told about them.
//!
//! All of it is this example's: its tables are `standalone_*` in the helpdesk's database, its pool is its own. The helpdesk
//! sees no more of it than [`OperatorAuth`]; a host with accounts of its own writes only that part.

mod attempts;
mod operators;
mod pages;
mod passwords;
mod pool;
mod schema;
mod sessions;
mod tokens;
mod users;

use std::sync::Arc;

use helpdesk::clock::Clock;

use super::Failure;
use super::database::Database;
use super::flags::Secret;
use attempts::Attempts;
use passwords::Passwords;
use pool::Pool;
use tokens::Digest;

pub(crate) use pages::routes;
pub(crate) use users::{NewUser, User};

/// The accounts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Accounts(Arc<Shared>);

struct Shared {
    pool: Pool,
    clock: Arc<dyn Clock>,
    /// Browsers send the session's cookie over HTTPS only.
    secure_cookies: bool,
    owner_token: Option<Digest>,
    passwords: Passwords,
    attempts: Attempts,
}

impl Accounts {
    /// Opens the accounts in this database and makes their tables where there are none.
    pub(crate) async fn open(
        database: &Database,
        clock: Arc<dyn Clock>,
        secure_cookies: bool,
        owner_token: Option<&Secret>,
    ) -> Result<Self, Failure> {
        let pool = Pool::open(database).await?;
        schema::migrate(&pool).await?;
        Ok(Self(Arc::new(Shared {
            pool,
            clock,
            secure_cookies,
            owner_token: owner_token.map(|token| Digest::of(token.expose())),
            passwords: Passwords::new(),
            attempts: Attempts::default(),
        })))
    }

    /// Closes the pool; what waits is finished first.
    pub(crate) async fn close(&self) {
        self.0.pool.close().await;
    }
}
