//! nginx as clients see it: TLS, HTTP/2, the redirect, problem bodies, and the ports and paths that they cannot reach.

use std::net::TcpStream;
use std::process::Command;

use message_to_hash_api::models::Message;
use message_to_hash_api::{AddMessageResponse, ApiNoContext};

use serde_json::Value;

use crate::client::{ask, curl, generated, post, problem};
use crate::stack::{Stack, docker, output_text, run};
use crate::support::context::ClientContext;
use crate::support::messages::FOO;
use crate::support::response::parse;
use crate::traffic::get;

#[tokio::test]
async fn only_tls_and_redirect_ports_are_reachable() {
    let stack = Stack::up("edge", &[]);
    curl_verifies_the_certificate(&stack);
    generated_client_verifies_the_certificate(&stack).await;
    old_tls_is_refused(&stack);
    http_redirects(&stack);
    errors_of_nginx_are_problems(&stack);
    hsts_is_sent_except_on_localhost(&stack);
    span_id_is_the_same_in_all_logs(&stack);
    admin_paths_and_internal_ports_are_unreachable(&stack);
    containers_run_with_least_privilege(&stack);
}

fn curl_verifies_the_certificate(stack: &Stack) {
    let answer = post(stack, "foo");
    assert_eq!((answer.status, answer.body), (201, format!(r#"{{"digest":"{FOO}"}}"#)));
    let found = ask(stack, &format!("/messages/{FOO}"), &["--write-out", "\nversion %{http_version}"]);
    assert_eq!((found.status, found.body.as_str()), (200, "{\"message\":\"foo\"}\nversion 2"));
    assert_eq!(found.unique_header("x-content-type-options"), Some("nosniff"));

    let url = format!("https://localhost:{}/messages/{FOO}", stack.https_port);
    let unverified = Command::new("curl").args(["-sS", &url]).output().unwrap();
    assert!(
        !unverified.status.success() && output_text(&unverified).contains("certificate"),
        "{unverified:?}"
    );
}

async fn generated_client_verifies_the_certificate(stack: &Stack) {
    let client = generated(stack);
    let message = Message::new("by rustls".to_owned());
    let answer = ApiNoContext::<ClientContext>::add_message(&client, message).await.unwrap();
    assert!(matches!(answer, AddMessageResponse::Created { .. }), "{answer:?}");
    get(&client, "by rustls").await.unwrap();
}

fn old_tls_is_refused(stack: &Stack) {
    let old = curl(stack, "/", &["--tls-max", "1.1"]).output().unwrap();
    assert!(!old.status.success() && output_text(&old).contains("protocol version"), "{old:?}");
    assert_eq!(ask(stack, &format!("/messages/{FOO}"), &["--tls-max", "1.2"]).status, 200);
}

fn http_redirects(stack: &Stack) {
    let url = format!("http://localhost:{}/messages/{FOO}?a=b", stack.redirect_port);
    let answer = parse(&run(Command::new("curl").args(["-si", &url])));
    let there = format!("https://localhost:{}/messages/{FOO}?a=b", stack.https_port);
    assert_eq!((answer.status, answer.unique_header("location")), (308, Some(there.as_str())));
}

fn errors_of_nginx_are_problems(stack: &Stack) {
    let sent_plain = format!("http://localhost:{}/", stack.https_port);
    problem(&parse(&run(Command::new("curl").args(["-si", &sent_plain]))), 400);
    problem(&ask(stack, "/", &["-X", "TRACE"]), 405);
    problem(&ask(stack, &format!("/{}", "a".repeat(70_000)), &["--http1.1"]), 414);
    problem(&ask(stack, "/", &["--http1.1", "-H", &format!("A: {}", "a".repeat(70_000))]), 431);
    problem(&ask(stack, "/messages", &["--http1.1", "-X", "POST", "-H", "Transfer-Encoding: gzip"]), 501);
    assert_eq!(problem(&ask(stack, "/problem/400", &[]), 404), "There is nothing at this path; see /docs");
    // nginx passes on the server's own problem bodies.
    assert_eq!(problem(&ask(stack, "/messages/aa", &[]), 404), "Message not found");
}

fn hsts_is_sent_except_on_localhost(stack: &Stack) {
    let elsewhere = ["-H", "Host: messages.example"];
    for (headers, seconds) in [(&[][..], None), (&elsewhere[..], Some("max-age=31536000"))] {
        let answer = ask(stack, "/messages/aa", headers);
        assert_eq!(answer.unique_header("strict-transport-security"), seconds);
    }
}

fn span_id_is_the_same_in_all_logs(stack: &Stack) {
    let answer = ask(stack, "/messages/aa", &["-H", "X-Span-ID: follow-me"]);
    assert_eq!(answer.unique_header("x-span-id"), Some("follow-me"));
    let made = ask(stack, "/messages/aa", &[]).unique_header("x-span-id").unwrap().to_owned();
    let gateway = run(&mut docker(&[
        "inspect",
        "-f",
        "{{range .NetworkSettings.Networks}}{{.Gateway}} {{end}}",
        &stack.containers("nginx")[0],
    ]));
    for id in ["follow-me", &made] {
        let line_of = |service: &str| {
            let logs = stack.compose(&["logs", "--no-log-prefix", service]);
            let records =
                logs.lines().filter_map(|line| serde_json::from_str::<Value>(&line[line.find('{')?..]).ok());
            let record = records.into_iter().find(|record| record["span"] == *id);
            record.unwrap_or_else(|| panic!("no {id} in the log of {service}"))
        };
        // The client is Docker's gateway. nginx passes its address on to the server.
        assert!(gateway.split_whitespace().any(|client| line_of("nginx")["client"] == client));
        assert!(gateway.split_whitespace().any(|client| line_of("api")["request"]["peer"] == client));
    }
}

fn admin_paths_and_internal_ports_are_unreachable(stack: &Stack) {
    for path in ["/live", "/serving", "/ready", "/metrics"] {
        problem(&ask(stack, path, &[]), 404);
    }
    for service in ["api", "redis"] {
        let ports = stack.compose(&["ps", "--format", "{{.Publishers}}", service]);
        assert!(!ports.contains("127.0.0.1") && !ports.contains("0.0.0.0"), "{service}: {ports}");
    }
    // The ports are published on the loopback address only.
    let published = stack.compose(&["ps", "--format", "{{.Ports}}", "nginx"]);
    assert!(published.contains(&format!("127.0.0.1:{}->8443", stack.https_port)), "{published}");
    assert!(!published.contains("0.0.0.0"), "{published}");
    assert!(TcpStream::connect(("127.0.0.1", stack.https_port)).is_ok());
    // nginx shares no network with Redis.
    let from_nginx = stack.try_compose(&["exec", "-T", "nginx", "getent", "hosts", "redis"]);
    assert!(!from_nginx.status.success(), "{from_nginx:?}");
    assert!(stack.try_compose(&["exec", "-T", "nginx", "getent", "hosts", "api"]).status.success());
}

fn containers_run_with_least_privilege(stack: &Stack) {
    for service in ["nginx", "api", "redis"] {
        for container in stack.containers(service) {
            let security =
                "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}";
            let settings = run(&mut docker(&["inspect", "-f", security, &container]));
            assert_eq!(settings, "true [ALL] [no-new-privileges:true]", "{service}");
            let limits = "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.LogConfig.Config}}";
            let settings = run(&mut docker(&["inspect", "-f", limits, &container]));
            assert!(
                !settings.starts_with("0 ") && !settings.contains(" 0 ") && settings.contains("max-size"),
                "{settings}"
            );
        }
    }
}
