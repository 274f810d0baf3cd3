//! Requests with messages as plain bodies.

use super::{Server, TextResponse, ask};

pub const POST: &str = "POST /messages/raw HTTP/1.1";
/// The example message of RFC 6920, section 8.1, with its hash and its name.
pub const HELLO: &str = "Hello World!";
pub const HELLO_HASH: &str = "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069";
pub const HELLO_VALUE: &str = "f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk";

pub async fn get(server: &Server, path: &str, more: &str) -> TextResponse {
    ask(server.api, &format!("GET {path} HTTP/1.1\r\n{more}"), "").await
}

/// Starts a server that has [`HELLO`], and returns both paths of the message.
pub async fn server_with_hello() -> (Server, [String; 2]) {
    let server = Server::start(&[]);
    assert_eq!(ask(server.api, POST, HELLO).await.status, 201);
    (server, [format!("/messages/{HELLO_HASH}/raw"), format!("/.well-known/ni/sha-256/{HELLO_VALUE}")])
}
