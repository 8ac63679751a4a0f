//! Sessions: a cookie with a random token, of which the database keeps a hash.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::CookieJar;
use chrono::TimeDelta;

use super::pool::{Pool, on};
use super::tokens::{self, Digest};
use super::users::user;
use super::{Accounts, User};

/// The cookie's name.
const COOKIE: &str = "helpdesk_session";
/// How long a session lasts.
const LIFE: TimeDelta = TimeDelta::days(30);

impl Accounts {
    /// Logs a user in: the cookie to set.
    pub(super) async fn begin_session(&self, user: i64) -> Result<String, sqlx::Error> {
        let token = tokens::random();
        let now = self.0.clock.now();
        let clean = "DELETE FROM standalone_sessions WHERE expires_at <= $1";
        on!(&self.0.pool, |pool| sqlx::query(clean).bind(now).execute(pool).await.map(drop))?;
        let sql = "INSERT INTO standalone_sessions (token_hash, \"user\", expires_at) VALUES ($1, $2, $3)";
        let hash = Digest::of(&token);
        on!(&self.0.pool, |pool| sqlx::query(sql).bind(hash.as_bytes()).bind(user).bind(now + LIFE).execute(pool).await.map(drop))?;
        Ok(self.cookie(&token, LIFE))
    }

    /// Who sent a request, by its cookie.
    pub(super) async fn session_user(&self, headers: &HeaderMap) -> Result<Option<User>, sqlx::Error> {
        let cookies = CookieJar::from_headers(headers);
        let Some(cookie) = cookies.get(COOKIE) else { return Ok(None) };
        let sql = "SELECT id, name, email, role FROM standalone_sessions
                   JOIN standalone_users ON standalone_users.id = standalone_sessions.\"user\"
                   WHERE token_hash = $1 AND expires_at > $2";
        let (hash, now) = (Digest::of(cookie.value()), self.0.clock.now());
        let row = on!(&self.0.pool, |pool| sqlx::query_as(sql).bind(hash.as_bytes()).bind(now).fetch_optional(pool).await)?;
        row.map(user).transpose()
    }

    /// Logs out: the cookie that takes the other one's place.
    pub(super) async fn end_session(&self, headers: &HeaderMap) -> Result<String, sqlx::Error> {
        if let Some(cookie) = CookieJar::from_headers(headers).get(COOKIE) {
            let sql = "DELETE FROM standalone_sessions WHERE token_hash = $1";
            let hash = Digest::of(cookie.value());
            on!(&self.0.pool, |pool| sqlx::query(sql).bind(hash.as_bytes()).execute(pool).await.map(drop))?;
        }
        Ok(self.cookie("", TimeDelta::zero()))
    }

    fn cookie(&self, token: &str, life: TimeDelta) -> String {
        // Lax: a link from elsewhere may lead into the inbox, but no other site's page can send requests with the cookie.
        let secure = if self.0.secure_cookies { "; Secure" } else { "" };
        format!("{COOKIE}={token}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", life.num_seconds())
    }
}
