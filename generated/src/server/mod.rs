use bytes::Bytes;
use futures::{future, future::BoxFuture, Stream, stream, future::FutureExt, stream::TryStreamExt};
use http_body_util::{combinators::BoxBody, Full};
use hyper::{body::{Body, Incoming}, HeaderMap, Request, Response, StatusCode};
use hyper::header::{HeaderName, HeaderValue, CONTENT_TYPE};
use log::warn;
#[cfg(feature = "validate")]
use serde_valid::Validate;
#[allow(unused_imports)]
use std::convert::{TryFrom, TryInto};
use std::{convert::Infallible, error::Error};
use std::future::Future;
use std::marker::PhantomData;
use std::task::{Context, Poll};
use swagger::{ApiError, BodyExt, Has, RequestParser, XSpanIdString};
pub use swagger::auth::Authorization;
use swagger::auth::Scopes;
use url::form_urlencoded;

#[allow(unused_imports)]
use crate::{models, header, AuthenticationApi};

pub use crate::context;

type ServiceFuture = BoxFuture<'static, Result<Response<BoxBody<Bytes, Infallible>>, crate::ServiceError>>;

use crate::{Api,
     AddMessageResponse,
     AddMessageBatchResponse,
     AddRawMessageResponse,
     LookUpMessagesResponse,
     DeleteMessageResponse,
     GetMessageByHashResponse,
     GetNamedInformationResponse,
     GetRawMessageResponse
};

mod server_auth;

mod paths {
    const TEMPLATES: &[&str] = &[
        "/.well-known/ni/sha-256/{value}",
        "/messages",
        "/messages/batch",
        "/messages/lookup",
        "/messages/raw",
        "/messages/{hash}",
        "/messages/{hash}/raw",
    ];
    /// What a path begins with that has the form of the template.
    const BEGINNINGS: &[&str] = &[
        beginning("/.well-known/ni/sha-256/{value}"),
        beginning("/messages"),
        beginning("/messages/batch"),
        beginning("/messages/lookup"),
        beginning("/messages/raw"),
        beginning("/messages/{hash}"),
        beginning("/messages/{hash}/raw"),
    ];
    pub(crate) const ID__WELL_KNOWN_NI_SHA_256_VALUE: usize = 0;
    pub(crate) const REGEX__WELL_KNOWN_NI_SHA_256_VALUE: Template = Template(ID__WELL_KNOWN_NI_SHA_256_VALUE);
    pub(crate) const ID_MESSAGES: usize = 1;
    pub(crate) const ID_MESSAGES_BATCH: usize = 2;
    pub(crate) const ID_MESSAGES_LOOKUP: usize = 3;
    pub(crate) const ID_MESSAGES_RAW: usize = 4;
    pub(crate) const ID_MESSAGES_HASH: usize = 5;
    pub(crate) const REGEX_MESSAGES_HASH: Template = Template(ID_MESSAGES_HASH);
    pub(crate) const ID_MESSAGES_HASH_RAW: usize = 6;
    pub(crate) const REGEX_MESSAGES_HASH_RAW: Template = Template(ID_MESSAGES_HASH_RAW);

    pub(crate) const GLOBAL_REGEX_SET: Templates = Templates;

    pub(crate) struct Templates;

    impl Templates {
        pub(crate) fn matches(&self, path: &str) -> Route {
            Route::of(path)
        }
    }

    /// Which path of the contract the path of a request is, if any.
    #[derive(Debug, Clone, Copy)]
    pub struct Route(usize);

    impl Route {
        /// A path that the contract names outright is that one, and no parameter's value.
        pub fn of(path: &str) -> Self {
            let literally = TEMPLATES.iter().position(|template| *template == path);
            let found = literally.or_else(|| (0..TEMPLATES.len()).find(|id| is_of_form(*id, path)));
            Self(found.unwrap_or(TEMPLATES.len()))
        }

        pub(crate) fn matched(self, id: usize) -> bool {
            self.0 == id
        }
    }

    /// A value is one segment: not empty, and what it encodes is UTF-8; else the path names nothing.
    fn is_of_form(id: usize, path: &str) -> bool {
        let mut are_values = true;
        let has_form = path.starts_with(BEGINNINGS[id]) && values(TEMPLATES[id], path, |_, value| {
            are_values &= !value.is_empty() && super::percent_decoded(value).is_ok();
        });
        has_form && are_values
    }

    const fn beginning(template: &str) -> &str {
        let mut end = 0;
        while end < template.len() && template.as_bytes()[end] != b'{' {
            end += 1;
        }
        template.split_at(end).0
    }

    /// Whether the path has the form of the template; calls `found` with each parameter's name and value.
    // Not by `str::find` and `split_once`, which take three times the instructions on texts this short.
    fn values<'a>(template: &'static str, path: &'a str, mut found: impl FnMut(&'static str, &'a str)) -> bool {
        let (mut template, mut path) = (template, path);
        while let Some(open) = template.bytes().position(|byte| byte == b'{') {
            let (literal, parameter) = (&template[..open], &template[open + 1..]);
            let close = parameter.bytes().position(|byte| byte == b'}').unwrap_or(parameter.len() - 1);
            let Some(given) = path.strip_prefix(literal) else { return false };
            let end = memchr::memchr(b'/', given.as_bytes()).unwrap_or(given.len());
            let value = &given[..end];
            found(&parameter[..close], value);
            (template, path) = (&parameter[close + 1..], &given[end..]);
        }
        template == path
    }

    pub(crate) struct Template(usize);

    impl Template {
        pub(crate) fn captures<'a>(&self, path: &'a str) -> Option<Captures<'a>> {
            Some(Captures { template: TEMPLATES[self.0], path })
        }
    }

    pub(crate) struct Captures<'a> {
        template: &'static str,
        path: &'a str,
    }

    impl std::ops::Index<&str> for Captures<'_> {
        type Output = str;

        fn index(&self, name: &str) -> &str {
            let mut wanted = "";
            values(self.template, self.path, |given, value| {
                if given == name {
                    wanted = value;
                }
            });
            wanted
        }
    }
}

pub use paths::Route;

impl Route {
    /// The operation of the contract that requests with this path and method are for.
    pub fn operation_id(self, method: &hyper::Method) -> Option<&'static str> {
        match *method {

            hyper::Method::POST if self.matched(paths::ID_MESSAGES) => Some("AddMessage"),

            hyper::Method::POST if self.matched(paths::ID_MESSAGES_BATCH) => Some("AddMessageBatch"),

            hyper::Method::POST if self.matched(paths::ID_MESSAGES_RAW) => Some("AddRawMessage"),

            hyper::Method::POST if self.matched(paths::ID_MESSAGES_LOOKUP) => Some("LookUpMessages"),

            hyper::Method::DELETE if self.matched(paths::ID_MESSAGES_HASH) => Some("DeleteMessage"),

            hyper::Method::GET if self.matched(paths::ID_MESSAGES_HASH) => Some("GetMessageByHash"),

            hyper::Method::GET if self.matched(paths::ID__WELL_KNOWN_NI_SHA_256_VALUE) => Some("GetNamedInformation"),

            hyper::Method::GET if self.matched(paths::ID_MESSAGES_HASH_RAW) => Some("GetRawMessage"),

            _ => None,
        }
    }
}

/// The operations by their names in the contract: what is renamed there does not compile where it was meant.
pub mod operation {

    pub const ADD_MESSAGE: &str = "AddMessage";

    pub const ADD_MESSAGE_BATCH: &str = "AddMessageBatch";

    pub const ADD_RAW_MESSAGE: &str = "AddRawMessage";

    pub const LOOK_UP_MESSAGES: &str = "LookUpMessages";

    pub const DELETE_MESSAGE: &str = "DeleteMessage";

    pub const GET_MESSAGE_BY_HASH: &str = "GetMessageByHash";

    pub const GET_NAMED_INFORMATION: &str = "GetNamedInformation";

    pub const GET_RAW_MESSAGE: &str = "GetRawMessage";

}

/// What a contract may say and these templates would ignore, where Rust can tell.
mod known {

    const _: () = assert!(is_of_segments("/messages"), "AddMessage: a path's parameter is a whole segment");
    const _: () = assert!(
        !matches!("POST".as_bytes(), b"HEAD" | b"OPTIONS" | b"TRACE"),
        "AddMessage: this method is answered for all paths"
    );
    const _: () = assert!(!has("application/json", b';'), "AddMessage: a media type has no parameters here");

    const _: () = assert!(is_of_segments("/messages/batch"), "AddMessageBatch: a path's parameter is a whole segment");
    const _: () = assert!(
        !matches!("POST".as_bytes(), b"HEAD" | b"OPTIONS" | b"TRACE"),
        "AddMessageBatch: this method is answered for all paths"
    );
    const _: () = assert!(!has("application/json", b';'), "AddMessageBatch: a media type has no parameters here");

    const _: () = assert!(is_of_segments("/messages/raw"), "AddRawMessage: a path's parameter is a whole segment");
    const _: () = assert!(
        !matches!("POST".as_bytes(), b"HEAD" | b"OPTIONS" | b"TRACE"),
        "AddRawMessage: this method is answered for all paths"
    );
    const _: () = assert!(!has("text/plain", b';'), "AddRawMessage: a media type has no parameters here");
    const _: () = assert!(!has("application/octet-stream", b';'), "AddRawMessage: a media type has no parameters here");

    const _: () = assert!(is_of_segments("/messages/lookup"), "LookUpMessages: a path's parameter is a whole segment");
    const _: () = assert!(
        !matches!("POST".as_bytes(), b"HEAD" | b"OPTIONS" | b"TRACE"),
        "LookUpMessages: this method is answered for all paths"
    );
    const _: () = assert!(!has("application/json", b';'), "LookUpMessages: a media type has no parameters here");

    const _: () = assert!(is_of_segments("/messages/{hash}"), "DeleteMessage: a path's parameter is a whole segment");
    const _: () = assert!(
        !matches!("DELETE".as_bytes(), b"HEAD" | b"OPTIONS" | b"TRACE"),
        "DeleteMessage: this method is answered for all paths"
    );

    const _: () = assert!(is_of_segments("/messages/{hash}"), "GetMessageByHash: a path's parameter is a whole segment");
    const _: () = assert!(
        !matches!("GET".as_bytes(), b"HEAD" | b"OPTIONS" | b"TRACE"),
        "GetMessageByHash: this method is answered for all paths"
    );

    const _: () = assert!(is_of_segments("/.well-known/ni/sha-256/{value}"), "GetNamedInformation: a path's parameter is a whole segment");
    const _: () = assert!(
        !matches!("GET".as_bytes(), b"HEAD" | b"OPTIONS" | b"TRACE"),
        "GetNamedInformation: this method is answered for all paths"
    );

    const _: () = assert!(is_of_segments("/messages/{hash}/raw"), "GetRawMessage: a path's parameter is a whole segment");
    const _: () = assert!(
        !matches!("GET".as_bytes(), b"HEAD" | b"OPTIONS" | b"TRACE"),
        "GetRawMessage: this method is answered for all paths"
    );


    const fn has(text: &str, byte: u8) -> bool {
        let mut at = 0;
        while at < text.len() && text.as_bytes()[at] != byte {
            at += 1;
        }
        at < text.len()
    }

    const fn is_of_segments(path: &str) -> bool {
        let (path, mut at) = (path.as_bytes(), 0);
        while at < path.len() {
            let begins = path[at] != b'{' || at > 0 && path[at - 1] == b'/';
            let ends = path[at] != b'}' || at + 1 == path.len() || path[at + 1] == b'/';
            if !begins || !ends {
                return false;
            }
            at += 1;
        }
        true
    }
}

/// The media types that the body of a request to this operation may have, by the contract.
/// Empty for an operation without a body.
pub fn consumed_media_types(operation_id: &str) -> &'static [&'static str] {
    match operation_id {

        "AddMessage" => &["application/json"],

        "AddMessageBatch" => &["application/json"],

        "AddRawMessage" => &["text/plain", "application/octet-stream"],

        "LookUpMessages" => &["application/json"],

        _ => &[],
    }
}

/// The most bytes that the body of a request to this operation may have, where the contract says how many.
pub fn most_body_bytes(operation_id: &str) -> Option<usize> {
    match operation_id {

        "AddMessageBatch" => Some(6291456),

        "LookUpMessages" => Some(262144),

        _ => None,
    }
}

/// The most items that the body of a request to this operation may list, where it lists any.
pub fn most_items(operation_id: &str) -> Option<usize> {
    match operation_id {

        "AddMessageBatch" => Some(1000),

        "LookUpMessages" => Some(1000),

        _ => None,
    }
}

/// Operations and the scope that a token needs for each, by the contract.
pub const REQUIRED_SCOPES: &[(&str, &str)] = &[
    ("AddMessage", "messages:write"),
    ("AddMessageBatch", "messages:write"),
    ("AddRawMessage", "messages:write"),
    ("LookUpMessages", "messages:read"),
    ("DeleteMessage", "messages:delete"),
    ("GetMessageByHash", "messages:read"),
    ("GetNamedInformation", "messages:read"),
    ("GetRawMessage", "messages:read"),

];


pub struct MakeService<T, C>
where
    T: Api<C> + Clone + Send + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static
{
    api_impl: T,
    marker: PhantomData<C>,
    validation: bool
}

impl<T, C> MakeService<T, C>
where
    T: Api<C> + Clone + Send + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static
{
    pub fn new(api_impl: T) -> Self {
        MakeService {
            api_impl,
            marker: PhantomData,
            validation: false
        }
    }

    // Turn on/off validation for the service being made.
    #[cfg(feature = "validate")]
    pub fn set_validation(&mut self, validation: bool) {
        self.validation = validation;
    }
}

impl<T, C> Clone for MakeService<T, C>
where
    T: Api<C> + Clone + Send + 'static,
    C: Has<XSpanIdString>  + Has<Option<Authorization>> + Send + Sync + 'static
{
    fn clone(&self) -> Self {
        Self {
            api_impl: self.api_impl.clone(),
            marker: PhantomData,
            validation: self.validation
        }
    }
}

impl<T, C, Target> hyper::service::Service<Target> for MakeService<T, C>
where
    T: Api<C> + Clone + Send + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static
{
    type Response = Service<T, C>;
    type Error = crate::ServiceError;
    type Future = future::Ready<Result<Self::Response, Self::Error>>;

    fn call(&self, target: Target) -> Self::Future {
        let service = Service::new(self.api_impl.clone(), self.validation);

        future::ok(service)
    }
}

fn method_not_allowed() -> Response<BoxBody<Bytes, Infallible>> {
    empty_response(StatusCode::METHOD_NOT_ALLOWED)
}

pub struct Service<T, C> where
    T: Api<C> + Clone + Send + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static
{
    api_impl: T,
    marker: PhantomData<C>,
    validation: bool,
}

impl<T, C> Clone for Service<T, C> where
    T: Api<C> + Clone + Send + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static
{
    fn clone(&self) -> Self {
        Self::new(self.api_impl.clone(), self.validation)
    }
}

fn body_from_str(s: &str) -> BoxBody<Bytes, Infallible> {
    BoxBody::new(Full::new(Bytes::copy_from_slice(s.as_bytes())))
}

impl<T, C, ReqBody> hyper::service::Service<(Request<ReqBody>, C)> for Service<T, C> where
    T: Api<C> + Clone + Send + Sync + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static,
    ReqBody: Body + Send + 'static,
    ReqBody::Error: Into<Box<dyn Error + Send + Sync>> + Send,
    ReqBody::Data: Send,
{
    type Response = Response<BoxBody<Bytes, Infallible>>;
    type Error = crate::ServiceError;
    type Future = ServiceFuture;

    fn call(&self, (request, context): (Request<ReqBody>, C)) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = match http_body_util::BodyExt::collect(body).await {
                Ok(body) => body.to_bytes(),
                Err(error) => return Ok(bad_request_body(format!("Unable to read body: {}", error.into()))),
            };
            let route = Route::of(parts.uri.path());
            Ok(service.answer(route, &parts.method, &parts.uri, &parts.headers, body, &context).await)
        })
    }
}

impl<T, C> Service<T, C> where
    T: Api<C> + Clone + Send + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static
{
    pub fn new(api_impl: T, validation: bool) -> Self {
        Service { api_impl, marker: PhantomData, validation }
    }

    /// Answers one request, whose route is that of its path and whose body has been read.
    pub async fn answer(
        &self,
        path: Route,
        method: &hyper::Method,
        uri: &hyper::Uri,
        headers: &HeaderMap,
        body: Bytes,
        context: &C,
    ) -> Response<BoxBody<Bytes, Infallible>>
    where
        T: Sync,
    {
        match *method {

            hyper::Method::POST if path.matched(paths::ID_MESSAGES) =>
                handle_add_message(&self.api_impl, uri, headers, body, context).await,

            hyper::Method::POST if path.matched(paths::ID_MESSAGES_BATCH) =>
                handle_add_message_batch(&self.api_impl, uri, headers, body, context).await,

            hyper::Method::POST if path.matched(paths::ID_MESSAGES_RAW) =>
                handle_add_raw_message(&self.api_impl, uri, headers, body, context).await,

            hyper::Method::POST if path.matched(paths::ID_MESSAGES_LOOKUP) =>
                handle_look_up_messages(&self.api_impl, uri, headers, body, context).await,

            hyper::Method::DELETE if path.matched(paths::ID_MESSAGES_HASH) =>
                handle_delete_message(&self.api_impl, uri, headers, body, context).await,

            hyper::Method::GET if path.matched(paths::ID_MESSAGES_HASH) =>
                handle_get_message_by_hash(&self.api_impl, uri, headers, body, context).await,

            hyper::Method::GET if path.matched(paths::ID__WELL_KNOWN_NI_SHA_256_VALUE) =>
                handle_get_named_information(&self.api_impl, uri, headers, body, context).await,

            hyper::Method::GET if path.matched(paths::ID_MESSAGES_HASH_RAW) =>
                handle_get_raw_message(&self.api_impl, uri, headers, body, context).await,

            _ if path.matched(paths::ID__WELL_KNOWN_NI_SHA_256_VALUE) => method_not_allowed(),
            _ if path.matched(paths::ID_MESSAGES) => method_not_allowed(),
            _ if path.matched(paths::ID_MESSAGES_BATCH) => method_not_allowed(),
            _ if path.matched(paths::ID_MESSAGES_LOOKUP) => method_not_allowed(),
            _ if path.matched(paths::ID_MESSAGES_RAW) => method_not_allowed(),
            _ if path.matched(paths::ID_MESSAGES_HASH) => method_not_allowed(),
            _ if path.matched(paths::ID_MESSAGES_HASH_RAW) => method_not_allowed(),
            _ => empty_response(StatusCode::NOT_FOUND),
        }
    }
}

fn empty_response(status: StatusCode) -> Response<BoxBody<Bytes, Infallible>> {
    let mut response = Response::new(BoxBody::new(http_body_util::Empty::new()));
    *response.status_mut() = status;
    response
}

/// What is larger is moved while it is written. sonic-rs makes room for eight times a text before it writes it.
const JSON_BYTES: usize = 2048;

// sonic-rs looks for what to escape in 16 bytes at a time, serde_json in each.
fn json_body(model: &impl serde::Serialize) -> BoxBody<Bytes, Infallible> {
    let mut json = Vec::with_capacity(JSON_BYTES);
    sonic_rs::to_writer(&mut json, model).expect("impossible to fail to serialize");
    BoxBody::new(Full::new(Bytes::from(json)))
}

fn percent_decoded(text: &str) -> Result<std::borrow::Cow<'_, str>, std::str::Utf8Error> {
    match memchr::memchr(b'%', text.as_bytes()) {
        None => Ok(text.into()),
        Some(_) => percent_encoding::percent_decode_str(text).decode_utf8(),
    }
}

/// The lines of a header as one (RFC 9110, section 5.3); an empty text in place of one that is not visible
/// ASCII, so that a condition nobody can read is one that does not hold.
fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<std::borrow::Cow<'_, str>> {
    let mut lines = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default());
    let mut text = std::borrow::Cow::from(lines.next()?);
    for line in lines {
        text += ", ";
        text += line;
    }
    Some(text)
}

fn bad_request_body(reason: String) -> Response<BoxBody<Bytes, Infallible>> {
    text_response(StatusCode::BAD_REQUEST, &reason)
}

fn text_response(status: StatusCode, text: &str) -> Response<BoxBody<Bytes, Infallible>> {
    let mut response = Response::new(body_from_str(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// `Err` where the header cannot have this value.
fn set_header<V>(response: &mut Response<BoxBody<Bytes, Infallible>>, name: HeaderName, value: V) -> Result<(), HeaderName>
where
    HeaderValue: TryFrom<V>
{
    let Ok(value) = HeaderValue::try_from(value) else { return Err(name) };
    response.headers_mut().insert(name, value);
    Ok(())
}

#[allow(unused_variables)]
async fn handle_add_message<T, C>(
    api_impl: &T,
    uri: &hyper::Uri,
    headers: &HeaderMap,
    body: Bytes,
    context: &C,
) -> Response<BoxBody<Bytes, Infallible>>
where
    T: Api<C> + Clone + Send + Sync + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static,
{
    if Has::<Option<Authorization>>::get(context).is_none() {
        return text_response(StatusCode::FORBIDDEN, "Unauthenticated");
    }
                                let Ok(text) = std::str::from_utf8(&body) else {
                                    return bad_request_body("The body is not valid UTF-8".to_string());
                                };
                                let param_message = match text.trim_ascii_start().as_bytes().first() {
                                    Some(b'{') => match serde_json::from_str::<models::Message>(text) {
                                        Ok(value) => value,
                                        Err(error) if error.is_data() => return bad_request_body(error.to_string()),
                                        Err(error) => return bad_request_body(format!("The body is not valid JSON: {error}")),
                                    },
                                    Some(_) => return bad_request_body("The body must be a JSON object".to_string()),
                                    None => return bad_request_body("The request has no body".to_string()),
                                };
    let result = api_impl.add_message(param_message, context).await;
    let Ok(response) = result else {
        return text_response(StatusCode::INTERNAL_SERVER_ERROR, "An internal error occurred");
    };
    encode_add_message(response).unwrap_or_else(|name| {
        text_response(StatusCode::INTERNAL_SERVER_ERROR, &format!("The header {name} cannot have its value"))
    })
}

/// The response as HTTP has it; `Err` names a header that cannot have its value.
fn encode_add_message(response: AddMessageResponse) -> Result<Response<BoxBody<Bytes, Infallible>>, HeaderName> {
    Ok(match response {
        AddMessageResponse::Created { body, location, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(201).expect("Unable to turn 201 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            set_header(&mut response, const { HeaderName::from_static("location") }, location)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::AlreadyStored { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(200).expect("Unable to turn 200 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::BadRequest { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(400).expect("Unable to turn 400 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::Unauthorized { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(401).expect("Unable to turn 401 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::Forbidden { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(403).expect("Unable to turn 403 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(www_authenticate) = www_authenticate {
                set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            }
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::RequestTimeout { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(408).expect("Unable to turn 408 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::ContentTooLarge { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(413).expect("Unable to turn 413 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::UnsupportedMediaType { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(415).expect("Unable to turn 415 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::TooManyRequests { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(429).expect("Unable to turn 429 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::Blocked { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(451).expect("Unable to turn 451 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::InternalServerError { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(500).expect("Unable to turn 500 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageResponse::ServiceUnavailable { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(503).expect("Unable to turn 503 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
    })
}

#[allow(unused_variables)]
async fn handle_add_message_batch<T, C>(
    api_impl: &T,
    uri: &hyper::Uri,
    headers: &HeaderMap,
    body: Bytes,
    context: &C,
) -> Response<BoxBody<Bytes, Infallible>>
where
    T: Api<C> + Clone + Send + Sync + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static,
{
    if Has::<Option<Authorization>>::get(context).is_none() {
        return text_response(StatusCode::FORBIDDEN, "Unauthenticated");
    }
                                let Ok(text) = std::str::from_utf8(&body) else {
                                    return bad_request_body("The body is not valid UTF-8".to_string());
                                };
                                let param_message_batch = match text.trim_ascii_start().as_bytes().first() {
                                    Some(b'{') => match serde_json::from_str::<models::MessageBatch>(text) {
                                        Ok(value) => value,
                                        Err(error) if error.is_data() => return bad_request_body(error.to_string()),
                                        Err(error) => return bad_request_body(format!("The body is not valid JSON: {error}")),
                                    },
                                    Some(_) => return bad_request_body("The body must be a JSON object".to_string()),
                                    None => return bad_request_body("The request has no body".to_string()),
                                };
    let result = api_impl.add_message_batch(param_message_batch, context).await;
    let Ok(response) = result else {
        return text_response(StatusCode::INTERNAL_SERVER_ERROR, "An internal error occurred");
    };
    encode_add_message_batch(response).unwrap_or_else(|name| {
        text_response(StatusCode::INTERNAL_SERVER_ERROR, &format!("The header {name} cannot have its value"))
    })
}

/// The response as HTTP has it; `Err` names a header that cannot have its value.
fn encode_add_message_batch(response: AddMessageBatchResponse) -> Result<Response<BoxBody<Bytes, Infallible>>, HeaderName> {
    Ok(match response {
        AddMessageBatchResponse::Processed { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(200).expect("Unable to turn 200 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageBatchResponse::BadRequest { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(400).expect("Unable to turn 400 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageBatchResponse::Unauthorized { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(401).expect("Unable to turn 401 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageBatchResponse::Forbidden { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(403).expect("Unable to turn 403 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(www_authenticate) = www_authenticate {
                set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            }
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageBatchResponse::RequestTimeout { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(408).expect("Unable to turn 408 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageBatchResponse::ContentTooLarge { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(413).expect("Unable to turn 413 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageBatchResponse::UnsupportedMediaType { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(415).expect("Unable to turn 415 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageBatchResponse::TooManyRequests { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(429).expect("Unable to turn 429 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageBatchResponse::InternalServerError { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(500).expect("Unable to turn 500 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddMessageBatchResponse::ServiceUnavailable { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(503).expect("Unable to turn 503 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
    })
}

#[allow(unused_variables)]
async fn handle_add_raw_message<T, C>(
    api_impl: &T,
    uri: &hyper::Uri,
    headers: &HeaderMap,
    body: Bytes,
    context: &C,
) -> Response<BoxBody<Bytes, Infallible>>
where
    T: Api<C> + Clone + Send + Sync + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static,
{
    if Has::<Option<Authorization>>::get(context).is_none() {
        return text_response(StatusCode::FORBIDDEN, "Unauthenticated");
    }
                                let param_body = match String::from_utf8(body.into()) {
                                    Ok(text) => Some(text),
                                    Err(_) => return bad_request_body("The body is not valid UTF-8".to_string()),
                                };
    let result = api_impl.add_raw_message(param_body, context).await;
    let Ok(response) = result else {
        return text_response(StatusCode::INTERNAL_SERVER_ERROR, "An internal error occurred");
    };
    encode_add_raw_message(response).unwrap_or_else(|name| {
        text_response(StatusCode::INTERNAL_SERVER_ERROR, &format!("The header {name} cannot have its value"))
    })
}

/// The response as HTTP has it; `Err` names a header that cannot have its value.
fn encode_add_raw_message(response: AddRawMessageResponse) -> Result<Response<BoxBody<Bytes, Infallible>>, HeaderName> {
    Ok(match response {
        AddRawMessageResponse::Created { body, location, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(201).expect("Unable to turn 201 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            set_header(&mut response, const { HeaderName::from_static("location") }, location)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::AlreadyStored { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(200).expect("Unable to turn 200 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::BadRequest { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(400).expect("Unable to turn 400 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::Unauthorized { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(401).expect("Unable to turn 401 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::Forbidden { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(403).expect("Unable to turn 403 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(www_authenticate) = www_authenticate {
                set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            }
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::RequestTimeout { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(408).expect("Unable to turn 408 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::ContentTooLarge { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(413).expect("Unable to turn 413 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::UnsupportedMediaType { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(415).expect("Unable to turn 415 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::TooManyRequests { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(429).expect("Unable to turn 429 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::Blocked { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(451).expect("Unable to turn 451 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::InternalServerError { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(500).expect("Unable to turn 500 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        AddRawMessageResponse::ServiceUnavailable { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(503).expect("Unable to turn 503 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
    })
}

#[allow(unused_variables)]
async fn handle_look_up_messages<T, C>(
    api_impl: &T,
    uri: &hyper::Uri,
    headers: &HeaderMap,
    body: Bytes,
    context: &C,
) -> Response<BoxBody<Bytes, Infallible>>
where
    T: Api<C> + Clone + Send + Sync + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static,
{
    if Has::<Option<Authorization>>::get(context).is_none() {
        return text_response(StatusCode::FORBIDDEN, "Unauthenticated");
    }
                                let Ok(text) = std::str::from_utf8(&body) else {
                                    return bad_request_body("The body is not valid UTF-8".to_string());
                                };
                                let param_message_lookup = match text.trim_ascii_start().as_bytes().first() {
                                    Some(b'{') => match serde_json::from_str::<models::MessageLookup>(text) {
                                        Ok(value) => value,
                                        Err(error) if error.is_data() => return bad_request_body(error.to_string()),
                                        Err(error) => return bad_request_body(format!("The body is not valid JSON: {error}")),
                                    },
                                    Some(_) => return bad_request_body("The body must be a JSON object".to_string()),
                                    None => return bad_request_body("The request has no body".to_string()),
                                };
    let result = api_impl.look_up_messages(param_message_lookup, context).await;
    let Ok(response) = result else {
        return text_response(StatusCode::INTERNAL_SERVER_ERROR, "An internal error occurred");
    };
    encode_look_up_messages(response).unwrap_or_else(|name| {
        text_response(StatusCode::INTERNAL_SERVER_ERROR, &format!("The header {name} cannot have its value"))
    })
}

/// The response as HTTP has it; `Err` names a header that cannot have its value.
fn encode_look_up_messages(response: LookUpMessagesResponse) -> Result<Response<BoxBody<Bytes, Infallible>>, HeaderName> {
    Ok(match response {
        LookUpMessagesResponse::Processed { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(200).expect("Unable to turn 200 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        LookUpMessagesResponse::BadRequest { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(400).expect("Unable to turn 400 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        LookUpMessagesResponse::Unauthorized { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(401).expect("Unable to turn 401 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        LookUpMessagesResponse::Forbidden { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(403).expect("Unable to turn 403 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(www_authenticate) = www_authenticate {
                set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            }
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        LookUpMessagesResponse::RequestTimeout { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(408).expect("Unable to turn 408 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        LookUpMessagesResponse::ContentTooLarge { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(413).expect("Unable to turn 413 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        LookUpMessagesResponse::UnsupportedMediaType { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(415).expect("Unable to turn 415 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        LookUpMessagesResponse::TooManyRequests { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(429).expect("Unable to turn 429 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        LookUpMessagesResponse::InternalServerError { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(500).expect("Unable to turn 500 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        LookUpMessagesResponse::ServiceUnavailable { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(503).expect("Unable to turn 503 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
    })
}

#[allow(unused_variables)]
async fn handle_delete_message<T, C>(
    api_impl: &T,
    uri: &hyper::Uri,
    headers: &HeaderMap,
    body: Bytes,
    context: &C,
) -> Response<BoxBody<Bytes, Infallible>>
where
    T: Api<C> + Clone + Send + Sync + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static,
{
    if Has::<Option<Authorization>>::get(context).is_none() {
        return text_response(StatusCode::FORBIDDEN, "Unauthenticated");
    }
    let Some(path_params) = paths::REGEX_MESSAGES_HASH.captures(uri.path()) else {
        return text_response(StatusCode::NOT_FOUND, "");
    };
    let param_hash = match percent_decoded(&path_params["hash"]) {
        Ok(text) => match text.parse::<String>() {
            Ok(param) => param,
            Err(error) => return bad_request_body(format!("Couldn't parse path parameter hash: {error}")),
        },
        Err(_) => return bad_request_body("Path parameter hash is not UTF-8".to_string()),
    };
    let param_if_match = match header_text(headers, const { HeaderName::from_static("if-match") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header If-Match - {error}")),
        },
        None => None,
    };
    let result = api_impl.delete_message(param_hash, param_if_match, context).await;
    let Ok(response) = result else {
        return text_response(StatusCode::INTERNAL_SERVER_ERROR, "An internal error occurred");
    };
    encode_delete_message(response).unwrap_or_else(|name| {
        text_response(StatusCode::INTERNAL_SERVER_ERROR, &format!("The header {name} cannot have its value"))
    })
}

/// The response as HTTP has it; `Err` names a header that cannot have its value.
fn encode_delete_message(response: DeleteMessageResponse) -> Result<Response<BoxBody<Bytes, Infallible>>, HeaderName> {
    Ok(match response {
        DeleteMessageResponse::Deleted { x_span_id } => {
            let mut response = Response::new(BoxBody::new(http_body_util::Empty::new()));
            *response.status_mut() = StatusCode::from_u16(204).expect("Unable to turn 204 into a StatusCode");
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::BadRequest { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(400).expect("Unable to turn 400 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::Unauthorized { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(401).expect("Unable to turn 401 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::Forbidden { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(403).expect("Unable to turn 403 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(www_authenticate) = www_authenticate {
                set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            }
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::NotFound { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(404).expect("Unable to turn 404 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::RequestTimeout { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(408).expect("Unable to turn 408 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::PreconditionFailed { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(412).expect("Unable to turn 412 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::ContentTooLarge { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(413).expect("Unable to turn 413 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::TooManyRequests { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(429).expect("Unable to turn 429 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::InternalServerError { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(500).expect("Unable to turn 500 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        DeleteMessageResponse::ServiceUnavailable { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(503).expect("Unable to turn 503 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
    })
}

#[allow(unused_variables)]
async fn handle_get_message_by_hash<T, C>(
    api_impl: &T,
    uri: &hyper::Uri,
    headers: &HeaderMap,
    body: Bytes,
    context: &C,
) -> Response<BoxBody<Bytes, Infallible>>
where
    T: Api<C> + Clone + Send + Sync + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static,
{
    if Has::<Option<Authorization>>::get(context).is_none() {
        return text_response(StatusCode::FORBIDDEN, "Unauthenticated");
    }
    let Some(path_params) = paths::REGEX_MESSAGES_HASH.captures(uri.path()) else {
        return text_response(StatusCode::NOT_FOUND, "");
    };
    let param_hash = match percent_decoded(&path_params["hash"]) {
        Ok(text) => match text.parse::<String>() {
            Ok(param) => param,
            Err(error) => return bad_request_body(format!("Couldn't parse path parameter hash: {error}")),
        },
        Err(_) => return bad_request_body("Path parameter hash is not UTF-8".to_string()),
    };
    let param_if_match = match header_text(headers, const { HeaderName::from_static("if-match") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header If-Match - {error}")),
        },
        None => None,
    };
    let param_if_none_match = match header_text(headers, const { HeaderName::from_static("if-none-match") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header If-None-Match - {error}")),
        },
        None => None,
    };
    let result = api_impl.get_message_by_hash(param_hash, param_if_match, param_if_none_match, context).await;
    let Ok(response) = result else {
        return text_response(StatusCode::INTERNAL_SERVER_ERROR, "An internal error occurred");
    };
    encode_get_message_by_hash(response).unwrap_or_else(|name| {
        text_response(StatusCode::INTERNAL_SERVER_ERROR, &format!("The header {name} cannot have its value"))
    })
}

/// The response as HTTP has it; `Err` names a header that cannot have its value.
fn encode_get_message_by_hash(response: GetMessageByHashResponse) -> Result<Response<BoxBody<Bytes, Infallible>>, HeaderName> {
    Ok(match response {
        GetMessageByHashResponse::Found { body, e_tag, cache_control, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(200).expect("Unable to turn 200 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            set_header(&mut response, const { HeaderName::from_static("etag") }, e_tag)?;
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::NotModified { e_tag, cache_control, x_span_id } => {
            let mut response = Response::new(BoxBody::new(http_body_util::Empty::new()));
            *response.status_mut() = StatusCode::from_u16(304).expect("Unable to turn 304 into a StatusCode");
            set_header(&mut response, const { HeaderName::from_static("etag") }, e_tag)?;
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::BadRequest { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(400).expect("Unable to turn 400 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::Unauthorized { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(401).expect("Unable to turn 401 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::Forbidden { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(403).expect("Unable to turn 403 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(www_authenticate) = www_authenticate {
                set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            }
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::NotFound { body, cache_control, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(404).expect("Unable to turn 404 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::RequestTimeout { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(408).expect("Unable to turn 408 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::PreconditionFailed { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(412).expect("Unable to turn 412 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::ContentTooLarge { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(413).expect("Unable to turn 413 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::TooManyRequests { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(429).expect("Unable to turn 429 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::Blocked { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(451).expect("Unable to turn 451 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::InternalServerError { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(500).expect("Unable to turn 500 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetMessageByHashResponse::ServiceUnavailable { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(503).expect("Unable to turn 503 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
    })
}

#[allow(unused_variables)]
async fn handle_get_named_information<T, C>(
    api_impl: &T,
    uri: &hyper::Uri,
    headers: &HeaderMap,
    body: Bytes,
    context: &C,
) -> Response<BoxBody<Bytes, Infallible>>
where
    T: Api<C> + Clone + Send + Sync + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static,
{
    if Has::<Option<Authorization>>::get(context).is_none() {
        return text_response(StatusCode::FORBIDDEN, "Unauthenticated");
    }
    let Some(path_params) = paths::REGEX__WELL_KNOWN_NI_SHA_256_VALUE.captures(uri.path()) else {
        return text_response(StatusCode::NOT_FOUND, "");
    };
    let param_value = match percent_decoded(&path_params["value"]) {
        Ok(text) => match text.parse::<String>() {
            Ok(param) => param,
            Err(error) => return bad_request_body(format!("Couldn't parse path parameter value: {error}")),
        },
        Err(_) => return bad_request_body("Path parameter value is not UTF-8".to_string()),
    };
    let param_if_match = match header_text(headers, const { HeaderName::from_static("if-match") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header If-Match - {error}")),
        },
        None => None,
    };
    let param_if_none_match = match header_text(headers, const { HeaderName::from_static("if-none-match") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header If-None-Match - {error}")),
        },
        None => None,
    };
    let param_range = match header_text(headers, const { HeaderName::from_static("range") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header Range - {error}")),
        },
        None => None,
    };
    let param_if_range = match header_text(headers, const { HeaderName::from_static("if-range") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header If-Range - {error}")),
        },
        None => None,
    };
    let result = api_impl.get_named_information(param_value, param_if_match, param_if_none_match, param_range, param_if_range, context).await;
    let Ok(response) = result else {
        return text_response(StatusCode::INTERNAL_SERVER_ERROR, "An internal error occurred");
    };
    encode_get_named_information(response).unwrap_or_else(|name| {
        text_response(StatusCode::INTERNAL_SERVER_ERROR, &format!("The header {name} cannot have its value"))
    })
}

/// The response as HTTP has it; `Err` names a header that cannot have its value.
fn encode_get_named_information(response: GetNamedInformationResponse) -> Result<Response<BoxBody<Bytes, Infallible>>, HeaderName> {
    Ok(match response {
        GetNamedInformationResponse::Found { body, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, x_span_id } => {
            let mut response = Response::new(BoxBody::new(Full::new(body)));
            *response.status_mut() = StatusCode::from_u16(200).expect("Unable to turn 200 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            set_header(&mut response, const { HeaderName::from_static("etag") }, e_tag)?;
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            set_header(&mut response, const { HeaderName::from_static("repr-digest") }, repr_digest)?;
            set_header(&mut response, const { HeaderName::from_static("accept-ranges") }, accept_ranges)?;
            set_header(&mut response, const { HeaderName::from_static("x-content-type-options") }, x_content_type_options)?;
            set_header(&mut response, const { HeaderName::from_static("content-security-policy") }, content_security_policy)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::PartialContent { body, content_range, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, x_span_id } => {
            let mut response = Response::new(BoxBody::new(Full::new(body)));
            *response.status_mut() = StatusCode::from_u16(206).expect("Unable to turn 206 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            set_header(&mut response, const { HeaderName::from_static("content-range") }, content_range)?;
            set_header(&mut response, const { HeaderName::from_static("etag") }, e_tag)?;
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            set_header(&mut response, const { HeaderName::from_static("repr-digest") }, repr_digest)?;
            set_header(&mut response, const { HeaderName::from_static("accept-ranges") }, accept_ranges)?;
            set_header(&mut response, const { HeaderName::from_static("x-content-type-options") }, x_content_type_options)?;
            set_header(&mut response, const { HeaderName::from_static("content-security-policy") }, content_security_policy)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::NotModified { e_tag, cache_control, x_span_id } => {
            let mut response = Response::new(BoxBody::new(http_body_util::Empty::new()));
            *response.status_mut() = StatusCode::from_u16(304).expect("Unable to turn 304 into a StatusCode");
            set_header(&mut response, const { HeaderName::from_static("etag") }, e_tag)?;
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::BadRequest { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(400).expect("Unable to turn 400 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::Unauthorized { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(401).expect("Unable to turn 401 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::Forbidden { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(403).expect("Unable to turn 403 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(www_authenticate) = www_authenticate {
                set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            }
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::NotFound { body, cache_control, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(404).expect("Unable to turn 404 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::RequestTimeout { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(408).expect("Unable to turn 408 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::PreconditionFailed { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(412).expect("Unable to turn 412 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::ContentTooLarge { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(413).expect("Unable to turn 413 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::RangeNotSatisfiable { body, content_range, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(416).expect("Unable to turn 416 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("content-range") }, content_range)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::TooManyRequests { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(429).expect("Unable to turn 429 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::Blocked { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(451).expect("Unable to turn 451 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::InternalServerError { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(500).expect("Unable to turn 500 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetNamedInformationResponse::ServiceUnavailable { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(503).expect("Unable to turn 503 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
    })
}

#[allow(unused_variables)]
async fn handle_get_raw_message<T, C>(
    api_impl: &T,
    uri: &hyper::Uri,
    headers: &HeaderMap,
    body: Bytes,
    context: &C,
) -> Response<BoxBody<Bytes, Infallible>>
where
    T: Api<C> + Clone + Send + Sync + 'static,
    C: Has<XSpanIdString> + Has<Option<Authorization>> + Send + Sync + 'static,
{
    if Has::<Option<Authorization>>::get(context).is_none() {
        return text_response(StatusCode::FORBIDDEN, "Unauthenticated");
    }
    let Some(path_params) = paths::REGEX_MESSAGES_HASH_RAW.captures(uri.path()) else {
        return text_response(StatusCode::NOT_FOUND, "");
    };
    let param_hash = match percent_decoded(&path_params["hash"]) {
        Ok(text) => match text.parse::<String>() {
            Ok(param) => param,
            Err(error) => return bad_request_body(format!("Couldn't parse path parameter hash: {error}")),
        },
        Err(_) => return bad_request_body("Path parameter hash is not UTF-8".to_string()),
    };
    let param_if_match = match header_text(headers, const { HeaderName::from_static("if-match") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header If-Match - {error}")),
        },
        None => None,
    };
    let param_if_none_match = match header_text(headers, const { HeaderName::from_static("if-none-match") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header If-None-Match - {error}")),
        },
        None => None,
    };
    let param_range = match header_text(headers, const { HeaderName::from_static("range") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header Range - {error}")),
        },
        None => None,
    };
    let param_if_range = match header_text(headers, const { HeaderName::from_static("if-range") }) {
        Some(text) => match text.parse::<String>() {
            Ok(param) => Some(param),
            Err(error) => return bad_request_body(format!("Invalid header If-Range - {error}")),
        },
        None => None,
    };
    let result = api_impl.get_raw_message(param_hash, param_if_match, param_if_none_match, param_range, param_if_range, context).await;
    let Ok(response) = result else {
        return text_response(StatusCode::INTERNAL_SERVER_ERROR, "An internal error occurred");
    };
    encode_get_raw_message(response).unwrap_or_else(|name| {
        text_response(StatusCode::INTERNAL_SERVER_ERROR, &format!("The header {name} cannot have its value"))
    })
}

/// The response as HTTP has it; `Err` names a header that cannot have its value.
fn encode_get_raw_message(response: GetRawMessageResponse) -> Result<Response<BoxBody<Bytes, Infallible>>, HeaderName> {
    Ok(match response {
        GetRawMessageResponse::Found { body, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, x_span_id } => {
            let mut response = Response::new(BoxBody::new(Full::new(body)));
            *response.status_mut() = StatusCode::from_u16(200).expect("Unable to turn 200 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            set_header(&mut response, const { HeaderName::from_static("etag") }, e_tag)?;
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            set_header(&mut response, const { HeaderName::from_static("repr-digest") }, repr_digest)?;
            set_header(&mut response, const { HeaderName::from_static("accept-ranges") }, accept_ranges)?;
            set_header(&mut response, const { HeaderName::from_static("x-content-type-options") }, x_content_type_options)?;
            set_header(&mut response, const { HeaderName::from_static("content-security-policy") }, content_security_policy)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::PartialContent { body, content_range, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, x_span_id } => {
            let mut response = Response::new(BoxBody::new(Full::new(body)));
            *response.status_mut() = StatusCode::from_u16(206).expect("Unable to turn 206 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            set_header(&mut response, const { HeaderName::from_static("content-range") }, content_range)?;
            set_header(&mut response, const { HeaderName::from_static("etag") }, e_tag)?;
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            set_header(&mut response, const { HeaderName::from_static("repr-digest") }, repr_digest)?;
            set_header(&mut response, const { HeaderName::from_static("accept-ranges") }, accept_ranges)?;
            set_header(&mut response, const { HeaderName::from_static("x-content-type-options") }, x_content_type_options)?;
            set_header(&mut response, const { HeaderName::from_static("content-security-policy") }, content_security_policy)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::NotModified { e_tag, cache_control, x_span_id } => {
            let mut response = Response::new(BoxBody::new(http_body_util::Empty::new()));
            *response.status_mut() = StatusCode::from_u16(304).expect("Unable to turn 304 into a StatusCode");
            set_header(&mut response, const { HeaderName::from_static("etag") }, e_tag)?;
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::BadRequest { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(400).expect("Unable to turn 400 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::Unauthorized { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(401).expect("Unable to turn 401 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::Forbidden { body, www_authenticate, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(403).expect("Unable to turn 403 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(www_authenticate) = www_authenticate {
                set_header(&mut response, const { HeaderName::from_static("www-authenticate") }, www_authenticate)?;
            }
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::NotFound { body, cache_control, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(404).expect("Unable to turn 404 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("cache-control") }, cache_control)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::RequestTimeout { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(408).expect("Unable to turn 408 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::PreconditionFailed { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(412).expect("Unable to turn 412 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::ContentTooLarge { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(413).expect("Unable to turn 413 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::RangeNotSatisfiable { body, content_range, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(416).expect("Unable to turn 416 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("content-range") }, content_range)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::TooManyRequests { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(429).expect("Unable to turn 429 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::Blocked { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(451).expect("Unable to turn 451 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::InternalServerError { body, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(500).expect("Unable to turn 500 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
        GetRawMessageResponse::ServiceUnavailable { body, retry_after, x_span_id } => {
            let mut response = Response::new(json_body(&body));
            *response.status_mut() = StatusCode::from_u16(503).expect("Unable to turn 503 into a StatusCode");
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
            set_header(&mut response, const { HeaderName::from_static("retry-after") }, retry_after)?;
            if let Some(x_span_id) = x_span_id {
                set_header(&mut response, const { HeaderName::from_static("x-span-id") }, x_span_id)?;
            }
            response
        }
    })
}

/// Request parser for `Api`.
pub struct ApiRequestParser;
impl<T> RequestParser<T> for ApiRequestParser {
    fn parse_operation_id(request: &Request<T>) -> Option<&'static str> {
        let path = paths::GLOBAL_REGEX_SET.matches(request.uri().path());
        match *request.method() {
            // AddMessage - POST /messages
            hyper::Method::POST if path.matched(paths::ID_MESSAGES) => Some("AddMessage"),
            // AddMessageBatch - POST /messages/batch
            hyper::Method::POST if path.matched(paths::ID_MESSAGES_BATCH) => Some("AddMessageBatch"),
            // AddRawMessage - POST /messages/raw
            hyper::Method::POST if path.matched(paths::ID_MESSAGES_RAW) => Some("AddRawMessage"),
            // LookUpMessages - POST /messages/lookup
            hyper::Method::POST if path.matched(paths::ID_MESSAGES_LOOKUP) => Some("LookUpMessages"),
            // DeleteMessage - DELETE /messages/{hash}
            hyper::Method::DELETE if path.matched(paths::ID_MESSAGES_HASH) => Some("DeleteMessage"),
            // GetMessageByHash - GET /messages/{hash}
            hyper::Method::GET if path.matched(paths::ID_MESSAGES_HASH) => Some("GetMessageByHash"),
            // GetNamedInformation - GET /.well-known/ni/sha-256/{value}
            hyper::Method::GET if path.matched(paths::ID__WELL_KNOWN_NI_SHA_256_VALUE) => Some("GetNamedInformation"),
            // GetRawMessage - GET /messages/{hash}/raw
            hyper::Method::GET if path.matched(paths::ID_MESSAGES_HASH_RAW) => Some("GetRawMessage"),
            _ => None,
        }
    }
}
