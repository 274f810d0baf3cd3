//! The permissions of the API's Redis user, and which container can read which password.

use crate::client::post;
use crate::stack::{Stack, docker, output_text, run};

/// Runs a Redis command as the API's user, in the container of Redis.
fn as_api(stack: &Stack, command: &str) -> String {
    let script = format!(
        "PATH=${{PATH#/etc/redis/bin:}} REDISCLI_AUTH=$(cat /passwords/api/password) redis-cli --user api {command}"
    );
    output_text(&stack.try_compose(&["exec", "-T", "redis", "sh", "-c", &script]))
}

#[test]
fn api_user_cannot_administer_redis() {
    let stack = Stack::up("users", &[("API_REPLICAS", "1")]);
    assert_eq!(post(&stack, "foo").status, 201);
    for command in
        ["FLUSHALL", "CONFIG SET save x", "REPLICAOF redis-2 6379", "SHUTDOWN", "KEYS \"*\"", "SET x y"]
    {
        let refused = as_api(&stack, command);
        assert!(refused.contains("NOPERM"), "{command}: {refused}");
    }
    assert_eq!(as_api(&stack, "DBSIZE").trim(), "1");
    // Without a password no command is allowed. `redis-cli` in the container logs in as the administrator.
    let nobody = "PATH=${PATH#/etc/redis/bin:} redis-cli DBSIZE";
    let refused = output_text(&stack.try_compose(&["exec", "-T", "redis", "sh", "-c", nobody]));
    assert!(refused.contains("NOAUTH"), "{refused}");
    assert_eq!(stack.compose(&["exec", "-T", "redis", "redis-cli", "DBSIZE"]), "1");

    // No environment variable contains a password, and the API cannot read the administrator's.
    let password = stack.compose(&["exec", "-T", "redis", "cat", "/passwords/api/password"]);
    let admin = stack.compose(&["exec", "-T", "redis", "cat", "/passwords/admin/password"]);
    assert!(password.len() == 64 && admin.len() == 64 && password != admin);
    for service in ["nginx", "api", "redis", "prepare"] {
        let container = stack.compose(&["ps", "-aq", service]);
        let all = run(&mut docker(&["inspect", &container]));
        assert!(!all.contains(&password) && !all.contains(&admin), "{service}");
        if ["nginx", "api"].contains(&service) {
            assert!(!all.contains("redis-admin-password"), "{service}");
        }
    }

    // The passwords survive a restart of the stack.
    stack.compose(&["down"]);
    stack.compose(&["up", "-d", "--wait", "--no-build"]);
    assert_eq!(post(&stack, "foo").status, 200);
    assert_eq!(stack.compose(&["exec", "-T", "redis", "cat", "/passwords/api/password"]), password);
}
