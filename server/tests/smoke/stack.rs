//! The stack of a test: the compose file and `deploy/`, copied into a folder, on free ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::ports::free_port;
use crate::support::wait::eventually;

/// Returns the root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs a command and returns its stdout. Panics if it fails.
pub fn run(command: &mut Command) -> String {
    let output = command.output().expect("the program is installed");
    assert!(output.status.success(), "{command:?}: {}", output_text(&output));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Returns the stdout and stderr of a program.
pub fn output_text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Returns a `docker` command with these arguments.
pub fn docker(arguments: &[&str]) -> Command {
    let mut docker = Command::new("docker");
    docker.args(arguments).stdin(Stdio::null());
    docker
}

/// A running stack; removed with its volumes when dropped.
pub struct Stack {
    folder: TempDir,
    project: String,
    settings: Vec<(String, String)>,
    pub https_port: u16,
    pub redirect_port: u16,
}

impl Stack {
    /// Starts the default stack with these settings, like those of an operator's `.env`.
    pub fn up(name: &str, settings: &[(&str, &str)]) -> Self {
        let stack = Self::prepare(name, settings);
        stack.compose(&["up", "-d", "--wait", "--no-build"]);
        stack
    }

    /// Like `up`, but does not start the containers.
    pub fn prepare(name: &str, settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        for part in ["docker-compose.yml", "deploy"] {
            run(Command::new("cp").arg("-r").arg(root().join(part)).arg(folder.path()));
        }
        let (https_port, redirect_port) = (free_port(), free_port());
        let mut all = vec![
            ("HTTPS_PORT".to_owned(), https_port.to_string()),
            ("HTTP_PORT".to_owned(), redirect_port.to_string()),
        ];
        all.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let project = format!("smoke-{}-{name}", std::process::id());
        Self { folder, project, settings: all, https_port, redirect_port }
    }

    /// Returns the folder of the stack.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the project name for Compose.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Changes a setting for later commands.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Returns a command that runs in the stack's folder with its settings.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder()).env("COMPOSE_PROJECT_NAME", &self.project).stdin(Stdio::null());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `docker compose` with these arguments and returns its stdout. Panics if it fails.
    pub fn compose(&self, arguments: &[&str]) -> String {
        run(self.command("docker").arg("compose").args(arguments))
    }

    /// Like `compose`, but does not panic if the command fails.
    pub fn try_compose(&self, arguments: &[&str]) -> Output {
        self.command("docker").arg("compose").args(arguments).output().expect("docker is installed")
    }

    /// Runs a script of `deploy/`. Panics if it fails.
    pub fn script(&self, name: &str, arguments: &[&str]) -> String {
        run(self.command(&format!("deploy/{name}")).args(arguments))
    }

    /// Returns the running containers of a service.
    pub fn containers(&self, service: &str) -> Vec<String> {
        self.compose(&["ps", "-q", service]).lines().map(str::to_owned).collect()
    }

    /// Returns the stdout of a service.
    pub fn stdout(&self, service: &str) -> String {
        let container = self.containers(service).remove(0);
        let output = docker(&["logs", &container]).output().expect("docker is installed");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Replaces the content of one of nginx's lists.
    pub fn write_list(&self, name: &str, lines: &[&str]) {
        fs::write(self.folder().join("deploy/nginx/lists").join(name), lines.join("\n") + "\n").unwrap();
    }

    /// Reloads nginx, and waits until the old workers have ended. nginx may still refuse a new HTTP/2 connection while
    /// they end.
    pub fn reload(&self) -> Output {
        let old = self.nginx_workers();
        let reload = self.try_compose(&["exec", "-T", "nginx", "nginx", "-s", "reload"]);
        if reload.status.success() {
            eventually("the old workers are gone", || {
                let workers = self.nginx_workers();
                !workers.is_empty() && workers.iter().all(|worker| !old.contains(worker))
            });
        }
        reload
    }

    /// Returns the process ids of nginx's workers, including those that are ending.
    pub fn nginx_workers(&self) -> Vec<String> {
        let processes = self.compose(&["top", "nginx"]);
        let workers = processes.lines().filter(|line| line.contains("nginx: worker process"));
        workers.filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect()
    }

    /// Returns a file with nginx's certificate.
    pub fn certificate(&self) -> PathBuf {
        let file = self.folder().join("certificate.pem");
        if !file.exists() {
            self.compose(&["cp", "nginx:/etc/nginx/certificate/certificate.pem", "."]);
        }
        file
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", output_text(&self.try_compose(&["--profile", "*", "ps", "-a"])));
            eprintln!("{}", output_text(&self.try_compose(&["--profile", "*", "logs", "--tail", "20"])));
        }
        // Kills the containers first, because a graceful stop takes longer and nothing is needed any more.
        self.try_compose(&["--profile", "*", "kill"]);
        self.try_compose(&["--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "1"]);
    }
}
