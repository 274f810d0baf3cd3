//! The claims of a token (RFC 7519, section 4): who issued it for whom, from when to when, and what its bearer may do.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use message_to_hash_api::server::Operation;
use message_to_hash_api_runtime::OperationSet as _;
use serde::Deserialize;

use super::token::Invalid;

/// The tolerated difference between clocks.
const LEEWAY: Duration = Duration::from_secs(30);

/// The issuer and audience that a token must have.
pub struct Expected {
    /// The required `iss`.
    pub issuer: String,
    /// The required `aud`: the name of this service.
    pub audience: String,
}

#[derive(Deserialize)]
pub struct Claims {
    iss: String,
    aud: OneOrMore,
    pub exp: f64,
    nbf: Option<f64>,
    pub sub: Option<String>,
    scope: Option<OneOrMore>,
    scp: Option<OneOrMore>,
}

/// An audience is a text or a list. A scope is a text of words separated by spaces (RFC 8693), or a list, which is
/// also common.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Claims {
    /// Checks that the token is valid now, and for this service.
    pub fn check(&self, expected: &Expected) -> Result<(), Invalid> {
        if self.exp < 0.0 || self.nbf.is_some_and(|nbf| nbf < 0.0) {
            return Err(Invalid::Claim);
        }
        if has_passed(self.exp) {
            return Err(Invalid::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf > seconds(now() + LEEWAY)) {
            return Err(Invalid::NotYet);
        }
        if self.iss != expected.issuer {
            return Err(Invalid::Issuer);
        }
        let is_for_us = match &self.aud {
            OneOrMore::One(audience) => *audience == expected.audience,
            OneOrMore::More(audiences) => audiences.contains(&expected.audience),
        };
        if is_for_us { Ok(()) } else { Err(Invalid::Audience) }
    }

    /// The granted scopes that the contract uses, each once.
    pub fn scopes(&self) -> Vec<&'static str> {
        let mut claimed = HashSet::new();
        for claim in [&self.scope, &self.scp].into_iter().flatten() {
            match claim {
                OneOrMore::One(words) => claimed.extend(words.split(' ')),
                OneOrMore::More(list) => claimed.extend(list.iter().map(String::as_str)),
            }
        }
        let required = Operation::ALL.iter().filter_map(|operation| operation.info().scope);
        required.filter(|scope| claimed.remove(scope)).collect()
    }
}

/// Whether the time `exp` has passed, with the tolerance for clocks.
pub fn has_passed(expires: f64) -> bool {
    expires < seconds(now().saturating_sub(LEEWAY))
}

/// The time since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn claims(changes: &Value) -> Claims {
        let mut claims = json!({ "iss": "i", "aud": "a", "exp": 4e9 });
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::from_value(claims).unwrap()
    }

    #[test]
    fn scopes_are_words_or_a_list() {
        let scopes = |scope: Value| claims(&json!({ "scope": scope })).scopes();
        assert_eq!(scopes(json!("openid messages:read")), ["messages:read"]);
        assert_eq!(scopes(json!(["messages:write", "messages:read"])), ["messages:write", "messages:read"]);
        assert_eq!(scopes(json!("messages:readonly xmessages:read")), [""; 0]);
    }

    #[test]
    fn claims_are_checked_with_a_leeway() {
        let expected = Expected { issuer: "i".to_owned(), audience: "a".to_owned() };
        let now = seconds(now());
        for (changes, result) in [
            (json!({}), Ok(())),
            (json!({ "exp": now - 20.0 }), Ok(())),
            (json!({ "exp": now - 40.0 }), Err(Invalid::Expired)),
            (json!({ "nbf": now + 20.0 }), Ok(())),
            (json!({ "nbf": now + 40.0 }), Err(Invalid::NotYet)),
            (json!({ "exp": -1 }), Err(Invalid::Claim)),
            (json!({ "iss": "I" }), Err(Invalid::Issuer)),
            (json!({ "aud": "aa" }), Err(Invalid::Audience)),
            (json!({ "aud": ["b", "a"] }), Ok(())),
            (json!({ "aud": [] }), Err(Invalid::Audience)),
        ] {
            assert_eq!(claims(&changes).check(&expected), result, "{changes}");
        }
    }
}
