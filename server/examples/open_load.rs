//! An open load, as from many independent clients: requests are due at fixed times, whether earlier ones have finished
//! or not, and latency counts from that time. `build.sh bench` measures latency with it.
//!
//! The arguments are the address of a server, requests per second, seconds, and a file of requests, which are sent in
//! turn. Each line of the file is `TAG METHOD PATH`, with a JSON body if the request has one. The program prints
//! `begun` when the clock starts, and at the end a line for each request: when it was due and its latency, both in
//! seconds; the status, 0 without a response; and the tag.
//!
//! A single thread opens as many connections as the rate needs. It sleeps between requests, and a timer of the kernel
//! wakes it to the microsecond. For rates that leave no time to sleep, a fifth argument limits the connections. A
//! request then waits for a free connection, and the thread polls for responses until the next request is due.

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

/// How long the program waits for the last responses.
const LAST_RESPONSE_SECONDS: u64 = 15;
const READ_BYTES: usize = 16 * 1024;
const TIMER: u64 = u64::MAX;
const NO_STATUS: u16 = 0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [address, rate, seconds, file, max_connections @ ..] = arguments.as_slice() else {
        return Err("usage: open_load ADDRESS RATE SECONDS FILE [CONNECTIONS]".into());
    };
    let max_connections =
        max_connections.first().map(|max_connections| max_connections.parse()).transpose()?;
    let requests = std::fs::read_to_string(file)?;
    let requests = requests.lines().map(LoadRequest::parse).collect::<Option<Vec<_>>>();
    let requests = requests.filter(|all| !all.is_empty()).ok_or("a line is: TAG METHOD PATH [BODY]")?;
    let interval = Duration::from_secs(1) / rate.parse()?;
    let responses = OpenLoad::new(address, &requests, max_connections)?
        .run(interval, Duration::from_secs(seconds.parse()?))?;
    let mut out = BufWriter::new(io::stdout().lock());
    for LoadResponse { due, latency, status, request } in responses {
        let tag = &requests[request].tag;
        writeln!(out, "{:.6},{:.6},{status},{tag}", due.as_secs_f64(), latency.as_secs_f64())?;
    }
    Ok(out.flush()?)
}

struct LoadRequest {
    tag: String,
    bytes: Vec<u8>,
}

impl LoadRequest {
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.splitn(4, ' ');
        let (tag, method, path) = (parts.next()?, parts.next()?, parts.next()?);
        let body = parts.next().unwrap_or_default();
        let body_headers = match body.len() {
            0 => String::new(),
            bytes => format!("Content-Type: application/json\r\nContent-Length: {bytes}\r\n"),
        };
        let bytes =
            format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n{body_headers}\r\n{body}").into_bytes();
        Some(Self { tag: tag.to_owned(), bytes })
    }
}

struct LoadResponse {
    due: Duration,
    latency: Duration,
    status: u16,
    request: usize,
}

struct LoadConnection {
    stream: TcpStream,
    /// The request in flight, and when it was due.
    in_flight: Option<(usize, Duration)>,
    response: Vec<u8>,
}

struct OpenLoad<'a> {
    address: &'a str,
    requests: &'a [LoadRequest],
    /// The most connections. With a limit the thread polls and does not sleep.
    max_connections: Option<usize>,
    epoll: OwnedFd,
    timer: OwnedFd,
    started: Instant,
    /// All connections; the index is the number in their epoll events.
    connections: Vec<Option<LoadConnection>>,
    idle: Vec<usize>,
    responses: Vec<LoadResponse>,
}

impl<'a> OpenLoad<'a> {
    fn new(
        address: &'a str,
        requests: &'a [LoadRequest],
        max_connections: Option<usize>,
    ) -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK)?;
        epoll::add(&epoll, &timer, EventData::new_u64(TIMER), EventFlags::IN)?;
        let (connections, idle, responses, started) = (Vec::new(), Vec::new(), Vec::new(), Instant::now());
        Ok(Self { address, requests, max_connections, epoll, timer, started, connections, idle, responses })
    }

    fn run(mut self, interval: Duration, duration: Duration) -> io::Result<Vec<LoadResponse>> {
        println!("begun");
        self.started = Instant::now();
        let (mut number, mut due) = (0, Duration::ZERO);
        while due < duration {
            if due <= self.started.elapsed() && self.can_send() {
                self.send(number % self.requests.len(), due);
                number += 1;
                due += interval;
            }
            self.take_responses(due)?;
        }
        let end = duration + Duration::from_secs(LAST_RESPONSE_SECONDS);
        while self.connections.iter().flatten().any(|one| one.in_flight.is_some())
            && self.started.elapsed() < end
        {
            self.take_responses(end)?;
        }
        for number in 0..self.connections.len() {
            self.close(number);
        }
        Ok(self.responses)
    }

    fn can_send(&self) -> bool {
        !self.idle.is_empty()
            || self.max_connections.is_none_or(|max_connections| self.connections.len() < max_connections)
    }

    /// Sends a request on an idle connection or a new one.
    fn send(&mut self, request: usize, due: Duration) {
        let in_flight = Some((request, due));
        let Ok(number) = self.idle.pop().map_or_else(|| self.connect(), Ok) else {
            return self.end(in_flight, NO_STATUS);
        };
        let Some(connection) = &mut self.connections[number] else { return };
        connection.in_flight = in_flight;
        // The socket buffer has room for a whole request.
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
        self.connections.push(Some(LoadConnection { stream, in_flight: None, response: Vec::new() }));
        Ok(number)
    }

    /// Waits for responses until this time; with a limit on connections, takes only those that have arrived.
    fn take_responses(&mut self, until: Duration) -> io::Result<()> {
        let left = until.saturating_sub(self.started.elapsed());
        let now = Timespec::default();
        let waits = !left.is_zero() && self.max_connections.is_none();
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
                connection.response.extend_from_slice(&part[..count]);
                if let Some(status) = status_if_complete(&connection.response) {
                    connection.response.clear();
                    let in_flight = take(&mut connection.in_flight);
                    self.idle.push(number);
                    self.end(in_flight, status);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => self.close(number),
        }
    }

    fn close(&mut self, number: usize) {
        self.idle.retain(|one| *one != number);
        if let Some(connection) = self.connections[number].take() {
            self.end(connection.in_flight, NO_STATUS);
        }
    }

    fn end(&mut self, in_flight: Option<(usize, Duration)>, status: u16) {
        if let Some((request, due)) = in_flight {
            let latency = self.started.elapsed().saturating_sub(due);
            self.responses.push(LoadResponse { due, latency, status, request });
        }
    }
}

/// The status of a response, if its body is complete. Each response has a Content-Length.
fn status_if_complete(response: &[u8]) -> Option<u16> {
    let head = response.windows(4).position(|part| part == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&response[..head]).ok()?;
    let fields = text.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let body: usize = lengths.next()?.1.parse().ok()?;
    (response.len() >= head + 4 + body).then(|| text.get(9..12)?.parse().ok())?
}
