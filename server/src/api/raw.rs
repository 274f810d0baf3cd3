//! Messages byte for byte: a body that is one, and one that is a body, whole or in part.
//!
//! What is sent is shared with whoever else has the message, never copied.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::StatusCode;
use message_to_hash_api::models::MessageDigest;
use message_to_hash_api::{AddRawMessageResponse, GetNamedInformationResponse, GetRawMessageResponse};

use super::conditions::{self, lists, matches};
use super::range::{Wanted, wanted};
use super::{Failure, Messages, NOT_FOUND, log_cause};
use crate::context::RequestContext;
use crate::message::MessageHash;
use crate::problem::problem;
use crate::store::{Put, Stored};

const ACCEPT_RANGES: &str = "bytes";
/// Whoever stored the message chose what it says; no browser is to run it as a page of this server.
const CONTENT_TYPE_OPTIONS: &str = "nosniff";
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; sandbox";

/// What a request says about the bytes that it asks for.
pub(super) struct Conditions {
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    pub range: Option<String>,
    pub if_range: Option<String>,
}

/// The answer, by whichever name the message was asked for.
pub(super) enum Answer {
    Whole(Representation),
    Part(Representation, String),
    NotModified { e_tag: String, cache_control: String },
    Unsatisfiable { bytes: usize },
    NotMatched,
    NotFound,
    Failed(Failure),
}

pub(super) struct Representation {
    body: Bytes,
    e_tag: String,
    cache_control: String,
    repr_digest: String,
}

impl Messages {
    pub(super) async fn read_raw(
        &self,
        hash: Option<MessageHash>,
        conditions: &Conditions,
        context: &RequestContext,
    ) -> Answer {
        let found = self.find(hash).await;
        match found.inspect_err(|failure| log_cause(failure, context)) {
            Ok(Some((hash, stored))) => self.present(hash, stored, conditions),
            Ok(None) => Answer::NotFound,
            Err(failure) => Answer::Failed(failure),
        }
    }

    /// In the order of RFC 9110, section 13.2.2.
    fn present(&self, hash: MessageHash, stored: Stored, conditions: &Conditions) -> Answer {
        let e_tag = conditions::e_tag(hash);
        if !matches(conditions.if_match.as_deref(), &e_tag) {
            return Answer::NotMatched;
        }
        let cache_control = self.cache_control(&stored);
        if conditions.if_none_match.as_ref().is_some_and(|tags| lists(tags, &e_tag)) {
            return Answer::NotModified { e_tag, cache_control };
        }
        // A weak tag, or a date, is never the same.
        let is_same = conditions.if_range.as_ref().is_none_or(|tag| *tag == e_tag);
        let range = conditions.range.as_ref().filter(|_| is_same);
        let bytes = stored.message.len();
        let repr_digest = format!("sha-256=:{}:", STANDARD.encode(hash.as_bytes()));
        let body = Bytes::from_owner(stored.message);
        let whole = Representation { body, e_tag, cache_control, repr_digest };
        match range.map_or(Wanted::Whole, |range| wanted(range, bytes)) {
            Wanted::Whole => Answer::Whole(whole),
            Wanted::Part(part) => {
                let content_range = format!("bytes {}-{}/{bytes}", part.start, part.end - 1);
                Answer::Part(Representation { body: whole.body.slice(part), ..whole }, content_range)
            }
            Wanted::Nothing => Answer::Unsatisfiable { bytes },
        }
    }
}

macro_rules! answers {
    ($response:ident) => {
        impl From<Answer> for $response {
            fn from(answer: Answer) -> Self {
                match answer {
                    Answer::Whole(Representation { body, e_tag, cache_control, repr_digest }) => {
                        Self::Found {
                            body,
                            e_tag,
                            cache_control,
                            repr_digest,
                            accept_ranges: ACCEPT_RANGES.to_owned(),
                            x_content_type_options: CONTENT_TYPE_OPTIONS.to_owned(),
                            content_security_policy: CONTENT_SECURITY_POLICY.to_owned(),
                            x_span_id: None,
                        }
                    }
                    Answer::Part(part, content_range) => Self::PartialContent {
                        body: part.body,
                        content_range,
                        e_tag: part.e_tag,
                        cache_control: part.cache_control,
                        repr_digest: part.repr_digest,
                        accept_ranges: ACCEPT_RANGES.to_owned(),
                        x_content_type_options: CONTENT_TYPE_OPTIONS.to_owned(),
                        content_security_policy: CONTENT_SECURITY_POLICY.to_owned(),
                        x_span_id: None,
                    },
                    Answer::NotModified { e_tag, cache_control } => {
                        Self::NotModified { e_tag, cache_control, x_span_id: None }
                    }
                    Answer::Unsatisfiable { bytes } => Self::RangeNotSatisfiable {
                        body: problem(
                            StatusCode::RANGE_NOT_SATISFIABLE,
                            &format!("The message has {bytes} bytes"),
                        ),
                        content_range: format!("bytes */{bytes}"),
                        x_span_id: None,
                    },
                    Answer::NotMatched => {
                        Self::PreconditionFailed { body: conditions::failed(), x_span_id: None }
                    }
                    Answer::NotFound => Self::NotFound {
                        body: problem(StatusCode::NOT_FOUND, NOT_FOUND),
                        cache_control: "no-store".to_owned(),
                        x_span_id: None,
                    },
                    Answer::Failed(failure) => failure.into(),
                }
            }
        }
    };
}

answers!(GetRawMessageResponse);
answers!(GetNamedInformationResponse);

pub(super) fn added(hash: MessageHash, put: Put) -> AddRawMessageResponse {
    let body = MessageDigest::new(hash.to_hex());
    match put {
        Put::Created => {
            let location = format!("/messages/{hash}");
            AddRawMessageResponse::Created { body, location, x_span_id: None }
        }
        Put::AlreadyStored => AddRawMessageResponse::AlreadyStored { body, x_span_id: None },
    }
}
