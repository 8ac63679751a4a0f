//! Whose request it is, by address.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

/// The peer; or, where that is a reverse proxy on this machine, the address that the proxy added to `X-Forwarded-For`.
/// Only its last entry is the proxy's word: the others came with the request.
pub(crate) fn tell(request: &Parts) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let forwarded = request.headers.get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    Some(last.filter(|_| peer.ip().is_loopback()).unwrap_or_else(|| peer.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn told(peer: &str, forwarded: &[&str]) -> String {
        let request = forwarded.iter().fold(Request::get("/"), |request, value| request.header("x-forwarded-for", *value));
        let mut parts = request.body(()).unwrap().into_parts().0;
        parts.extensions.insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        tell(&parts).unwrap().to_string()
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed_and_only_its_own_word() {
        assert_eq!(told("127.0.0.1:5", &[]), "127.0.0.1");
        assert_eq!(told("127.0.0.1:5", &["203.0.113.9, 192.0.2.1"]), "192.0.2.1");
        assert_eq!(told("[::1]:5", &["203.0.113.9", "192.0.2.2"]), "192.0.2.2");
        assert_eq!(told("198.51.100.7:5", &["192.0.2.1"]), "198.51.100.7");
        assert_eq!(told("127.0.0.1:5", &["nonsense"]), "127.0.0.1");
    }
}
