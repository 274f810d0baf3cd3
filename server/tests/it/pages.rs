//! The README, the tutorial and the how-to guides do what they promise: their commands are run, in a folder of their
//! own and on free ports. `smoke` runs those that need Compose.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::TIMEOUT;
use crate::support::pages::{self, Step, repository};
use crate::support::ports::free_port;

/// The ports that pages name.
const PORTS: [u16; 5] = [8080, 8082, 9090, 9092, 6379];

/// A reader who follows a page.
struct Reader {
    outer: TempDir,
    ports: Vec<(u16, u16)>,
    programs: Vec<Child>,
}

impl Reader {
    fn new() -> Self {
        let reader = Self {
            outer: TempDir::new().unwrap(),
            ports: PORTS.iter().map(|port| (*port, free_port())).collect(),
            programs: Vec::new(),
        };
        fs::create_dir(reader.folder()).unwrap();
        std::os::unix::fs::symlink(repository().join("docs"), reader.folder().join("docs")).unwrap();
        reader
    }

    /// Stands in for the repository, so that nothing is written there.
    fn folder(&self) -> PathBuf {
        self.outer.path().join("messageToHash")
    }

    fn port(&self, named: u16) -> u16 {
        self.ports.iter().find(|(port, _)| *port == named).expect("a port of PORTS").1
    }

    /// The text of a page, on the ports of this reader and with the program under test.
    fn adapt(&self, text: &str) -> String {
        let mut text = text.replace("cargo run --release", "message-to-hash");
        text = text.replace("../messageToHash/", &format!("{}/", repository().display()));
        for (named, free) in &self.ports {
            for before in ["localhost:", "127.0.0.1:", "--port "] {
                text = text.replace(&format!("{before}{named}"), &format!("{before}{free}"));
            }
        }
        text
    }

    fn bash(&self, script: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_message-to-hash")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let target = program.parent().unwrap();
        let mut bash = Command::new("bash");
        bash.args(["-ec", script]).current_dir(self.folder()).env("PATH", path);
        bash.env("MESSAGE_TO_HASH_LISTEN", format!("127.0.0.1:{}", self.port(8080)));
        bash.env("MESSAGE_TO_HASH_ADMIN_LISTEN", format!("127.0.0.1:{}", self.port(9090)));
        bash.env("MESSAGE_TO_HASH_SERVER", format!("http://127.0.0.1:{}", self.port(8080)));
        bash.env("MESSAGE_TO_HASH_STORE_MIN_FREE", "0");
        // What cargo has built for the tests it need not build again.
        bash.env("CARGO_TARGET_DIR", target).env("CARGO_NET_OFFLINE", "true");
        bash
    }

    /// Runs a command, which has to succeed. Returns its output.
    fn run(&self, command: &str) -> String {
        let script = format!("curl() {{ command curl -sS \"$@\"; }}\n{}", self.adapt(command));
        let output = self.bash(&script).output().unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn start(&mut self, port: u16, command: &str) {
        let log = self.outer.path().join("log");
        let file = File::create(&log).unwrap();
        let mut bash = self.bash(&format!("exec {}", self.adapt(command)));
        self.programs.push(bash.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap());
        let (deadline, port) = (Instant::now() + TIMEOUT, self.port(port));
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "{command}: {}", fs::read_to_string(&log).unwrap());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn interrupt(&mut self) {
        let mut program = self.programs.pop().expect("a program runs");
        assert!(Command::new("kill").args(["-INT", &program.id().to_string()]).status().unwrap().success());
        let deadline = Instant::now() + TIMEOUT;
        let status = loop {
            if let Some(status) = program.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "the program does not end");
            thread::sleep(Duration::from_millis(20));
        };
        assert!(status.success(), "{status}");
    }

    fn write(&self, name: &str, content: &str) {
        let file = self.folder().join(name);
        if file.ends_with("Cargo.toml") {
            // The versions that this repository uses, which cargo has.
            fs::copy(repository().join("Cargo.lock"), file.with_file_name("Cargo.lock")).unwrap();
        }
        fs::write(file, self.adapt(content)).unwrap();
    }

    fn follow(&mut self, page: &str) {
        for step in pages::steps(page, false) {
            match step {
                Step::Run(commands) => drop(self.run(&commands)),
                Step::Transcript(exchanges) => {
                    for (command, output) in exchanges {
                        assert_eq!(self.run(&command), output, "{page}: {command}");
                    }
                }
                Step::Background(port, command) => self.start(port, &command),
                Step::Interrupt => self.interrupt(),
                Step::File(name, content) => self.write(&name, &content),
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        for program in &mut self.programs {
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

#[test]
fn readme_commands_work() {
    Reader::new().follow("README.md");
}

#[test]
fn tutorial_commands_work() {
    Reader::new().follow("docs/tutorial.md");
}

#[test]
fn how_to_commands_work() {
    let guides: Vec<_> = pages::all().into_iter().filter(|page| page.contains("how-to")).collect();
    assert!(guides.len() > 10, "{guides:?}");
    for guide in guides {
        Reader::new().follow(&guide);
    }
}
