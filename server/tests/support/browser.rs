//! A real browser: headless Chromium, controlled through chromedriver by the W3C protocol `WebDriver`.
//!
//! The browser can reach only this machine. The driver waits for elements, so this code does not poll.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::Lines;

/// The time that the driver waits for an element or a script. A browser is slow on a busy machine.
const DRIVER_TIMEOUT: Duration = Duration::from_mins(2);
/// The key of an element reference in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const CONTROL: char = '\u{e009}';
const NO_KEYS: char = '\u{e000}';

/// A browser with one window and a new profile; ended when dropped.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// The files of the browser and the driver.
    _files: TempDir,
}

impl Browser {
    pub fn start() -> Self {
        let files = TempDir::new().unwrap();
        let profile = files.path().join("profile");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", files.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error}; run the tests by ./build.sh test"));
        let lines = Lines::collect(driver.stdout.take().unwrap());
        let mut browser = Self { driver, port: 0, session: String::new(), _files: files };
        let line = lines.wait_for(&["started successfully on port"]);
        browser.port = line.trim_end_matches('.').rsplit(' ').next().unwrap().parse().unwrap();
        let answer = browser.command("POST", "/session", &json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "timeouts": { "implicit": millis(DRIVER_TIMEOUT), "script": millis(DRIVER_TIMEOUT), "pageLoad": millis(DRIVER_TIMEOUT) },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": { "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--window-size=1280,2400",
                format!("--user-data-dir={}", profile.display()),
            ] },
        } } }));
        browser.session = format!("/session/{}", answer["sessionId"].as_str().unwrap());
        browser
    }

    /// Loads a page, and waits until it is loaded.
    pub fn open(&self, url: &str) {
        self.ask("POST", "/url", &json!({ "url": url }));
    }

    /// Waits until the page has this element.
    pub fn find(&self, css: &str) -> Element<'_> {
        let found = self.ask("POST", "/element", &json!({ "using": "css selector", "value": css }));
        Element { browser: self, id: found[ELEMENT].as_str().unwrap().to_owned() }
    }

    /// Waits until an element that matches `css` contains this text, in whatever parts.
    pub fn find_text(&self, css: &str, text: &str) {
        let script = "
            const [css, text, patience, done] = arguments;
            const look = () => {
                const found = [...document.querySelectorAll(css)].find((it) => it.textContent.includes(text));
                if (found) { observer.disconnect(); clearTimeout(timer); done(null); }
            };
            const observer = new MutationObserver(look);
            const timer = setTimeout(() => {
                observer.disconnect();
                done([...document.querySelectorAll(css)].map((it) => it.textContent).join('\\n'));
            }, patience);
            observer.observe(document, { childList: true, subtree: true, characterData: true });
            look();";
        let patience = millis(DRIVER_TIMEOUT) / 2;
        let instead = self.run(script, &json!([css, text, patience]));
        assert!(instead.is_null(), "{css} has {instead} instead of {text:?}");
    }

    /// Runs a script that passes its result to its last argument, a callback.
    pub fn run(&self, script: &str, arguments: &Value) -> Value {
        self.ask("POST", "/execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// Returns the warnings and errors on the console since the last call.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.log("browser");
        let bad = entries.iter().filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        bad.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Returns the URLs that were requested since the last call, including unanswered requests.
    pub fn requests(&self) -> Vec<String> {
        let address = |entry: &Value| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let parameters = match event["message"]["method"].as_str()? {
                "Network.requestWillBeSent" => &event["message"]["params"]["request"],
                "Network.webSocketCreated" => &event["message"]["params"],
                _ => return None,
            };
            parameters["url"].as_str().map(str::to_owned)
        };
        let requests = self.log("performance").iter().filter_map(address).collect::<Vec<_>>();
        // Excludes the browser's own pages (`chrome:`) and embedded data (`data:`).
        requests.into_iter().filter(|url| url.starts_with("http") || url.starts_with("ws")).collect()
    }

    /// Saves a screenshot as `target/screenshots/NAME.png`.
    pub fn save_screenshot(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.ask("GET", "/screenshot", &Value::Null);
        let picture = STANDARD.decode(picture.as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        self.ask("POST", "/se/log", &json!({ "type": kind })).as_array().unwrap().clone()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.command(method, &format!("{}{path}", self.session), body)
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, value) = self.exchange(method, path, body).expect("chromedriver answers");
        assert_eq!(status, 200, "{method} {path} {body}: {value}");
        value
    }

    /// Sends one command on a new connection. Returns the status and the value of the response.
    fn exchange(&self, method: &str, path: &str, body: &Value) -> std::io::Result<(u16, Value)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(DRIVER_TIMEOUT * 2))?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (port, length) = (self.port, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut reader = BufReader::new(stream);
        let (mut status, mut length) = (String::new(), 0);
        reader.read_line(&mut status)?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().map_err(std::io::Error::other)?;
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
        let answer: Value = serde_json::from_slice(&body)?;
        Ok((status.unwrap_or_default(), answer["value"].clone()))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser. If that fails, killing the driver ends it.
        if !self.session.is_empty() {
            let _ = self.exchange("DELETE", &self.session, &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// An element of the page.
pub struct Element<'a> {
    browser: &'a Browser,
    id: String,
}

impl Element<'_> {
    pub fn click(&self) {
        self.ask("click", &json!({}));
    }

    /// Replaces the content of the field by this text.
    pub fn fill(&self, text: &str) {
        self.ask("value", &json!({ "text": format!("{CONTROL}a{NO_KEYS}{text}") }));
    }

    fn ask(&self, command: &str, body: &Value) -> Value {
        self.browser.ask("POST", &format!("/element/{}/{command}", self.id), body)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}
