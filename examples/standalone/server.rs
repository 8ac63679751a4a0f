//! The server, put together.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use helpdesk::Helpdesk;
use helpdesk::engine::{OperatorHandle, OperatorProfile};
use helpdesk::http::RouterBuilder;
use helpdesk::id::WorkspaceId;
use helpdesk::openai::OpenAiResponder;
use helpdesk::retrieval::RetrievalResponder;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::accounts::{self, Accounts, User};
use super::doorkeeper::Doorkeeper;
use super::flags::{Flags, OpenAi};
use super::{Failure, client_address, demo_page, metrics, secret_key, seed, serving};

/// How long open requests, and then the workers, may take at a shutdown.
const GRACE: Duration = Duration::from_secs(10);

/// Runs until a signal says to stop.
pub(crate) async fn run(flags: Flags) -> Result<(), Failure> {
    let (database, secret_key) = (flags.database()?, flags.secret_key()?);
    let (public_url, owner_token) = (flags.public_url()?, flags.owner_token()?);
    let figures = metrics::start()?;
    let open = database.open().await?;
    let secret_key = match (secret_key, open.file()) {
        (Some(key), _) => key.expose().as_bytes().to_vec(),
        (None, Some(file)) => secret_key::load_or_create(&file.with_file_name(secret_key::FILE))?,
        (None, None) => return Err("a database that is no file needs a --secret-key".into()),
    };
    let listener = TcpListener::bind(flags.listen).await.map_err(|error| format!("cannot listen on {}: {error}", flags.listen))?;
    let local_url = local_url(listener.local_addr()?)?;
    let root = public_url.unwrap_or_else(|| local_url.clone());

    let mut builder = open
        .helpdesk()
        .secret_key(secret_key)
        .public_url(root.join("helpdesk")?)
        .default_name(seed::SHOP)
        .default_settings(seed::settings());
    let openai = flags.openai();
    let driver = if openai.is_some() { OpenAiResponder::DRIVER } else { RetrievalResponder::DRIVER };
    if let Some(openai) = openai {
        builder = builder.assistant(responder(openai)?);
    }
    let desk = builder.build().await?;
    let accounts = Accounts::open(&database, desk.clock().clone(), root.scheme() == "https", owner_token.as_ref()).await?;
    let owner = ensure_owner(&desk, &accounts).await?;
    seed::choose_driver(&owner, driver).await?;

    let draining = CancellationToken::new();
    let helpdesk = RouterBuilder::new(desk.clone(), accounts.clone()).client_ip(client_address::tell).draining(draining.clone());
    let app = Router::new()
        .nest("/helpdesk", helpdesk.build())
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(ready).with_state((desk.clone(), draining.clone())))
        .merge(metrics::routes(figures, owner))
        .merge(accounts::routes(accounts.clone(), desk.clone()))
        .merge(demo_page::routes())
        .fallback(nothing_here);
    let workers = desk.spawn_workers();
    announce(&local_url, &root, &accounts.new_one_time_token().await?)?;
    tracing::info!(%local_url, %driver, "the helpdesk is open");

    let stop = draining.clone().cancelled_owned();
    tokio::select! {
        () = serving::serve(Doorkeeper::new(listener), app, stop) => {}
        () = async { stop_signal().await; draining.cancel(); tokio::time::sleep(GRACE).await } => tracing::warn!("open requests were cut off"),
    }
    workers.shutdown(GRACE).await;
    accounts.close().await;
    open.close().await;
    tracing::info!("the helpdesk is closed");
    Ok(())
}

fn responder(openai: OpenAi) -> Result<OpenAiResponder, Failure> {
    let mut builder = OpenAiResponder::builder().model(openai.model);
    if let Some(url) = openai.base_url {
        builder = builder.base_url(url);
    }
    if let Some(key) = openai.api_key {
        builder = builder.api_key(key.expose());
    }
    Ok(builder.build()?)
}

/// The owner as an operator. At the first start the demo shop's articles are added on the way. All of it may be done by
/// several nodes at once, and is done once.
async fn ensure_owner(desk: &Helpdesk, accounts: &Accounts) -> Result<OperatorHandle, Failure> {
    let known = accounts.owner().await?;
    let first_start = known.is_none();
    let owner = known.unwrap_or_else(User::first_owner);
    let workspace = desk.workspace(WorkspaceId::DEFAULT);
    let operator = workspace.ensure_operator(&OperatorProfile::new(owner.subject(), &owner.name, owner.role)).await?;
    let handle = workspace.operator(operator.id);
    if first_start {
        seed::add_articles(&handle).await?;
        accounts.create_owner(&owner).await?;
    }
    Ok(handle)
}

async fn ready(State((desk, draining)): State<(Helpdesk, CancellationToken)>) -> Result<&'static str, StatusCode> {
    match desk.ready().await {
        Ok(()) if !draining.is_cancelled() => Ok("ready"),
        Ok(()) => Err(StatusCode::SERVICE_UNAVAILABLE),
        Err(error) => {
            // What is wrong with the storage is in the log already.
            if error.storage_fault().is_none() {
                tracing::error!(%error, "not ready");
            }
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// What neither the helpdesk nor the server knows, told in the helpdesk's way.
async fn nothing_here() -> impl IntoResponse {
    let body = json!({"type": "about:blank", "title": "Not Found", "status": 404, "code": "not_found", "detail": "there is nothing at this address"});
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string())
}

/// A URL by which a browser on this machine reaches the address.
fn local_url(address: SocketAddr) -> Result<Url, Failure> {
    let host = match address {
        SocketAddr::V4(address) if address.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V6(address) if address.ip().is_unspecified() => "[::1]".to_owned(),
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    Ok(Url::parse(&format!("http://{host}:{}", address.port()))?)
}

/// Tells the person who started the server. The first line names the URL, for scripts too.
fn announce(local_url: &Url, root: &Url, one_time_token: &str) -> Result<(), Failure> {
    let mut text = format!("Listening on {}\n\n", local_url.as_str().trim_end_matches('/'));
    writeln!(text, "  Demo page  {root}")?;
    writeln!(text, "  Inbox      {root}login?token={one_time_token}")?;
    writeln!(text, "             logs you in as the owner, once; {root}password sets a password")?;
    writeln!(text, "  API        {root}helpdesk/docs\n")?;
    let mut stdout = std::io::stdout();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).or_else(|error| match error.kind() {
        // Whoever started it has read enough.
        std::io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error.into()),
    })
}

async fn stop_signal() {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "the interrupt signal cannot be heard");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => tokio::select! { () = interrupted => {}, _ = terminated.recv() => {} },
            Err(_) => interrupted.await,
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}
