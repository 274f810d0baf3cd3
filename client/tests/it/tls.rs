//! TLS: only with a trusted certificate.

use std::process::Command;
use std::sync::Arc;

use message_to_hash_client::{Client, Error, MessageHash};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::test_server::{TestServer, found};

/// A self-signed certificate for localhost in PEM, and a TLS server that presents it.
fn certificate() -> (Vec<u8>, TlsAcceptor) {
    let arguments = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 2 \
                     -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE -keyout -";
    let made = Command::new("openssl").args(arguments.split(' ').filter(|word| !word.is_empty())).output();
    let pem = made.expect("openssl is installed").stdout;
    let chain = vec![CertificateDer::from_pem_slice(&pem).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&pem).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    (pem, TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap())))
}

#[tokio::test]
async fn tls_trusts_only_the_configured_certificate() {
    let ((pem, acceptor), (other, _)) = (certificate(), certificate());
    let server = TestServer::start_with(&[found("foo")], Some(acceptor)).await;
    let url = format!("https://localhost:{}", server.address.port());
    let trusting = Client::builder(&url).ca_pem(pem.clone()).build().unwrap();
    assert_eq!(trusting.get(MessageHash::from_message("foo")).await.unwrap().as_deref(), Some("foo"));
    let another = Client::builder(&url).ca_pem(other).build().unwrap();
    let by_address = Client::builder(url.replace("localhost", "127.0.0.1")).ca_pem(pem).build().unwrap();
    for client in [another, by_address] {
        let error = client.get(MessageHash::from_message("foo")).await.unwrap_err();
        assert!(matches!(error, Error::Untrusted(_)), "{error:?}");
    }
    server.assert_requests(3).await;
}

#[tokio::test]
async fn https_to_a_plain_http_server_is_not_retried() {
    let (pem, _) = certificate();
    let server = TestServer::start(&[found("foo")]).await;
    let client = Client::builder(format!("https://{}", server.address)).ca_pem(pem).build().unwrap();
    let error = client.get(MessageHash::from_message("foo")).await.unwrap_err();
    assert!(matches!(error, Error::Untrusted(_)), "{error:?}");
    server.assert_requests(1).await;
}
