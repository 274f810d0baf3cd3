//! Compressed responses and their headers.

use serde_json::Value;

use crate::client::{ask, post};
use crate::stack::Stack;
use crate::support::response::TextResponse;

const GZIP: &str = "Accept-Encoding: gzip";

#[test]
fn text_and_json_are_compressed_for_clients_that_ask() {
    let stack = Stack::up("compression", &[("API_REPLICAS", "1")]);
    let text = "compress ".repeat(1000);
    let hash = post(&stack, &text).body[11..75].to_owned();
    let (json, raw) = (format!("/messages/{hash}"), format!("/messages/{hash}/raw"));
    let (strong, weak) = (format!("\"{hash}\""), format!("W/\"{hash}\""));
    let encoding = |answer: &TextResponse| answer.unique_header("content-encoding").map(str::to_owned);

    for path in [&json, &raw] {
        // The first response comes from the server, the second from the cache, and the third bypasses the cache.
        for arguments in [&[][..], &[], &["-H", "Authorization: Bearer x"]] {
            let plain = ask(&stack, path, arguments);
            assert_eq!((plain.status, encoding(&plain)), (200, None), "{plain:?}");
            assert_eq!(plain.unique_header("etag"), Some(strong.as_str()));
            assert_eq!(plain.unique_header("vary"), Some("Accept-Encoding"));

            let compressed = ask(&stack, path, &[arguments, &["-H", GZIP]].concat());
            assert_eq!((compressed.status, encoding(&compressed).as_deref()), (200, Some("gzip")));
            assert_eq!(compressed.unique_header("etag"), Some(weak.as_str()));
            assert_eq!(compressed.unique_header("vary"), Some("Accept-Encoding"));
            // `Repr-Digest` would have to describe the compressed bytes, so nginx removes it.
            assert_eq!(compressed.unique_header("repr-digest"), None);
            assert!(compressed.body.len() < text.len() / 10, "{} bytes", compressed.body.len());
            let unpacked = ask(&stack, path, &[arguments, &["--compressed", "-H", GZIP]].concat());
            assert_eq!(unpacked.body, plain.body);

            for tag in [&weak, &strong] {
                let condition = format!("If-None-Match: {tag}");
                let current = ask(&stack, path, &[arguments, &["-H", GZIP, "-H", &condition]].concat());
                assert_eq!((current.status, current.body.as_str()), (304, ""), "{path} {arguments:?} {tag}");
            }
        }
        // RFC 9110, section 13.1.1: If-Match compares strongly.
        assert_eq!(ask(&stack, path, &["-H", &format!("If-Match: {weak}")]).status, 412);
        assert_eq!(ask(&stack, path, &["-H", GZIP, "-H", &format!("If-Match: {strong}")]).status, 200);
    }
    let plain: Value = serde_json::from_str(&ask(&stack, &json, &[]).body).unwrap();
    assert_eq!(plain["message"], text);

    // Ranges count the bytes of the message, and the digest is that of the whole message.
    let whole = ask(&stack, &raw, &[]);
    assert!(
        whole.unique_header("repr-digest").is_some_and(|digest| digest.starts_with("sha-256=:")),
        "{whole:?}"
    );
    let part = ask(&stack, &raw, &["-H", GZIP, "--range", "1-1500"]);
    assert_eq!((part.status, part.body.as_str(), encoding(&part)), (206, &text[1..=1500], None));
    assert_eq!(part.unique_header("repr-digest"), whole.unique_header("repr-digest"));
    assert_eq!(part.unique_header("etag"), Some(strong.as_str()));
    // The weak tag of a compressed copy does not go with a range of the plain bytes.
    let condition = format!("If-Range: {weak}");
    assert_eq!(ask(&stack, &raw, &["-H", GZIP, "--range", "1-2", "-H", &condition]).status, 200);

    // Responses below 1 KiB are not compressed.
    let short = post(&stack, "short").body[11..75].to_owned();
    for path in [format!("/messages/{short}"), format!("/messages/{short}/raw")] {
        let answer = ask(&stack, &path, &["-H", GZIP]);
        assert_eq!(
            (encoding(&answer), answer.unique_header("etag")),
            (None, Some(format!("\"{short}\"").as_str()))
        );
        assert_eq!(answer.unique_header("repr-digest").is_some(), path.ends_with("raw"));
    }
}
