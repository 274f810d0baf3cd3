//! Redis is stopped: every instance stays healthy and in service, and returns cached messages.

use crate::client::{ask, post, problem};
use crate::stack::{Stack, docker, run};
use crate::support::messages::FOO;
use crate::support::wait::eventually;

#[test]
fn instances_serve_cached_messages_while_redis_is_stopped() {
    // nginx's cache is off, so that an instance answers.
    let stack = Stack::up("away", &[("API_REPLICAS", "1"), ("CACHE", "off")]);
    assert_eq!(post(&stack, "foo").status, 201);
    stack.compose(&["stop", "redis"]);
    eventually("the instance is not ready", || {
        let ready = stack.try_compose(&["exec", "-T", "api", "message-to-hash", "healthcheck"]);
        ready.status.code() == Some(1)
    });
    stack.compose(&["exec", "-T", "api", "message-to-hash", "healthcheck", "--serving"]);
    let instance = &stack.containers("api")[0];
    let checks = || run(&mut docker(&["inspect", "-f", "{{json .State.Health.Log}}", instance]));
    let before = checks();
    eventually("Docker has checked the instance again", || checks() != before);
    let health = run(&mut docker(&[
        "inspect",
        "-f",
        "{{.State.Health.Status}} {{.State.Health.FailingStreak}}",
        instance,
    ]));
    assert_eq!(health, "healthy 0");
    assert_eq!(ask(&stack, &format!("/messages/{FOO}"), &[]).status, 200);
    problem(&post(&stack, "bar"), 503);
    stack.compose(&["start", "redis"]);
    eventually("messages are stored again", || post(&stack, "bar").status == 201);
}
