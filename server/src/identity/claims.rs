//! The claims of a token (RFC 7519, section 4): who issued it for whom, from when to when, and what its bearer may do.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use message_to_hash_api::server::REQUIRED_SCOPES;
use serde::Deserialize;

use super::token::Invalid;

/// Clocks may differ by so much.
const LEEWAY: Duration = Duration::from_secs(30);

/// What a token has to say to be for this service.
pub struct Expected {
    /// Who issues tokens.
    pub issuer: String,
    /// The name of this service in them.
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

/// An audience is one text or a list. A scope is one text with spaces between the words (RFC 8693), or a list, which
/// is common, too.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Claims {
    /// Whether the token is valid now, and for this service.
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

    /// The scopes that an operation requires, each once.
    pub fn scopes(&self) -> Vec<&'static str> {
        let mut claimed = HashSet::new();
        for claim in [&self.scope, &self.scp].into_iter().flatten() {
            match claim {
                OneOrMore::One(words) => claimed.extend(words.split(' ')),
                OneOrMore::More(list) => claimed.extend(list.iter().map(String::as_str)),
            }
        }
        REQUIRED_SCOPES.iter().map(|(_, scope)| *scope).filter(|scope| claimed.remove(scope)).collect()
    }
}

/// Whether this time (`exp`) is over, by a clock that may differ from the issuer's.
pub fn has_passed(expires: f64) -> bool {
    expires < seconds(now().saturating_sub(LEEWAY))
}

/// Since 1970.
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
    fn scopes_are_words_or_a_list_and_only_whole_ones_count() {
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
