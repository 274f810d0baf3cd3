//! Access lists of nginx: denied and allowed clients, and the balancers whose `X-Forwarded-For` nginx believes.

use crate::client::{ask_from, problem};
use crate::stack::{Stack, output_text};
use crate::support::wait::eventually;

/// Docker's address ranges. The requests of the test come from there.
const DOCKER: &[&str] = &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

#[test]
fn allow_and_deny_lists_are_applied() {
    let stack = Stack::up("lists", &[("API_REPLICAS", "1")]);
    let status = |client: &str| ask_from(&stack, client, "/messages/aa").status;
    let take_over = || {
        let reload = stack.reload();
        assert!(reload.status.success(), "{}", output_text(&reload));
    };

    // Without balancers nginx ignores `X-Forwarded-For`, so both clients have the address of this test, which is first
    // denied and then allowed.
    let both = || (status("203.0.113.7"), status("203.0.113.77"));
    stack.write_list("deny.txt", DOCKER);
    take_over();
    eventually("this test is refused", || both() == (403, 403));
    stack.write_list("deny.txt", &["# a comment", "", "203.0.113.0/28  # another", "2001:db8::/32"]);
    take_over();
    eventually("neither client is denied", || both() == (404, 404));

    // nginx believes the header of a balancer.
    stack.write_list("balancers.txt", DOCKER);
    take_over();
    eventually("the denied client is refused", || status("203.0.113.7") == 403);
    problem(&ask_from(&stack, "203.0.113.7", "/messages/aa"), 403);
    assert_eq!((status("203.0.113.77"), status("2001:db8::1"), status("2001:db9::1")), (404, 403, 404));
    // A client cannot fake another address.
    assert_eq!(status("198.51.100.1, 203.0.113.7"), 403);

    // With an allow list only its clients are served, and the deny list takes precedence.
    stack.write_list("allow.txt", &["203.0.113.0/24", "198.51.100.1"]);
    take_over();
    eventually("a client that is not allowed is refused", || status("192.0.2.1") == 403);
    assert_eq!((status("203.0.113.77"), status("198.51.100.1")), (404, 404));
    assert_eq!((status("203.0.113.7"), status("198.51.100.2")), (403, 403));

    // An invalid list is refused, and the list before stays in force.
    for (line, complaint) in [
        ("example.org", "deny.txt, line 3: not an address or a CIDR: example.org"),
        ("10.0.0.0/8 1", "deny.txt, line 3: not an address or a CIDR: 10.0.0.0/8 1"),
        ("default", "deny.txt, line 3: not an address or a CIDR: default"),
        ("10.0.0.0/33", "deny.txt:3"),
        ("10.0.0.300", "deny.txt:3"),
    ] {
        stack.write_list("deny.txt", &["# one", "192.0.2.1", line]);
        let reload = stack.reload();
        assert!(!reload.status.success(), "{line} was taken");
        assert!(output_text(&reload).contains(complaint), "{line}: {}", output_text(&reload));
    }
    assert_eq!((status("203.0.113.77"), status("203.0.113.7")), (404, 403));

    // nginx does not start with an invalid list.
    stack.write_list("deny.txt", &["192.0.2.1", "anybody"]);
    let start = stack.try_compose(&["run", "--rm", "--no-deps", "-T", "nginx", "nginx", "-t"]);
    assert!(!start.status.success());
    assert!(
        output_text(&start).contains("deny.txt, line 2: not an address or a CIDR: anybody"),
        "{}",
        output_text(&start)
    );
}
