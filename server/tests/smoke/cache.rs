//! nginx caches immutable responses: a repeated GET does not reach the API, and works while the API is down.

use crate::client::{ask, post, problem};
use crate::stack::Stack;
use crate::support::messages::FOO;

#[test]
fn nginx_caches_only_immutable_responses() {
    let stack = Stack::up("cache", &[("API_REPLICAS", "2")]);
    let path = format!("/messages/{FOO}");
    let cached = |arguments: &[&str]| {
        let answer = ask(&stack, &path, arguments);
        (answer.status, answer.unique_header("x-cache").unwrap_or_default().to_owned())
    };
    let reached_the_api = |span: &str| {
        let logs = stack.compose(&["logs", "--no-log-prefix", "api"]);
        logs.contains(&format!(r#""span":"{span}""#))
    };

    // A 404 is not cached, because the message may be stored later.
    assert_eq!(cached(&[]), (404, "MISS".to_owned()));
    assert_eq!(cached(&[]), (404, "MISS".to_owned()));
    assert_eq!(post(&stack, "foo").status, 201);
    assert_eq!(cached(&["-H", "X-Span-ID: first"]), (200, "MISS".to_owned()));
    assert_eq!(cached(&["-H", "X-Span-ID: second"]), (200, "HIT".to_owned()));
    assert!(reached_the_api("first") && !reached_the_api("second"));
    // A cached response has the span id of its own request.
    assert_eq!(ask(&stack, &path, &["-H", "X-Span-ID: third"]).unique_header("x-span-id"), Some("third"));

    // Requests with a token bypass the cache.
    assert_eq!(cached(&["-H", "Authorization: Bearer x"]), (200, "BYPASS".to_owned()));
    let bar = post(&stack, "bar").body;
    let bar = format!("/messages/{}", &bar[11..75]);
    assert_eq!(
        ask(&stack, &bar, &["-H", "Authorization: Bearer x"]).unique_header("x-cache"),
        Some("BYPASS"),
        "{bar}"
    );
    assert_eq!(ask(&stack, &bar, &[]).unique_header("x-cache"), Some("MISS"));

    // The cache also answers conditional requests and HEAD.
    assert_eq!(cached(&["-H", &format!("If-None-Match: \"{FOO}\"")]), (304, "HIT".to_owned()));
    assert_eq!(cached(&["--head"]), (200, "HIT".to_owned()));
    // A query string does not make a second copy.
    assert_eq!(ask(&stack, &format!("{path}?again"), &[]).unique_header("x-cache"), Some("HIT"));

    raw_message_is_cached_whole_and_ranges_bypass_the_cache(&stack);
    other_spelling_of_a_path_bypasses_the_cache(&stack);

    stack.compose(&["stop", "api"]);
    assert_eq!(cached(&[]), (200, "HIT".to_owned()));
    problem(&ask(&stack, "/messages/aa", &[]), 503);
    problem(&ask(&stack, &format!("/messages/{}", "0".repeat(64)), &[]), 503);
    assert_eq!(
        problem(&post(&stack, "baz"), 503),
        "No instance of the service answers; repeat the request later"
    );

    // nginx finds the restarted API without a reload.
    stack.compose(&["start", "api"]);
    stack.compose(&["up", "-d", "--wait", "--no-build", "--no-recreate"]);
    crate::support::wait::eventually("nginx finds the API again", || post(&stack, "baz").status == 201);
}

fn raw_message_is_cached_whole_and_ranges_bypass_the_cache(stack: &Stack) {
    let ni = "/.well-known/ni/sha-256/LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564";
    for path in [&format!("/messages/{FOO}/raw"), ni] {
        // The first response is a range, which must not be cached as the whole message.
        for (arguments, status, body, cache) in [
            (&["--range", "1-"][..], 206, "oo", "BYPASS"),
            (&[], 200, "foo", "MISS"),
            (&[], 200, "foo", "HIT"),
            (&["--range", "0-0"], 206, "f", "BYPASS"),
            (&["--range", "0-0,2-2"], 200, "foo", "BYPASS"),
            (&["--range", "0-0", "-H", "If-Range: \"x\""], 200, "foo", "BYPASS"),
            (&["--range", "0-0", "-H", "Authorization: Bearer x"], 206, "f", "BYPASS"),
            (&["--range", "0-0", "--head"], 200, "", "HIT"),
        ] {
            let answer = ask(stack, path, arguments);
            let got = (answer.status, answer.body.as_str(), answer.unique_header("x-cache"));
            assert_eq!(got, (status, body, Some(cache)), "{path} {arguments:?}");
            assert_eq!(answer.unique_header("accept-ranges"), Some("bytes"));
            assert_eq!(answer.unique_header("x-content-type-options"), Some("nosniff"));
            assert_eq!(answer.unique_header("content-range").is_some(), status == 206);
        }
        for part in [&[][..], &["--range", "0-0"]] {
            let refused = ask(stack, path, &[&["-H", "If-Match: \"x\""][..], part].concat());
            assert_eq!(problem(&refused, 412), "If-Match does not name what is stored here");
        }
        let beyond = ask(stack, path, &["--range", "3-"]);
        assert_eq!(problem(&beyond, 416), "The message has 3 bytes");
        assert_eq!(beyond.unique_header("content-range"), Some("bytes */3"));
    }
}

/// nginx normalizes these paths to that of a message, but the server does not. The response must not depend on the
/// cache.
fn other_spelling_of_a_path_bypasses_the_cache(stack: &Stack) {
    let hash = |message: &str| post(stack, message).body[11..75].to_owned();
    let (read, unread) = (hash("read before"), hash("not read"));
    for path in [format!("/messages/{read}"), format!("/messages/{read}/raw")] {
        assert_eq!(ask(stack, &path, &[]).status, 200);
        assert_eq!(ask(stack, &path, &[]).unique_header("x-cache"), Some("HIT"));
    }
    for (before, after) in
        [("//messages/", ""), ("/messages//", ""), ("/messages/", "%2Fraw"), ("/messages/", "/./raw")]
    {
        let [of_read, of_unread] = [&read, &unread].map(|hash| {
            let answer = ask(stack, &format!("{before}{hash}{after}"), &["--path-as-is"]);
            (answer.status, answer.unique_header("x-cache").map(str::to_owned))
        });
        assert_eq!(of_read, of_unread, "{before}HASH{after}");
        assert_eq!(of_read.1.as_deref().unwrap_or("BYPASS"), "BYPASS", "{before}HASH{after}");
    }
}
