//! The check of a data folder before the engine (fjall 3) opens it.

pub(super) mod archive;
pub(super) mod error;
pub(super) mod journal;
