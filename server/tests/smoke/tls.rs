//! TLS connections on which the test controls when each byte is sent.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::stack::Stack;
use crate::support::response::{TextResponse, parse};
use crate::support::wait::FAILOVER_TIMEOUT;

/// Returns the TLS settings of a client that trusts only the certificate of this stack.
pub fn config(stack: &Stack) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(stack.certificate()).expect("a PEM file") {
        roots.add(certificate.expect("a certificate")).expect("a usable certificate");
    }
    let provider = rustls::crypto::ring::default_provider().into();
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    builder.expect("ring does TLS").with_root_certificates(roots).with_no_client_auth()
}

/// An HTTP/1.1 connection to nginx.
pub struct TlsConnection(StreamOwned<ClientConnection, TcpStream>);

impl TlsConnection {
    /// Connects to the published port.
    pub fn open(stack: &Stack) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", stack.https_port)).expect("nginx accepts");
        socket.set_read_timeout(Some(FAILOVER_TIMEOUT)).expect("a timeout");
        Self(StreamOwned::new(new_session(stack), socket))
    }

    /// Sends these bytes.
    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes)?;
        self.0.flush()
    }

    /// Sends a GET for this path, and reads the response.
    pub fn get(&mut self, path: &str) -> std::io::Result<TextResponse> {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let bytes = parse(&head).unique_header("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; bytes.expect("a length")];
        self.0.read_exact(&mut body)?;
        Ok(parse(&format!("{head}{}", String::from_utf8_lossy(&body))))
    }
}

/// Connects to nginx's own address and sends only the first message of a TLS handshake.
pub fn begin_handshake(stack: &Stack, nginx: IpAddr) -> std::io::Result<TcpStream> {
    let mut socket = TcpStream::connect_timeout(&SocketAddr::new(nginx, 8443), FAILOVER_TIMEOUT)?;
    new_session(stack).write_tls(&mut socket)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn new_session(stack: &Stack) -> ClientConnection {
    let name = ServerName::try_from("localhost").expect("a name");
    ClientConnection::new(Arc::new(config(stack)), name).expect("a TLS session")
}
