//! messageToHash: gives a message its SHA-256 digest and, later, the message back for the digest.
//!
//! A request passes these modules in order: [`http`] limits it, [`identity`] authorizes it, the generated service
//! decodes it, [`api`] performs the operation, and a [`store`] holds the [`message`]. `docs` serves the contract.
//!
//! [`commands`] has a file for each subcommand, and [`commands::serve`] connects the parts of the server. Each part
//! owns its options; [`config`] collects them. [`transfer`] moves messages between stores.
//!
//! Rules:
//! - `store` and `message` know neither hyper nor the generated types.
//! - Only `config` reads the environment, and only `commands` imports it.
//! - Only `api` chooses the status of an operation.
//! - The server never returns a message from a store before it has verified the hash.
//! - Log lines never contain messages or tokens.

pub mod admin;
pub mod api;
pub mod blocked;
pub mod commands;
pub mod config;
pub mod context;
mod docs;
pub mod error_chain;
pub mod http;
pub mod identity;
pub mod logging;
pub mod message;
pub mod metrics;
mod parsers;
pub mod problem;
mod progress;
pub mod secret;
pub mod store;
pub mod streams;
pub mod transfer;
