//! Who may log in.

use helpdesk::model::Role;

use super::pool::{Pool, on};
use super::tokens::Digest;
use super::{Accounts, Failure};

/// The id of the first owner, as whom the server and its owner token act.
const FIRST_OWNER: i64 = 1;
/// The longest name or e-mail address, in characters.
const LINE_LIMIT: usize = 200;

/// Somebody who may log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) role: Role,
}

impl User {
    /// The first owner as they begin.
    pub(crate) fn first_owner() -> Self {
        Self { id: FIRST_OWNER, name: "Owner".to_owned(), email: None, role: Role::Owner }
    }
}

/// Somebody who shall be able to.
#[derive(Debug)]
pub(crate) struct NewUser<'a> {
    pub(crate) name: &'a str,
    pub(crate) email: Option<&'a str>,
    pub(crate) password: Option<&'a str>,
    pub(crate) role: Role,
}

/// Why something cannot be kept: a sentence for the person who typed it.
#[derive(Debug)]
pub(super) enum Refused {
    Invalid(String),
    EmailTaken,
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Accounts {
    /// The first owner, unless this is the first start.
    pub(crate) async fn owner(&self) -> Result<Option<User>, sqlx::Error> {
        let sql = "SELECT id, name, email, role FROM standalone_users WHERE id = $1";
        let row = on!(&self.0.pool, |pool| sqlx::query_as(sql).bind(FIRST_OWNER).fetch_optional(pool).await)?;
        row.map(user).transpose()
    }

    /// Makes the first owner, which is what tells later starts from the first. Another node may have done so meanwhile.
    pub(crate) async fn create_owner(&self, owner: &User) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO standalone_users (id, name, role, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING";
        let (role, now) = (role_name(owner.role), self.0.clock.now());
        on!(&self.0.pool, |pool| sqlx::query(sql).bind(owner.id).bind(&owner.name).bind(role).bind(now).execute(pool).await.map(drop))
    }

    /// A token that logs the owner in, once, in a browser. An earlier one is worth nothing from now on. It is kept in the
    /// database, because the link may lead to another node than the one that printed it.
    pub(crate) async fn new_one_time_token(&self) -> Result<String, sqlx::Error> {
        let token = super::tokens::random();
        let hash = Digest::of(&token);
        let sql = "INSERT INTO standalone_link (id, token_hash) VALUES (1, $1)
                   ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash";
        on!(&self.0.pool, |pool| sqlx::query(sql).bind(hash.as_bytes()).execute(pool).await.map(drop))?;
        Ok(token)
    }

    /// Uses a one-time token up: the owner, if it is good.
    pub(super) async fn use_one_time_token(&self, token: &str) -> Result<Option<User>, sqlx::Error> {
        let hash = Digest::of(token);
        let sql = "DELETE FROM standalone_link WHERE token_hash = $1";
        let used = on!(&self.0.pool, |pool| sqlx::query(sql).bind(hash.as_bytes()).execute(pool).await?.rows_affected());
        if used == 1 { self.owner().await } else { Ok(None) }
    }

    /// Adds a user.
    pub(super) async fn create_user(&self, new: NewUser<'_>) -> Result<User, Refused> {
        let name = line("name", new.name)?;
        let email = new.email.map(email).transpose()?;
        let hash = match new.password {
            Some(password) => Some(self.0.passwords.hash(checked(password)?).await?),
            None => None,
        };
        let sql = "INSERT INTO standalone_users (name, email, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)
                   RETURNING id, name, email, role";
        let (role, now) = (role_name(new.role), self.0.clock.now());
        let row = on!(&self.0.pool, |pool| {
            sqlx::query_as(sql).bind(name).bind(email).bind(role).bind(hash).bind(now).fetch_one(pool).await.map_err(taken)
        });
        Ok(user(row?)?)
    }

    /// Gives a user an address and a password to log in with; other devices are logged out.
    pub(super) async fn set_password(&self, user: i64, address: &str, password: &str) -> Result<(), Refused> {
        let address = email(address)?;
        let hash = self.0.passwords.hash(checked(password)?).await?;
        let sql = "UPDATE standalone_users SET email = $1, password_hash = $2 WHERE id = $3";
        on!(&self.0.pool, |pool| sqlx::query(sql).bind(address).bind(hash).bind(user).execute(pool).await.map(drop)).map_err(taken)?;
        let sql = "DELETE FROM standalone_sessions WHERE \"user\" = $1";
        on!(&self.0.pool, |pool| sqlx::query(sql).bind(user).execute(pool).await.map(drop))?;
        Ok(())
    }

    /// Removes a user; false if there is none, or it is the first owner, as whom the server acts.
    pub(super) async fn remove_user(&self, user: i64) -> Result<bool, Failure> {
        if user == FIRST_OWNER {
            return Ok(false);
        }
        let sql = "DELETE FROM standalone_users WHERE id = $1";
        let removed = on!(&self.0.pool, |pool| sqlx::query(sql).bind(user).execute(pool).await?.rows_affected());
        Ok(removed == 1)
    }

    /// Whether a password may be tried for this address: guessing is slow.
    pub(super) fn may_try_password(&self, email: &str) -> bool {
        self.0.attempts.count(email, self.0.clock.now())
    }

    /// Who has this address and password.
    pub(super) async fn verify_password(&self, email: &str, password: &str) -> Result<Option<User>, Failure> {
        let sql = "SELECT password_hash, id, name, email, role FROM standalone_users WHERE lower(email) = lower($1)";
        // Postgres keeps no zero bytes, and nobody has such an address.
        let address = email.trim().replace('\0', " ");
        type Known = (Option<String>, i64, String, Option<String>, String);
        let known: Option<Known> = on!(&self.0.pool, |pool| sqlx::query_as(sql).bind(&address).fetch_optional(pool).await)?;
        let (hash, known) = known.map_or((None, None), |(hash, id, name, email, role)| (hash, Some((id, name, email, role))));
        let matches = password.len() <= super::passwords::LIMIT && self.0.passwords.matches(password, hash).await?;
        if matches {
            self.0.attempts.forget(email);
        }
        Ok(known.filter(|_| matches).map(user).transpose()?)
    }
}

/// What statements answer of a user: id, name, address and role.
pub(super) type UserRow = (i64, String, Option<String>, String);

pub(super) fn user((id, name, email, role): UserRow) -> Result<User, sqlx::Error> {
    let role = role_of(&role).ok_or_else(|| sqlx::Error::Decode(format!("{role:?} is no role").into()))?;
    Ok(User { id, name, email, role })
}

pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Manager => "manager",
        Role::Operator => "operator",
    }
}

pub(super) fn role_of(name: &str) -> Option<Role> {
    [Role::Owner, Role::Manager, Role::Operator].into_iter().find(|role| role_name(*role) == name)
}

fn line(field: &str, text: &str) -> Result<String, Refused> {
    let text = text.trim();
    let fits = (1..=LINE_LIMIT).contains(&text.chars().count()) && !text.contains(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Refused::Invalid(format!("The {field} must be one line of 1 to {LINE_LIMIT} characters."))) }
}

fn email(text: &str) -> Result<String, Refused> {
    let text = line("e-mail address", text)?;
    let plausible = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) && !text.contains(' ');
    if plausible { Ok(text) } else { Err(Refused::Invalid("That is no e-mail address.".to_owned())) }
}

fn checked(password: &str) -> Result<&str, Refused> {
    use super::passwords::{LIMIT, MINIMUM};
    if password.chars().count() < MINIMUM || password.len() > LIMIT {
        return Err(Refused::Invalid(format!("The password must have {MINIMUM} characters or more, and at most {LIMIT} bytes.")));
    }
    Ok(password)
}

fn taken(error: sqlx::Error) -> Refused {
    match &error {
        sqlx::Error::Database(fault) if fault.is_unique_violation() => Refused::EmailTaken,
        _ => Refused::Failed(error.into()),
    }
}
