//! The context of each call of the generated client.

use swagger::{AuthData, Has, XSpanIdString};

/// The span id and the token that a call sends.
#[derive(Clone)]
pub struct ClientContext(XSpanIdString, Option<AuthData>);

impl ClientContext {
    pub fn new(span_id: &str, token: Option<&str>) -> Self {
        Self(XSpanIdString(span_id.to_owned()), token.and_then(AuthData::bearer))
    }
}

impl Has<XSpanIdString> for ClientContext {
    fn get(&self) -> &XSpanIdString {
        &self.0
    }

    fn get_mut(&mut self) -> &mut XSpanIdString {
        &mut self.0
    }

    fn set(&mut self, value: XSpanIdString) {
        self.0 = value;
    }
}

impl Has<Option<AuthData>> for ClientContext {
    fn get(&self) -> &Option<AuthData> {
        &self.1
    }

    fn get_mut(&mut self) -> &mut Option<AuthData> {
        &mut self.1
    }

    fn set(&mut self, value: Option<AuthData>) {
        self.1 = value;
    }
}
