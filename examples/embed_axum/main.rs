//! A shop with users, sessions, a database pool and migrations of its own gets live support.
//!
//! What it took is in `helpdesk.rs`, the `.nest` line below, and a script tag in the page. Log in as `mia@shop.example`
//! (she works there) or `tom@shop.example` (he is a customer) with the password `lamps for long evenings`.

mod database;
mod helpdesk;
mod identity;
mod pages;
mod users;

use std::io::Write as _;
use std::net::SocketAddr;

use axum::middleware::from_fn_with_state;
use sqlx::SqlitePool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The shop's state.
#[derive(Clone)]
struct App {
    pool: SqlitePool,
    identity_secret: String,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let setting = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let pool = database::open(&setting("SHOP_DATABASE_URL", "sqlite://shop.db")).await?;
    users::ensure_demo_users(&pool).await?;

    let desk = helpdesk::open(pool.clone(), database::secret(&pool, "helpdesk").await?).await?;
    let identity_secret = match database::kept_secret(&pool, "identity").await? {
        Some(secret) => secret,
        None => database::keep_secret(&pool, "identity", helpdesk::new_identity_secret(&desk).await?).await?,
    };
    let app = App { pool: pool.clone(), identity_secret };
    let stop = CancellationToken::new();
    let router = pages::routes()
        .nest("/helpdesk", helpdesk::routes(&desk, &stop))
        .layer(from_fn_with_state(app.clone(), users::recognise))
        .with_state(app)
        .into_make_service_with_connect_info::<SocketAddr>();
    let workers = desk.spawn_workers();

    let listener = TcpListener::bind(setting("SHOP_LISTEN", "127.0.0.1:3000")).await?;
    writeln!(std::io::stdout(), "Listening on http://{}", listener.local_addr()?)?;
    let interrupted = async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    };
    axum::serve(listener, router).with_graceful_shutdown(interrupted).await?;
    workers.shutdown(std::time::Duration::from_secs(10)).await;
    pool.close().await;
    Ok(())
}
