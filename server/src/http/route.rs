//! Which operation a request is for: the generated code's own answer, so that there is no second table.

use hyper::{Method, Uri};
use message_to_hash_api::server::operation_id;

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// The operation's id in the contract; a HEAD is a GET.
pub fn operation(method: &Method, uri: &Uri) -> Option<&'static str> {
    operation_id(if method == Method::HEAD { &Method::GET } else { method }, uri.path())
}

/// The methods that this path takes, as `Allow` lists them; empty where it is no path of the contract.
pub fn allowed_methods(uri: &Uri) -> String {
    let allowed = METHODS.iter().filter(|method| operation(method, uri).is_some());
    allowed.map(Method::as_str).collect::<Vec<_>>().join(", ")
}
