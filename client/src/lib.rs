//! A client of messageToHash: put a message, keep its hash, get the message back, or have it deleted.
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
//! It stands on the generated client, and adds what everybody would have to write:
//!
//! - **Nothing is believed.** A message that comes back is checked against the hash that was asked for, and the
//!   digest of a message that was put against the message. Neither a server nor a cache between can lie.
//! - **What fails for a while is repeated**, since all requests of this service may be: where the connection
//!   fails, nothing comes in time, or the answer is 408, 429, 502, 503 or 504. The waits grow, differ, and are no
//!   shorter than the `Retry-After` of the answer. A 500 is not repeated: this service says 503 where later is
//!   better.
//! - **Everything is bounded:** the time to connect, of an attempt, and of the whole call; the number of
//!   attempts; the bytes of an answer. No redirect is followed.
//! - **Absence is no error:** [`Client::get`] gives `None`. All else is one [`Error`], to match on.
//! - **Many at a time:** [`Client::put_all`] and [`Client::get_all`] take a stream and give one. What is ready goes by
//!   one request, each message has its own result, and only those that failed are sent again.
//!
//! TLS is rustls, with the system's certificates and those that [`Builder::ca_pem`] adds. A proxy that the
//! environment names is not used. It needs a tokio runtime with time and IO.
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
//!         Err(Error::MessageTooLarge(answer)) => eprintln!("left out: {answer}"),
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
