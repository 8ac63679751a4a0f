//! The shop's users and their sessions.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::cookie::CookieJar;
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, SqlitePool};

use super::{App, Failure, database};

const COOKIE: &str = "shop_session";
const DEMO_PASSWORD: &str = "lamps for long evenings";

/// Who is logged in.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) email: String,
    /// Works for the shop.
    pub(crate) staff: bool,
}

/// Puts the logged-in user into each request's extensions: the shop's pages find them there, and so does the helpdesk.
pub(crate) async fn recognise(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match session_user(&app.pool, request.headers()).await {
        Ok(Some(user)) => _ = request.extensions_mut().insert(user),
        Ok(None) => {}
        Err(error) => {
            tracing::error!(%error, "sessions cannot be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    next.run(request).await
}

/// Logs in: the cookie to set, if the password is right.
pub(crate) async fn log_in(pool: &SqlitePool, email: &str, password: String) -> Result<Option<String>, Failure> {
    let sql = "SELECT id, password_hash FROM users WHERE email = ?";
    let Some(row) = sqlx::query(sql).bind(email).fetch_optional(pool).await? else { return Ok(None) };
    let hash: String = row.try_get("password_hash")?;
    if !tokio::task::spawn_blocking(move || matches(&password, &hash)).await? {
        return Ok(None);
    }
    let token = database::random_token();
    let sql = "INSERT INTO sessions (token_hash, user) VALUES (?, ?)";
    sqlx::query(sql).bind(digest(&token)).bind(row.try_get::<i64, _>("id")?).execute(pool).await?;
    Ok(Some(format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax")))
}

/// Logs out: the cookie to set.
pub(crate) async fn log_out(pool: &SqlitePool, headers: &HeaderMap) -> Result<String, Failure> {
    if let Some(cookie) = CookieJar::from_headers(headers).get(COOKIE) {
        sqlx::query("DELETE FROM sessions WHERE token_hash = ?").bind(digest(cookie.value())).execute(pool).await?;
    }
    Ok(format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"))
}

async fn session_user(pool: &SqlitePool, headers: &HeaderMap) -> Result<Option<User>, sqlx::Error> {
    let cookies = CookieJar::from_headers(headers);
    let Some(cookie) = cookies.get(COOKIE) else { return Ok(None) };
    let sql = "SELECT id, name, email, staff FROM sessions JOIN users ON users.id = sessions.user WHERE token_hash = ?";
    let row = sqlx::query(sql).bind(digest(cookie.value())).fetch_optional(pool).await?;
    row.map(|row| {
        Ok(User { id: row.try_get("id")?, name: row.try_get("name")?, email: row.try_get("email")?, staff: row.try_get("staff")? })
    })
    .transpose()
}

/// The two users of this demo.
pub(crate) async fn ensure_demo_users(pool: &SqlitePool) -> Result<(), Failure> {
    let known: i64 = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(pool).await?;
    if known > 0 {
        return Ok(());
    }
    let hash: PasswordHash = Argon2::default().hash_password(DEMO_PASSWORD.as_bytes()).map_err(|error| error.to_string())?;
    let sql = "INSERT INTO users (name, email, staff, password_hash) VALUES ('Mia', 'mia@shop.example', TRUE, ?1), ('Tom', 'tom@shop.example', FALSE, ?1)";
    sqlx::query(sql).bind(hash.to_string()).execute(pool).await?;
    Ok(())
}

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
