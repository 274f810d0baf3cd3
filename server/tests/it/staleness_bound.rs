//! A deleted or blocked message is gone from all caches within `--delete-within`, also from nginx, and even without a
//! notification.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use message_to_hash::commands::serve;
use message_to_hash::message::Message;
use message_to_hash::metrics::StoreMetrics;
use message_to_hash::store::{self, Bounded, Cached, MemoryStore, MessageStore};
use message_to_hash_api::{ApiNoContext, DeleteMessageResponse};
use tempfile::{NamedTempFile, TempDir};
use tokio::time::{Duration, Instant, sleep};

use crate::support::issuer::TokenIssuer;
use crate::support::messages::digest;
use crate::support::ports::free_port;
use crate::support::redis::tls::Tls;
use crate::support::redis::{RedisServer, Sentinel, TestCluster};
use crate::support::wait::eventually;
use crate::support::{Server, TIMEOUT, TextResponse, ask, in_process};

/// Repeats `ask` until `is_gone` holds. Panics if a request that began after `last` still finds the message.
async fn assert_gone_by<T>(
    last: Instant,
    what: &str,
    ask: impl AsyncFn() -> T,
    is_gone: impl Fn(&T) -> bool,
) {
    loop {
        let asked = Instant::now();
        if is_gone(&ask().await) {
            return;
        }
        assert!(asked < last, "{what} still has the message {:?} after the bound", asked - last);
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn copies_expire_by_the_staleness_bound_from_the_read() {
    const BOUND: Duration = Duration::from_secs(1);
    let store = Arc::new(MemoryStore::new(1 << 20, None));
    let bounded = Arc::new(Bounded::new(store.clone(), BOUND));
    let cached = Cached::new(bounded, 1 << 20, Some(BOUND), StoreMetrics::default());
    for fills in ["a put", "a get"] {
        let foo = Message::from("foo".to_owned());
        let hash = foo.hash();
        let asked = Instant::now();
        if fills == "a put" {
            cached.put(hash, foo).await.unwrap();
        } else {
            store.put(hash, foo).await.unwrap();
        }
        let stored = cached.get(hash).await.unwrap().unwrap();
        assert!(stored.expires.unwrap() <= std::time::Instant::now() + BOUND);
        // Deletes it directly in the store, so that the cache is not notified.
        store.delete(hash).await.unwrap();
        let deleted = Instant::now();
        if asked.elapsed() < BOUND {
            let still = cached.get(hash).await.unwrap();
            assert!(
                still.is_some() || asked.elapsed() >= BOUND,
                "the message is cached for the staleness bound"
            );
        }
        let get = async || cached.get(hash).await.unwrap();
        assert_gone_by(deleted + BOUND, "the cache", get, Option::is_none).await;
    }
}

/// nginx in front of these servers, with the cache rules of `deploy/nginx`.
struct Nginx {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Nginx {
    fn start(servers: &[&Server]) -> Self {
        let template =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nginx/templates/edge.conf.template");
        let template = fs::read_to_string(template).unwrap();
        let template = template.replace("${CACHE_SIZE}", "16m").replace("${CACHE}", "messages");
        let folder = TempDir::new().unwrap();
        let here = folder.path().display();
        // Takes only the rules for the cache.
        let cache: Vec<_> =
            template.lines().map(str::trim).filter(|line| line.starts_with("proxy_cache")).collect();
        let (path, rules) =
            cache.into_iter().partition::<Vec<_>, _>(|line| line.starts_with("proxy_cache_path"));
        assert!(path.len() == 1 && rules.len() >= 4, "{path:?} {rules:?}");
        let path = path[0]
            .replace("/var/cache/messages", &format!("{here}/messages"))
            .replace("min_free=64m", "min_free=0");
        let servers: Vec<_> = servers.iter().map(|server| format!("server {};", server.api)).collect();
        let port = free_port();
        let configuration = format!(
            "daemon off; user root; worker_processes 1; pid {here}/pid; error_log stderr emerg;
             events {{ worker_connections 256; }}
             http {{
                 access_log off;
                 client_body_temp_path {here}/body; proxy_temp_path {here}/proxy; fastcgi_temp_path {here}/fastcgi;
                 uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;
                 upstream api {{ {} }}
                 {path}
                 map $request_method $range {{ GET $http_range; default \"\"; }}
                 map $request_uri $other_path {{ default \"\"; }}
                 add_header X-Cache $upstream_cache_status always;
                 server {{
                     listen 127.0.0.1:{port};
                     proxy_http_version 1.1;
                     proxy_set_header Connection \"\";
                     location / {{
                         proxy_pass http://api;
                         {}
                     }}
                 }}
             }}",
            servers.join(" "),
            rules.join("\n")
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        let child = Command::new("nginx")
            .args(["-p", &here.to_string(), "-e", "stderr", "-c"])
            .arg(&file)
            .stdout(Stdio::null())
            .spawn()
            .expect("nginx is installed: ./build.sh test brings it");
        eventually("nginx listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self { child, port, _folder: folder }
    }

    async fn get(&self, text: &str) -> TextResponse {
        ask(([127, 0, 0, 1], self.port).into(), &format!("GET /messages/{} HTTP/1.1", digest(text)), "").await
    }

    /// Reads this message until nginx has it in its cache.
    async fn fill(&self, text: &str) {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let answer = self.get(text).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            if answer.header("x-cache") == Some("HIT") {
                return;
            }
            assert!(Instant::now() < deadline, "nginx caches nothing: {answer:?}");
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM, because nginx must end its worker processes.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// Asserts that an instance learns of deletions by other instances long before the staleness bound.
async fn assert_deletions_are_published(url: &str, options: &[&str]) {
    let all = [options, &["--delete-within", "1h", "--cache-bytes", "1MiB"]].concat();
    let issuer = TokenIssuer::new();
    let (one, other) =
        (open_store_with_issuer(url, &issuer, &all).await, open_store_with_issuer(url, &issuer, &all).await);
    // The first deletions may come before the other instance has subscribed.
    let deadline = Instant::now() + TIMEOUT;
    for number in 0.. {
        let message = Message::from(format!("text {number}"));
        let hash = message.hash();
        for store in [&one, &other] {
            store.put(hash, message.clone()).await.unwrap();
        }
        one.delete(hash).await.unwrap();
        assert_eq!(one.get(hash).await.unwrap(), None);
        for _ in 0..100 {
            if other.get(hash).await.unwrap().is_none() {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        assert!(Instant::now() < deadline, "the other instance gets no notification");
    }
}

/// Opens the store as a server with this issuer would.
async fn open_store_with_issuer(url: &str, issuer: &TokenIssuer, options: &[&str]) -> Arc<dyn MessageStore> {
    let config = in_process::config(&issuer.options(&[&["--store", url], options].concat()));
    store::open(&config.store, serve::erasure(&config).staleness_bound, &StoreMetrics::default())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_are_published_by_every_topology() {
    let (redis, sentinel, cluster) = (RedisServer::start(""), Sentinel::start(""), TestCluster::start(""));
    assert_deletions_are_published(&format!("{}/3", redis.url()), &["--redis-key-prefix", "other:"]).await;
    assert_deletions_are_published(&sentinel.url(), &["--redis-min-replicas", "2"]).await;
    assert_deletions_are_published(&cluster.url(), &[]).await;
    let tls = Tls::start_cluster();
    assert_deletions_are_published(
        &Tls::url("rediss+cluster", tls.server.port),
        &["--redis-ca-file", &tls.ca()],
    )
    .await;
}

/// Deletions during a lost connection take effect by the staleness bound. After the reconnect they arrive at once.
#[tokio::test(flavor = "multi_thread")]
async fn invalidation_resumes_after_a_lost_connection() {
    let redis = RedisServer::start("");
    assert_deletions_are_published(&redis.url(), &[]).await;
    let issuer = TokenIssuer::new();
    let other = open_store_with_issuer(&redis.url(), &issuer, &["--delete-within", "1h"]).await;
    let listeners = || redis.cli(&["PUBSUB", "NUMSUB", "m:deleted"]);
    eventually("the store subscribes", || listeners() == "m:deleted\n1");
    redis.cli(&["CLIENT", "KILL", "TYPE", "pubsub"]);
    let message = Message::from("foo".to_owned());
    other.put(message.hash(), message.clone()).await.unwrap();
    eventually("the store subscribes again", || listeners() == "m:deleted\n1");
    redis.cli(&["UNLINK", &format!("m:{}", message.hash())]);
    assert!(other.get(message.hash()).await.unwrap().is_some(), "no notification was sent");
    redis.cli(&["PUBLISH", "m:deleted", "no hash"]);
    redis.cli(&["PUBLISH", "m:deleted", &message.hash().to_string()]);
    let deadline = Instant::now() + TIMEOUT;
    while other.get(message.hash()).await.unwrap().is_some() {
        assert!(Instant::now() < deadline, "the store gets no notification");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn get(server: &Server, text: &str) -> TextResponse {
    ask(server.api, &format!("GET /messages/{} HTTP/1.1", digest(text)), "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_reaches_other_instances_and_nginx_within_the_bound() {
    const BOUND: Duration = Duration::from_secs(4);
    // This user has no permission to publish deletions.
    let redis = RedisServer::start("user app on nopass ~m:* +get +set +unlink +role");
    let (store, issuer) = (format!("redis://app:any@127.0.0.1:{}", redis.port), TokenIssuer::new());
    let more = ["--store", &store, "--identity-anonymous", "all", "--delete-within", "4s"];
    let instance = || Server::start_with(&issuer.options(&more));
    let (one, other) = (instance(), instance());
    let nginx = Nginx::start(&[&one, &other]);
    other.stderr.wait_for(&["cannot subscribe to deletions"]);
    for round in 0..3 {
        let text = format!("text {round}");
        let body = format!(r#"{{"message":"{text}"}}"#);
        let through_nginx = ([127, 0, 0, 1], nginx.port).into();
        assert_eq!(ask(through_nginx, "POST /messages HTTP/1.1", body).await.status, 201);
        for server in [&one, &other] {
            assert_eq!(get(server, &text).await.status, 200);
        }
        nginx.fill(&text).await;
        let client = issuer.client(&one);
        let deleted = client.delete_message(digest(&text), None).await.unwrap();
        let deleted_at = Instant::now();
        assert!(matches!(deleted, DeleteMessageResponse::Deleted { .. }), "{deleted:?}");
        assert_eq!(
            get(&one, &text).await.status,
            404,
            "the instance that deleted the message no longer has it"
        );
        let last = deleted_at + BOUND;
        let is_gone = |answer: &TextResponse| answer.status == 404;
        tokio::join!(
            assert_gone_by(last, "the other instance", async || get(&other, &text).await, is_gone),
            assert_gone_by(last, "nginx", async || nginx.get(&text).await, is_gone),
        );
        assert_eq!(nginx.get(&text).await.status, 404);
    }
    one.stderr.wait_for(&["a deletion was not announced"]);
    // nginx keeps the bound even if no instance answers.
    let (text, body) = ("last", r#"{"message":"last"}"#);
    assert_eq!(ask(one.api, "POST /messages HTTP/1.1", body).await.status, 201);
    nginx.fill(text).await;
    drop((one, other));
    let last = Instant::now() + BOUND;
    assert_gone_by(last, "nginx", async || nginx.get(text).await, |answer| answer.status == 502).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_message_leaves_the_nginx_cache_within_the_bound() {
    const BOUND: Duration = Duration::from_secs(4);
    let (redis, blocked) = (RedisServer::start(""), NamedTempFile::new().unwrap());
    let store = redis.url();
    let file = blocked.path().to_str().unwrap();
    let options = ["--store", &store, "--blocked-hashes-file", file, "--delete-within", "4s"];
    let (one, other) = (Server::start_with(&options), Server::start_with(&options));
    let nginx = Nginx::start(&[&one, &other]);
    let body = r#"{"message":"bad"}"#;
    assert_eq!(ask(one.api, "POST /messages HTTP/1.1", body).await.status, 201);
    nginx.fill("bad").await;
    fs::write(blocked.path(), digest("bad")).unwrap();
    let is_blocked = |answer: &TextResponse| answer.status == 451;
    for server in [&one, &other] {
        // The server reads the list every second, and may be late on a busy machine.
        assert_gone_by(
            Instant::now() + TIMEOUT,
            "an instance",
            async || get(server, "bad").await,
            is_blocked,
        )
        .await;
    }
    let last = Instant::now() + BOUND;
    assert_gone_by(last, "nginx", async || nginx.get("bad").await, is_blocked).await;
}

#[tokio::test]
async fn cache_control_depends_on_deletion_and_blocking() {
    let (issuer, list) = (TokenIssuer::new(), NamedTempFile::new().unwrap());
    let blocks = ["--blocked-hashes-file", list.path().to_str().unwrap(), "--delete-within", "10s"];
    let deletes = issuer.options(&["--identity-anonymous", "all", "--cache-bytes", "0"]);
    let table = [
        (&["--delete-within", "10s"][..], "public, max-age=31536000, immutable"),
        (&blocks, "public, max-age=0, s-maxage=8, must-revalidate"),
        (&deletes, "public, max-age=0, s-maxage=58, must-revalidate"),
    ];
    for (options, expected) in table {
        let server = Server::start(options);
        let begun = Instant::now();
        assert_eq!(ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await.status, 201);
        let answer = get(&server, "foo").await;
        let cache_control = answer.header("cache-control").unwrap().to_owned();
        // A second or more may pass on a busy machine.
        assert!(cache_control == expected || begun.elapsed() > Duration::from_millis(900), "{cache_control}");
    }
}
