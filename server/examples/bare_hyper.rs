//! A minimal hyper server: it sends the same response to every request, with the size and the headers of a found
//! message. `build.sh bench` compares the product with it.
//!
//! The runtime and the socket options are those of the product. The server has no routing, limits or log. The arguments
//! are the address to listen on (default: a free port) and the size of the message in bytes (default: 200). The server
//! prints its address.

use std::convert::Infallible;
use std::error::Error;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const MESSAGE_BYTES: usize = 200;
const SPAN_ID: HeaderName = HeaderName::from_static("x-span-id");

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve())
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let bytes = arguments.next().map_or(Ok(MESSAGE_BYTES), |bytes| bytes.parse())?;
    let listener = TcpListener::bind(address).await?;
    println!("serving on http://{}", listener.local_addr()?);
    let body = Bytes::from(format!(r#"{{"message":"{}"}}"#, "x".repeat(bytes)));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let body = body.clone();
        let service = service_fn(move |_: Request<Incoming>| {
            let response = answer(body.clone());
            async move { Ok::<_, Infallible>(response) }
        });
        // The benchmark ignores connections that the client breaks.
        tokio::spawn(async move {
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

fn answer(body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        ETAG,
        HeaderValue::from_static("\"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\""),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(SPAN_ID, HeaderValue::from_static("0123456789abcdef0123456789abcdef"));
    response
}
