//! The runtime of the generated server code. It finds the operation of a request, decodes the parameters of the
//! request and encodes the response of the operation.
//!
//! Nothing here depends on the contract. The generated crate adds the contract as tables and types: an enum that
//! implements [`OperationSet`], and for each operation its parameters and its responses.

pub mod check;
mod error;
mod operation;
mod path;
mod request;
mod response;

pub use self::error::CallError;
pub use self::operation::{OperationInfo, OperationSet, Route};
pub use self::path::PathTemplate;
pub use self::request::Request;
pub use self::response::{
    Declares, HttpResponse, ResponseBody, bytes_response, empty_response, header, json_response, status_code,
};
