//! Reads the first ten bytes of a message with the generated client, which has every operation of the contract:
//! `cargo run -p message-to-hash-client --example first_bytes -- http://localhost:8080 HASH`
//!
//! The generated client neither verifies nor retries. Each call takes a context with the span id, which the server
//! logs, and the token.

use std::error::Error;
use std::io::{Write as _, stdout};

use message_to_hash_api::{Api as _, Client, GetRawMessageResponse};
use swagger::{AuthData, ContextBuilder, EmptyContext, Push as _, XSpanIdString};

type Context = swagger::make_context_ty!(ContextBuilder, EmptyContext, Option<AuthData>, XSpanIdString);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let base_url = arguments.next().ok_or("the base URL is missing")?;
    let hash = arguments.next().ok_or("the hash is missing")?;
    let token = std::env::var("TOKEN").ok().and_then(|token| AuthData::bearer(&token));
    let context: Context =
        swagger::make_context!(ContextBuilder, EmptyContext, token, XSpanIdString("first-bytes".to_owned()));

    let client = Client::try_new(&base_url)?;
    let range = Some("bytes=0-9".to_owned());
    match client.get_raw_message(hash, None, None, range, None, &context).await? {
        GetRawMessageResponse::PartialContent { body, .. } => Ok(stdout().write_all(&body)?),
        other => Err(format!("{other:?}").into()),
    }
}
