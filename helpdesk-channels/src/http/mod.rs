//! The HTTP client of the adapters: TLS by ring whatever the host installed, no redirects, and no way into the
//! private network for addresses that a tenant typed.

mod address;
mod resolver;

use std::sync::Arc;
use std::time::Duration;

use rustls_platform_verifier::BuilderVerifierExt as _;
use url::{Host, Url};

pub(crate) use address::PrivateAddress;
use resolver::PublicResolver;

/// Which addresses a client reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All: for addresses that the host configured in code.
    Anywhere,
    /// The public internet only: for addresses that came in as settings. Uses no proxy, for what a proxy resolves is not seen here.
    PublicOnly,
}

/// A client that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client: {0}")]
pub(crate) struct ClientFault(String);

/// A client. Redirects are not followed: they would carry keys to places nobody configured.
pub(crate) fn client(reach: Reach, connect_timeout: Duration) -> Result<reqwest::Client, ClientFault> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls().map_err(|error| ClientFault(error.to_string()))?)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(connect_timeout)
        .user_agent(concat!("helpdesk/", env!("CARGO_PKG_VERSION")));
    let builder = match reach {
        Reach::Anywhere => builder,
        Reach::PublicOnly => builder.no_proxy().dns_resolver(Arc::new(PublicResolver)),
    };
    builder.build().map_err(|error| ClientFault(error.to_string()))
}

/// The operating system's trust in certificates, checked by ring. The process-wide default provider is the host's and not relied on.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Refuses an address that is private as it is written. Names are judged when they are resolved, by [`Reach::PublicOnly`]: a
/// literal address is never resolved.
pub(crate) fn refuse_private(url: &Url) -> Result<(), PrivateAddress> {
    let private = match url.host() {
        Some(Host::Ipv4(address)) => !address::is_public(address.into()),
        Some(Host::Ipv6(address)) => !address::is_public(address.into()),
        Some(Host::Domain(_)) => false,
        None => true,
    };
    if private { Err(PrivateAddress) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_private_addresses_are_refused_however_they_are_written() {
        for url in [
            "http://127.0.0.1/v1",
            "http://2130706433/v1",
            "http://0x7f.1/v1",
            "http://[::1]/v1",
            "http://[::ffff:10.0.0.1]/v1",
            "https://169.254.169.254/latest",
        ] {
            assert!(refuse_private(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
        assert!(refuse_private(&Url::parse("https://93.184.215.14/v1").unwrap()).is_ok());
    }

    #[tokio::test]
    async fn names_of_private_addresses_are_refused_when_they_are_resolved() {
        let client = client(Reach::PublicOnly, Duration::from_secs(5)).unwrap();
        let error = client.get("http://localhost:9/").send().await.unwrap_err();
        assert!(PrivateAddress::is_cause_of(&error), "{error:?}");
    }
}
