//! Serves connections until it is told to stop.
//!
//! A loop of its own, since that of axum lets a connection be silent between two requests for as long as it likes: whoever
//! opened as many as the doorkeeper lets in would keep everybody else out.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tower::Service as _;

use super::doorkeeper::Doorkeeper;

/// How long a connection may be kept without a whole head of a request. Longer than the proxies in front of servers keep
/// theirs, which is 60 seconds for most, so that none sends a request on a connection that is just being closed.
const SILENCE: Duration = Duration::from_secs(75);

/// Serves `app`; returns once `stop` is over and so are the requests that were open then.
pub(crate) async fn serve(mut doorkeeper: Doorkeeper, app: Router, stop: impl Future<Output = ()>) {
    let (server, open, mut stop) = (server(), GracefulShutdown::new(), pin!(stop));
    loop {
        let (guest, address) = tokio::select! {
            accepted = doorkeeper.accept() => accepted,
            () = &mut stop => break,
        };
        let app = app.clone();
        let answer = service_fn(move |request: Request<Incoming>| app.clone().call(from(address, request)));
        let connection = open.watch(server.serve_connection_with_upgrades(TokioIo::new(guest), answer).into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    // Whoever knocks from now on is refused.
    drop(doorkeeper);
    open.shutdown().await;
}

/// What is in front of a server speaks HTTP/1.1 to it.
fn server() -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new()).http1_only();
    server.http1().timer(TokioTimer::new()).header_read_timeout(SILENCE);
    server
}

/// The request, which says from where it came.
fn from(address: SocketAddr, request: Request<Incoming>) -> Request<Body> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::oneshot;
    use tokio::time::Instant;

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";

    /// A server on a clock that runs on by itself, and what stops it.
    async fn serving(app: Router) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { drop(stopped.await) };
        (address, stop, tokio::spawn(serve(Doorkeeper::new(listener), app, stopped)))
    }

    fn hello() -> Router {
        Router::new().route("/", get(async |ConnectInfo(from): ConnectInfo<SocketAddr>| format!("hello {}", from.ip())))
    }

    /// Everything that comes until the server closes the connection, and how long that took.
    async fn to_the_end(stream: &mut TcpStream) -> (String, Duration) {
        let (begun, mut text) = (Instant::now(), String::new());
        stream.read_to_string(&mut text).await.unwrap();
        (text, begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_kept_connection_that_stays_silent_is_closed() {
        let (address, _stop, _serving) = serving(hello()).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        let (text, took) = to_the_end(&mut stream).await;
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("hello 127.0.0.1"), "{text}");
        assert!(took >= SILENCE, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_further_head_that_never_ends_is_cut_off() {
        let (address, _stop, _serving) = serving(hello()).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&[REQUEST, b"GET / HTTP/1.1\r\nx: "].concat()).await.unwrap();
        let (text, took) = to_the_end(&mut stream).await;
        assert_eq!(text.matches("200 OK").count(), 1, "{text}");
        assert!(took >= SILENCE, "{took:?}");
    }

    #[tokio::test]
    async fn what_is_open_when_it_stops_is_answered_and_nothing_new_is_let_in() {
        let (go, may_go) = oneshot::channel::<()>();
        let (came, coming) = oneshot::channel();
        let once = std::sync::Arc::new(std::sync::Mutex::new(Some((came, may_go))));
        let slow = get(move || async move {
            let (came, may_go) = once.lock().unwrap().take().unwrap();
            came.send(()).unwrap();
            may_go.await.unwrap();
            "at last"
        });
        let (address, stop, serving) = serving(Router::new().route("/", slow)).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        coming.await.unwrap();
        stop.send(()).unwrap();
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        go.send(()).unwrap();
        assert!(to_the_end(&mut stream).await.0.ends_with("at last"));
        serving.await.unwrap();
    }
}
