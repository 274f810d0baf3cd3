//! Starts the real binary on free ports and hands back the generated client.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use message_to_hash_api::{Client, ContextWrapperExt};
use swagger::ContextWrapper;
use tempfile::TempDir;

use crate::client_context::ClientContext;
use crate::patient::Patient;

/// How long a test waits for what has to happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// SHA-256 of `foo`.
pub const FOO: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
/// SHA-256 of the empty message.
pub const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Further options of every server, one a line, and a token for every request: so that `identity` can run
/// other modules' tests over a server that wants one.
pub const OPTIONS_VARIABLE: &str = "IT_OPTIONS";
pub const TOKEN_VARIABLE: &str = "IT_TOKEN";

/// The token of every request, where there is one.
pub fn token() -> Option<String> {
    std::env::var(TOKEN_VARIABLE).ok()
}

/// The line of a request's head that has the token, or nothing.
pub fn authorization() -> String {
    token().map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default()
}

type HttpClient = Client<Patient, ClientContext>;
/// The generated client, bound to a context.
pub type ApiClient = ContextWrapper<HttpClient, ClientContext>;

/// The generated client for a server at this base URL.
pub fn client_of(base: &str) -> ApiClient {
    client_as(base, token().as_deref())
}

/// The same, with this token.
pub fn client_with(base: &str, token: &str) -> ApiClient {
    client_as(base, Some(token))
}

fn client_as(base: &str, token: Option<&str>) -> ApiClient {
    let client = HttpClient::try_new_with_client_service(Patient::new(), base).expect("a base URL");
    client.with_context(ClientContext::new("it", token))
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub api: SocketAddr,
    pub admin: SocketAddr,
    pub stdout: Lines,
    pub stderr: Lines,
    folder: Option<TempDir>,
}

impl Server {
    /// Serves a new embedded store, with further options.
    pub fn start(options: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut server = Self::start_on(&folder.path().join("data"), options);
        server.folder = Some(folder);
        server
    }

    /// Serves the embedded store in `folder`.
    pub fn start_on(folder: &Path, options: &[&str]) -> Self {
        let store = format!("file:{}", folder.display());
        Self::start_with(&[&["--store", &store], options].concat())
    }

    /// Serves with these options, on free ports.
    pub fn start_with(options: &[&str]) -> Self {
        Self::spawn(&mut command(options)).expect("the server starts")
    }

    /// Serves from memory, with this file as its stdout.
    pub fn start_with_stdout(file: &str) -> Self {
        let stdout = std::fs::File::options().write(true).open(file).expect("a file to write to");
        let mut serve = command(&["--store", "memory:"]);
        let child = serve.stdout(stdout).stderr(Stdio::piped()).spawn().expect("the binary runs");
        Self::of(child).expect("the server starts")
    }

    /// Runs a command made by [`command`] until it serves; `Err` is its exit status and its stderr.
    pub fn spawn(command: &mut Command) -> Result<Self, (ExitStatus, String)> {
        Self::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs"))
    }

    fn of(mut child: Child) -> Result<Self, (ExitStatus, String)> {
        let stdout = child.stdout.take().map_or_else(|| Lines::of(std::io::empty()), Lines::of);
        let stderr = Lines::of(child.stderr.take().expect("stderr is piped"));
        let Some(line) = stderr.wait_for_any(&["serving on"]) else {
            // It has closed its stderr, or says nothing: either way it is not to run on.
            let _ = child.kill();
            let status = child.wait().expect("the server ends");
            return Err((status, stderr.all().join("\n")));
        };
        let address = |after: &str| {
            let rest = line.split_once(after).expect("the line names both addresses").1;
            let end = rest.find([',', '"', ' ']).unwrap_or(rest.len());
            rest[..end].parse().expect("an address")
        };
        let (api, admin) = (address("serving on http://"), address("admin on http://"));
        Ok(Self { child, api, admin, stdout, stderr, folder: None })
    }

    /// The base URL of the API.
    pub fn url(&self) -> String {
        format!("http://{}", self.api)
    }

    /// The generated client for this server.
    pub fn client(&self) -> ApiClient {
        client_of(&self.url())
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process without any warning (SIGKILL).
    pub fn kill(&mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("a killed server ends");
    }

    /// Asks the process to end (SIGTERM).
    pub fn terminate(&self) {
        let kill = Command::new("kill").arg(self.pid().to_string()).status().expect("kill runs");
        assert!(kill.success(), "a child that was not waited for is there");
    }

    /// Whether the process has not ended.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the server can be waited for").is_none()
    }

    /// Waits for the process to end.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server does not end: {:?}", self.stderr.all());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A figure of `/proc/PID/status` in KiB, as `VmHWM`, the most memory that was ever resident.
    pub fn memory_kib(&self, figure: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("a live process");
        let line = status.lines().find(|line| line.starts_with(figure)).expect("the figure is there");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number of KiB")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary under test, told to serve on free ports.
pub fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-to-hash"));
    // By the environment, so that an option can say otherwise.
    command.env_clear().env("MESSAGE_TO_HASH_STORE_MIN_FREE", "0").arg("serve");
    command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    command.args(options);
    if let Ok(more) = std::env::var(OPTIONS_VARIABLE) {
        command.args(more.lines());
    }
    command
}

/// The lines that a process writes to one stream, as they come.
#[derive(Clone)]
pub struct Lines(Arc<(Mutex<Written>, Condvar)>);

#[derive(Default)]
struct Written {
    lines: Vec<String>,
    ended: bool,
}

impl Lines {
    /// What this stream says.
    pub fn of(stream: impl Read + Send + 'static) -> Self {
        let lines = Self(Arc::default());
        let writer = lines.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                writer.0.0.lock().expect("no reader panics").lines.push(line);
                writer.0.1.notify_all();
            }
            writer.0.0.lock().expect("no reader panics").ended = true;
            writer.0.1.notify_all();
        });
        lines
    }

    /// What was written so far.
    pub fn all(&self) -> Vec<String> {
        self.0.0.lock().expect("no reader panics").lines.clone()
    }

    /// The first line with all of these texts; waits for it, and fails the test if it never comes.
    pub fn wait_for(&self, texts: &[&str]) -> String {
        self.wait_for_any(texts).unwrap_or_else(|| panic!("no line with {texts:?}: {:#?}", self.all()))
    }

    /// As `wait_for`; `None` where the process has ended without it.
    pub fn wait_for_any(&self, texts: &[&str]) -> Option<String> {
        let has_all = |line: &&String| texts.iter().all(|text| line.contains(text));
        let guard = self.0.0.lock().expect("no reader panics");
        let pending =
            |written: &mut Written| !written.ended && !written.lines.iter().any(|line| has_all(&line));
        let (written, _) = self.0.1.wait_timeout_while(guard, PATIENCE, pending).expect("no reader panics");
        written.lines.iter().find(has_all).cloned()
    }
}

/// An HTTP exchange byte by byte: sends `request` on a new connection and reads until the server closes it.
pub async fn raw(address: SocketAddr, request: impl AsRef<[u8]>) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("the server accepts");
    stream.write_all(request.as_ref()).await.expect("the server reads");
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("an answer")
        .expect("a whole answer");
    String::from_utf8(answer).expect("UTF-8")
}

/// A response, read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The head, as it came.
    head: String,
    pub body: String,
}

impl Answer {
    /// The value of this header, if it came.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// All values of this header.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.filter(move |(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Asserts that this is the one problem body, and returns its detail.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let body = self.json();
        assert_eq!(body["type"], "about:blank");
        assert_eq!(body["status"], status);
        assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert_eq!(body["detail"], body["err_msg"]);
        body["detail"].as_str().expect("a detail").to_owned()
    }
}

/// One request on a connection of its own. `head` is all of the request but `Host`, `Connection` and the body.
pub async fn ask(address: SocketAddr, head: &str, body: impl AsRef<[u8]>) -> Answer {
    let mut request = format!("{}\r\nHost: it\r\nConnection: close\r\n", head.trim_end()).into_bytes();
    request.extend(authorization().into_bytes());
    let body = body.as_ref();
    if !body.is_empty() {
        request.extend(format!("Content-Length: {}\r\n", body.len()).into_bytes());
    }
    request.extend(b"\r\n");
    request.extend(body);
    parse(&raw(address, request).await)
}

/// Reads a response that ends with its connection.
pub fn parse(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {answer:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}
