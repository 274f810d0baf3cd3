//! Open connections survive a reload of nginx.

use crate::stack::Stack;
use crate::support::wait::eventually;
use crate::tls::TlsConnection;

#[test]
fn idle_connection_survives_a_reload() {
    let stack = Stack::up("reload", &[("API_REPLICAS", "1")]);
    let mut connections: Vec<_> = (0..8).map(|_| TlsConnection::open(&stack)).collect();
    for connection in &mut connections {
        assert_eq!(connection.get("/messages/aa").unwrap().status, 404);
    }
    let old = stack.nginx_workers();
    stack.compose(&["exec", "-T", "nginx", "nginx", "-s", "reload"]);
    eventually("new workers run, and idle old ones are gone", || {
        let workers = stack.nginx_workers();
        workers.iter().filter(|worker| !old.contains(worker)).count() == 2
    });
    for mut connection in connections {
        assert_eq!(
            connection.get("/messages/aa").expect("an answer on a connection from before").status,
            404
        );
    }
    assert_eq!(TlsConnection::open(&stack).get("/messages/aa").unwrap().status, 404);
}
