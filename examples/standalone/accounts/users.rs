//! Who may log in.

use std::sync::PoisonError;

use helpdesk::model::Role;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

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
        let sql = "SELECT id, name, email, role FROM standalone_users WHERE id = ?";
        sqlx::query(sql).bind(FIRST_OWNER).try_map(user).fetch_optional(&self.0.pool).await
    }

    /// Makes the first owner, which is what tells later starts from the first.
    pub(crate) async fn create_owner(&self, owner: &User) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO standalone_users (id, name, role, created_at) VALUES (?, ?, ?, ?)";
        let query = sqlx::query(sql).bind(owner.id).bind(&owner.name).bind(role_name(owner.role)).bind(self.0.clock.now());
        query.execute(&self.0.pool).await?;
        Ok(())
    }

    /// A token that logs the owner in, once, in a browser. An earlier one is worth nothing from now on.
    pub(crate) fn new_one_time_token(&self) -> String {
        let token = super::tokens::random();
        *self.0.one_time.lock().unwrap_or_else(PoisonError::into_inner) = Some(Digest::of(&token));
        token
    }

    /// Uses a one-time token up: the owner, if it is good.
    pub(super) async fn use_one_time_token(&self, token: &str) -> Result<Option<User>, sqlx::Error> {
        let good = {
            let mut expected = self.0.one_time.lock().unwrap_or_else(PoisonError::into_inner);
            expected.take_if(|digest| digest.is_of(token)).is_some()
        };
        if good { self.owner().await } else { Ok(None) }
    }

    /// Adds a user.
    pub(super) async fn create_user(&self, new: NewUser<'_>) -> Result<User, Refused> {
        let name = line("name", new.name)?;
        let email = new.email.map(email).transpose()?;
        let hash = match new.password {
            Some(password) => Some(self.0.passwords.hash(checked(password)?).await?),
            None => None,
        };
        let sql = "INSERT INTO standalone_users (name, email, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?)
                   RETURNING id, name, email, role";
        let query = sqlx::query(sql).bind(name).bind(email).bind(role_name(new.role)).bind(hash).bind(self.0.clock.now());
        query.try_map(user).fetch_one(&self.0.pool).await.map_err(taken)
    }

    /// Gives a user an address and a password to log in with; other devices are logged out.
    pub(super) async fn set_password(&self, user: i64, address: &str, password: &str) -> Result<(), Refused> {
        let address = email(address)?;
        let hash = self.0.passwords.hash(checked(password)?).await?;
        let sql = "UPDATE standalone_users SET email = ?, password_hash = ? WHERE id = ?";
        sqlx::query(sql).bind(address).bind(hash).bind(user).execute(&self.0.pool).await.map_err(taken)?;
        sqlx::query("DELETE FROM standalone_sessions WHERE user = ?").bind(user).execute(&self.0.pool).await?;
        Ok(())
    }

    /// Removes a user; false if there is none, or it is the first owner, as whom the server acts.
    pub(super) async fn remove_user(&self, user: i64) -> Result<bool, Failure> {
        if user == FIRST_OWNER {
            return Ok(false);
        }
        let removed = sqlx::query("DELETE FROM standalone_users WHERE id = ?").bind(user).execute(&self.0.pool).await?;
        Ok(removed.rows_affected() == 1)
    }

    /// Whether a password may be tried for this address: guessing is slow.
    pub(super) fn may_try_password(&self, email: &str) -> bool {
        self.0.attempts.count(email, self.0.clock.now())
    }

    /// Who has this address and password.
    pub(super) async fn verify_password(&self, email: &str, password: &str) -> Result<Option<User>, Failure> {
        let sql = "SELECT id, name, email, role, password_hash FROM standalone_users WHERE email = ?";
        let known = sqlx::query(sql).bind(email.trim()).fetch_optional(&self.0.pool).await?;
        let hash: Option<String> = known.as_ref().map(|row| row.try_get("password_hash")).transpose()?.flatten();
        let matches = password.len() <= super::passwords::LIMIT && self.0.passwords.matches(password, hash).await?;
        if matches {
            self.0.attempts.forget(email);
        }
        Ok(known.filter(|_| matches).map(user).transpose()?)
    }
}

pub(super) fn user(row: SqliteRow) -> Result<User, sqlx::Error> {
    let role: String = row.try_get("role")?;
    let role = role_of(&role).ok_or_else(|| sqlx::Error::Decode(format!("{role:?} is no role").into()))?;
    Ok(User { id: row.try_get("id")?, name: row.try_get("name")?, email: row.try_get("email")?, role })
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
