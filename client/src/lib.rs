//! A client of the messageToHash service, which stores a message and returns it for its SHA-256 hash.
//!
//! ```no_run
//! use message_to_hash_client::Client;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("http://localhost:8080")?;
//! let stored = client.put("foo").await?;
//! assert_eq!(client.get(stored.hash).await?.as_deref(), Some("foo"));
//! # Ok(())
//! # }
//! ```
//!
//! The client wraps the code generated from the `OpenAPI` contract, and adds:
//!
//! - **Verification.** A returned message is checked against the requested hash, and the digest of a stored message
//!   against the message. A faulty server, cache or proxy cannot pass off another message.
//! - **Retries.** All requests of this service are idempotent. The client retries a failed connection, a timeout, and
//!   408, 429, 502, 503 and 504, with exponential backoff and jitter, after the response's `Retry-After`. It does not
//!   retry a 500, since this service answers 503 where a retry may help.
//! - **Limits.** The time to connect, of an attempt and of the whole call, the number of attempts, and the bytes of a
//!   response are limited. Redirects are not followed.
//! - **A single error type.** [`Client::get`] returns `None` for a message that is not stored. Every failure is an
//!   [`Error`] to match on.
//! - **Batches.** [`Client::put_all`] and [`Client::get_all`] turn a stream of items into a stream of results. Items
//!   that are ready share a request, and only those that failed are sent again.
//!
//! TLS uses rustls, with the CA certificates of the system and those added by [`Builder::ca_pem`]. Proxies from the
//! environment (`HTTPS_PROXY`) are ignored. Calls need a tokio runtime with time and IO enabled.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use futures::StreamExt;
//! use message_to_hash_client::{Client, Error};
//!
//! # async fn example(lines: Vec<String>) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("https://messages.example")
//!     .ca_pem(std::fs::read("ca.pem")?)
//!     .token(std::env::var("TOKEN")?)
//!     .timeout(Duration::from_secs(10))
//!     .build()?;
//! let mut stored = client.put_all(futures::stream::iter(lines));
//! while let Some(stored) = stored.next().await {
//!     match stored {
//!         Ok(stored) => println!("{}", stored.hash),
//!         Err(Error::MessageTooLarge(answer)) => eprintln!("skipped: {answer}"),
//!         Err(error) => return Err(error.into()),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod attempts;
mod backoff;
mod batch;
mod builder;
mod client;
mod error;
mod hash;
mod token;
mod transport;

pub use self::batch::{MAX_BATCH_BYTES, MAX_BATCH_MESSAGES};
pub use self::builder::{Builder, ConfigError};
pub use self::client::{Client, PutResult};
pub use self::error::{BoxError, Error, ErrorResponse, SharedError};
pub use self::hash::{MessageHash, ParseHashError};

/// The former name of [`ErrorResponse`].
#[deprecated(note = "renamed to `ErrorResponse`")]
pub type Answer = ErrorResponse;

/// The former name of [`PutResult`].
#[deprecated(note = "renamed to `PutResult`")]
pub type Stored = PutResult;

/// The former name of [`ParseHashError`].
#[deprecated(note = "renamed to `ParseHashError`")]
pub type NoHash = ParseHashError;

/// The former name of [`MAX_BATCH_MESSAGES`].
#[deprecated(note = "renamed to `MAX_BATCH_MESSAGES`")]
pub const BATCH_MESSAGES: usize = MAX_BATCH_MESSAGES;

/// The former name of [`MAX_BATCH_BYTES`].
#[deprecated(note = "renamed to `MAX_BATCH_BYTES`")]
pub const BATCH_BYTES: usize = MAX_BATCH_BYTES;
