//! An open load, as from many clients who do not wait for each other: a request is due at its time, however
//! long others take, and its latency counts from then. What `build.sh bench` measures latency with.
//!
//! Takes the address of a server, how many requests a second, for how many seconds, and a file of requests,
//! which come in turn; a line of it is `TAG METHOD PATH`, and a body of JSON if there is one. Prints `begun` when
//! the clock starts, and at the end one line for each request: when it was due and how long it then took, in
//! seconds; the status of its answer, 0 if none came; and its tag.
//!
//! One thread, which opens as many connections as it takes. Between requests it sleeps, and a timer of the kernel wakes
//! it to the microsecond. For a rate at which there is no time for either, a fifth argument says how many connections
//! there are, which a request may have to wait for; then it asks for answers until the next request is due.

use std::error::Error;
use std::io::{self, BufWriter, Read, Write};
use std::mem::take;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

/// How long the last ones are waited for.
const ANSWER_SECONDS: u64 = 15;
const READ_BYTES: usize = 16 * 1024;
const TIMER: u64 = u64::MAX;
const NO_STATUS: u16 = 0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [address, rate, seconds, file, most @ ..] = arguments.as_slice() else {
        return Err("usage: open_load ADDRESS RATE SECONDS FILE [CONNECTIONS]".into());
    };
    let most = most.first().map(|most| most.parse()).transpose()?;
    let requests = std::fs::read_to_string(file)?;
    let requests = requests.lines().map(Request::read).collect::<Option<Vec<_>>>();
    let requests = requests.filter(|all| !all.is_empty()).ok_or("a line is: TAG METHOD PATH [BODY]")?;
    let between = Duration::from_secs(1) / rate.parse()?;
    let answers = Load::new(address, &requests, most)?.run(between, Duration::from_secs(seconds.parse()?))?;
    let mut out = BufWriter::new(io::stdout().lock());
    for Answer { due, took, status, request } in answers {
        let tag = &requests[request].tag;
        writeln!(out, "{:.6},{:.6},{status},{tag}", due.as_secs_f64(), took.as_secs_f64())?;
    }
    Ok(out.flush()?)
}

struct Request {
    tag: String,
    bytes: Vec<u8>,
}

impl Request {
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.splitn(4, ' ');
        let (tag, method, path) = (parts.next()?, parts.next()?, parts.next()?);
        let body = parts.next().unwrap_or_default();
        let of_body = match body.len() {
            0 => String::new(),
            bytes => format!("Content-Type: application/json\r\nContent-Length: {bytes}\r\n"),
        };
        let bytes = format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n{of_body}\r\n{body}").into_bytes();
        Some(Self { tag: tag.to_owned(), bytes })
    }
}

struct Answer {
    due: Duration,
    took: Duration,
    status: u16,
    request: usize,
}

struct Connection {
    stream: TcpStream,
    /// The request that is under way, and when it was due.
    asked: Option<(usize, Duration)>,
    answer: Vec<u8>,
}

struct Load<'a> {
    address: &'a str,
    requests: &'a [Request],
    /// Connections; if it is said how many, it spins.
    most: Option<usize>,
    epoll: OwnedFd,
    timer: OwnedFd,
    started: Instant,
    /// As many as it takes; their numbers are those of their events.
    connections: Vec<Option<Connection>>,
    idle: Vec<usize>,
    answers: Vec<Answer>,
}

impl<'a> Load<'a> {
    fn new(address: &'a str, requests: &'a [Request], most: Option<usize>) -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK)?;
        epoll::add(&epoll, &timer, EventData::new_u64(TIMER), EventFlags::IN)?;
        let (connections, idle, answers, started) = (Vec::new(), Vec::new(), Vec::new(), Instant::now());
        Ok(Self { address, requests, most, epoll, timer, started, connections, idle, answers })
    }

    fn run(mut self, between: Duration, lasting: Duration) -> io::Result<Vec<Answer>> {
        println!("begun");
        self.started = Instant::now();
        let (mut number, mut due) = (0, Duration::ZERO);
        while due < lasting {
            if due <= self.started.elapsed() && self.can_send() {
                self.send(number % self.requests.len(), due);
                number += 1;
                due += between;
            }
            self.take_answers(due)?;
        }
        let end = lasting + Duration::from_secs(ANSWER_SECONDS);
        while self.connections.iter().flatten().any(|one| one.asked.is_some()) && self.started.elapsed() < end
        {
            self.take_answers(end)?;
        }
        for number in 0..self.connections.len() {
            self.close(number);
        }
        Ok(self.answers)
    }

    fn can_send(&self) -> bool {
        !self.idle.is_empty() || self.most.is_none_or(|most| self.connections.len() < most)
    }

    /// Sends on a connection that nothing is under way on, or on a new one.
    fn send(&mut self, request: usize, due: Duration) {
        let asked = Some((request, due));
        let Ok(number) = self.idle.pop().map_or_else(|| self.connect(), Ok) else {
            return self.end(asked, NO_STATUS);
        };
        let Some(connection) = &mut self.connections[number] else { return };
        connection.asked = asked;
        // A request fits what the kernel takes at once.
        if connection.stream.write_all(&self.requests[request].bytes).is_err() {
            self.close(number);
        }
    }

    fn connect(&mut self) -> io::Result<usize> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let number = self.connections.len();
        epoll::add(&self.epoll, &stream, EventData::new_u64(number as u64), EventFlags::IN)?;
        self.connections.push(Some(Connection { stream, asked: None, answer: Vec::new() }));
        Ok(number)
    }

    /// Waits for answers, but not beyond this time; or, if it spins, takes those that are there.
    fn take_answers(&mut self, until: Duration) -> io::Result<()> {
        let left = until.saturating_sub(self.started.elapsed());
        let now = Timespec::default();
        let waits = !left.is_zero() && self.most.is_none();
        if waits {
            let it_value = Timespec::try_from(left).map_err(io::Error::other)?;
            let it_interval = Timespec::default();
            timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &Itimerspec { it_interval, it_value })?;
        }
        let mut events = Vec::with_capacity(64);
        epoll::wait(&self.epoll, spare_capacity(&mut events), (!waits).then_some(&now))?;
        for event in events {
            let number = event.data.u64();
            if number != TIMER {
                self.read(usize::try_from(number).map_err(io::Error::other)?);
            }
        }
        Ok(())
    }

    fn read(&mut self, number: usize) {
        let Some(connection) = &mut self.connections[number] else { return };
        let mut part = [0; READ_BYTES];
        match connection.stream.read(&mut part) {
            Ok(0) => self.close(number),
            Ok(count) => {
                connection.answer.extend_from_slice(&part[..count]);
                if let Some(status) = status_if_whole(&connection.answer) {
                    connection.answer.clear();
                    let asked = take(&mut connection.asked);
                    self.idle.push(number);
                    self.end(asked, status);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => self.close(number),
        }
    }

    fn close(&mut self, number: usize) {
        self.idle.retain(|one| *one != number);
        if let Some(connection) = self.connections[number].take() {
            self.end(connection.asked, NO_STATUS);
        }
    }

    fn end(&mut self, asked: Option<(usize, Duration)>, status: u16) {
        if let Some((request, due)) = asked {
            let took = self.started.elapsed().saturating_sub(due);
            self.answers.push(Answer { due, took, status, request });
        }
    }
}

/// The status of an answer that has all of its body; each has a Content-Length.
fn status_if_whole(answer: &[u8]) -> Option<u16> {
    let head = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&answer[..head]).ok()?;
    let fields = text.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let body: usize = lengths.next()?.1.parse().ok()?;
    (answer.len() >= head + 4 + body).then(|| text.get(9..12)?.parse().ok())?
}
