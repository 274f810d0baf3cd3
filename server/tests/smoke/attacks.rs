//! Clients that open many connections or requests and never finish them.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::process::Output;

use crate::client::{ask, ask_from, post, problem};
use crate::stack::{Stack, docker, run};
use crate::support::messages::FOO;
use crate::support::wait::eventually;
use crate::tls::{TlsConnection, begin_handshake};

/// Returns an nginx image with the stream module, which Debian packages separately.
fn image_with_stream_module() -> String {
    const IMAGE: &str = "nginx:1.30";
    let version = docker(&["run", "--rm", "--entrypoint", "nginx", IMAGE, "-V"]).output().expect("docker");
    if String::from_utf8_lossy(&version.stderr).contains("--with-stream ") {
        return IMAGE.to_owned();
    }
    let script = format!(
        "FROM {IMAGE}\nRUN mkdir -p /etc/nginx/modules-enabled && apt-get update -qq && apt-get install -y -qq \
         --no-install-recommends libnginx-mod-stream"
    );
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("Dockerfile"), script).unwrap();
    let tag = "message-to-hash-smoke-nginx";
    run(docker(&["build", "--network", "host", "--quiet", "--tag", tag]).arg(folder.path()));
    tag.to_owned()
}

#[test]
fn connections_of_one_client_are_limited_before_tls() {
    const LIMIT: usize = 100;
    let image = image_with_stream_module();
    let limit = LIMIT.to_string();
    let settings = [("API_REPLICAS", "1"), ("NGINX_IMAGE", &image), ("CLIENT_CONNECTIONS", &limit)];
    let stack = Stack::up("attacks", &settings);
    let container = stack.containers("nginx").remove(0);
    let network = format!("{}_public", stack.project());
    let format = format!("{{{{(index .NetworkSettings.Networks {network:?}).IPAddress}}}}");
    let nginx = run(&mut docker(&["inspect", "-f", &format, &container])).parse().expect("an address");

    let mut sockets: Vec<_> = (0..5 * LIMIT).filter_map(|_| begin_handshake(&stack, nginx).ok()).collect();
    eventually("nginx closes those beyond the limit", || {
        sockets.retain_mut(is_open);
        sockets.len() <= LIMIT
    });
    assert_eq!(sockets.len(), LIMIT, "all connections within the limit stay open");
    // The attacking client is refused, and other clients are served.
    let url = format!("https://{nginx}:8443/messages/aa");
    let client = ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", &url];
    let other =
        docker(&[&["run", "--rm", "--network", &network, "nginx:1.30"], &client[..]].concat()).output();
    let same = std::process::Command::new("curl").args(&client[1..]).output();
    let status =
        |output: std::io::Result<Output>| String::from_utf8_lossy(&output.unwrap().stdout).into_owned();
    assert_eq!((status(same).as_str(), status(other).as_str()), ("000", "404"));
    // The limit still counts the old connections after a reload.
    assert!(stack.reload().status.success());
    drop(sockets);
    eventually("the client may connect again", || {
        status(std::process::Command::new("curl").args(&client[1..]).output()) == "404"
    });

    // A balancer is exempt from the limit, because it forwards many clients.
    stack.write_list("balancers.txt", &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]);
    assert!(stack.reload().status.success());
    let mut sockets: Vec<_> = (0..2 * LIMIT).filter_map(|_| begin_handshake(&stack, nginx).ok()).collect();
    assert_eq!(ask(&stack, "/messages/aa", &[]).status, 404);
    sockets.retain_mut(is_open);
    assert_eq!(sockets.len(), 2 * LIMIT);
}

/// Reads all available bytes, and returns whether the connection is still open.
fn is_open(socket: &mut TcpStream) -> bool {
    let mut bytes = [0; 4096];
    loop {
        match socket.read(&mut bytes) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

#[test]
fn unfinished_bodies_have_their_own_limit() {
    let settings = [("API_REPLICAS", "1"), ("BODIES_SIZE", "16m"), ("RATE_BURST", "1000")];
    let stack = Stack::prepare("bodies", &settings);
    stack.write_list("balancers.txt", &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]);
    stack.compose(&["up", "-d", "--wait", "--no-build"]);
    let begin = |client: &str, bytes: usize| {
        let mut connection = TlsConnection::open(&stack);
        let head = format!(
            "POST /messages HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n\
             Content-Type: application/json\r\nContent-Length: 7000000\r\n\r\n"
        );
        connection.send(head.as_bytes()).unwrap();
        // nginx stops reading when it refuses the request.
        let _ = connection.send(&vec![b' '; bytes]);
        connection
    };
    let large = [
        "-H",
        "X-Forwarded-For: 203.0.113.9",
        "--json",
        &format!(r#"{{"message":"{}"}}"#, "a".repeat(50_000)),
    ];
    let path = format!("/messages/{FOO}");
    assert_eq!(post(&stack, "foo").status, 201);
    assert_eq!(ask(&stack, &path, &[]).status, 200);
    assert_eq!(ask(&stack, "/messages", &large).status, 201);

    let attack: Vec<_> = (0..3).map(|_| begin("203.0.113.1", 6_500_000)).collect();
    let mut refused = None;
    eventually("the space for bodies is full", || {
        let answer = ask(&stack, "/messages", &large);
        let is_refused = answer.status == 503;
        refused = Some(answer);
        is_refused
    });
    assert_eq!(problem(&refused.unwrap(), 503), "nginx has no room for this request; repeat it later");
    // Small requests are still served, and cached messages, too.
    assert_eq!(post(&stack, "small").status, 201);
    assert_eq!(ask(&stack, &path, &[]).unique_header("x-cache"), Some("HIT"));
    drop(attack);
    eventually("the space is free again", || ask(&stack, "/messages", &large).status == 200);

    // A client can have 16 unfinished bodies.
    let attack: Vec<_> = (0..16).map(|_| begin("203.0.113.2", 0)).collect();
    let from_attacker = [&large[2..], &["-H", "X-Forwarded-For: 203.0.113.2"]].concat();
    eventually("the next body is refused", || ask(&stack, "/messages", &from_attacker).status == 429);
    assert_eq!(ask_from(&stack, "203.0.113.2", "/messages/aa").status, 404);
    assert_eq!(ask(&stack, "/messages", &large).status, 200);
    drop(attack);
}
