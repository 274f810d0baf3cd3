//! An HTTP response as text.

/// A complete response.
#[derive(Debug)]
pub struct TextResponse {
    pub status: u16,
    /// The status line and the header lines.
    head: String,
    pub body: String,
}

impl TextResponse {
    /// Returns the first value of this header, or `None` if it is missing.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// Like `header`, but panics if the header occurs more than once.
    pub fn unique_header(&self, name: &str) -> Option<&str> {
        assert!(self.headers(name).count() <= 1, "{name} occurs more than once: {self:?}");
        self.header(name)
    }

    /// Returns all values of this header.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.filter(move |(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Parses the body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// Asserts that the body is a problem with this status, and returns its detail.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.unique_header("content-type"), Some("application/problem+json"), "{self:?}");
        let body = self.json();
        assert_eq!(body["type"], "about:blank");
        assert_eq!(body["status"], status);
        assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert_eq!(body["detail"], body["err_msg"]);
        body["detail"].as_str().expect("a detail").to_owned()
    }
}

/// Parses a response whose end is that of the connection.
pub fn parse(answer: &str) -> TextResponse {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {answer:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
    TextResponse { status, head: head.to_owned(), body: body.to_owned() }
}
