//! nginx's limits for each client: requests, connections and bytes.

use std::fs;
use std::process::{Child, Stdio};

use crate::client::{ask_from, curl, post, post_file, problem};
use crate::stack::{Stack, output_text};
use crate::support::wait::eventually;

/// Clients that announce a body and never send it; killed when dropped.
struct UnfinishedUploads(Vec<Child>);

impl UnfinishedUploads {
    fn start(stack: &Stack, client: &str, number: usize) -> Self {
        let start = |_| {
            let from = format!("X-Forwarded-For: {client}");
            let arguments = ["--http1.1", "-X", "POST", "-T", "-", "-H", &from, "-H", "Expect:"];
            let mut curl = curl(stack, "/messages", &arguments);
            curl.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        Self((0..number).map(start).collect())
    }
}

impl Drop for UnfinishedUploads {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn limits_apply_to_each_client() {
    let settings = [
        ("API_REPLICAS", "1"),
        ("RATE_LIMIT", "30r/m"),
        ("RATE_BURST", "4"),
        ("CONNECTION_LIMIT", "2"),
        ("MAX_BODY", "1m"),
    ];
    let stack = Stack::prepare("limits", &settings);
    stack.write_list("balancers.txt", &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]);
    stack.compose(&["up", "-d", "--wait", "--no-build"]);

    // The client may send one request and a burst of four. Its other requests are refused, and those of other clients
    // are not.
    let asked: Vec<_> = (0..12).map(|_| ask_from(&stack, "203.0.113.1", "/messages/aa")).collect();
    let passed = asked.iter().filter(|answer| answer.status == 404).count();
    assert!((5..asked.len()).contains(&passed), "{asked:?}");
    for answer in asked.iter().filter(|answer| answer.status != 404) {
        assert_eq!(problem(answer, 429), "Too many requests; repeat this one later");
    }
    assert_eq!(ask_from(&stack, "203.0.113.2", "/messages/aa").status, 404);

    // An IPv6 client is identified by its /64, so it cannot avoid the limit with more addresses.
    let asked = (1..=12).map(|host| ask_from(&stack, &format!("2001:db8::{host}:1"), "/messages/aa").status);
    let asked: Vec<_> = asked.collect();
    assert!(asked.contains(&429), "{asked:?}");
    assert_eq!(ask_from(&stack, "2001:db8:0:1::1", "/messages/aa").status, 404);
    let asked =
        (1..=12).map(|host| ask_from(&stack, &format!("::ffff:198.51.100.{host}"), "/messages/aa").status);
    assert!(asked.into_iter().all(|status| status == 404), "IPv4 addresses share a limit");

    // Requests in flight.
    let idle = UnfinishedUploads::start(&stack, "203.0.113.3", 2);
    let mut refusals = 0_usize;
    eventually("a third request is refused", || {
        let answer = ask_from(&stack, "203.0.113.3", "/messages/aa");
        refusals += usize::from(answer.status == 429);
        refusals > 0
    });
    assert_eq!(ask_from(&stack, "203.0.113.4", "/messages/aa").status, 404);
    drop(idle);

    // Bytes: nginx's limit applies if it is smaller than the server's.
    let file = stack.folder().join("body");
    fs::write(&file, format!(r#"{{"message":"{}"}}"#, "a".repeat(1 << 20))).unwrap();
    assert_eq!(problem(&post_file(&stack, &file), 413), "The request body is too large");
    assert_eq!(post(&stack, "small").status, 201);

    // nginx logs the requests that it refuses.
    let log = output_text(&stack.try_compose(&["logs", "--no-log-prefix", "nginx"]));
    assert!(
        log.contains(r#""client":"203.0.113.1","method":"GET","path":"/messages/aa","status":429"#),
        "{log}"
    );
    assert!(log.contains(r#""method":"POST","path":"/messages","status":413"#), "{log}");
}
