//! A TCP proxy between a server and Redis that simulates a bad network.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// A TCP proxy in front of Redis. Tests choose how it treats the replies.
pub struct Proxy {
    pub port: u16,
    mode: Arc<AtomicU8>,
    cuts: Arc<AtomicUsize>,
}

/// Everything is forwarded.
pub const FAIR: u8 = 0;
/// Replies are delayed and split, and some connections are closed in the middle of a reply.
pub const ROUGH: u8 = 1;
/// Replies are held back.
pub const SILENT: u8 = 2;

impl Proxy {
    pub fn start(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mode = Arc::new(AtomicU8::new(FAIR));
        let cuts = Arc::new(AtomicUsize::new(0));
        let (seen, counted) = (Arc::clone(&mode), Arc::clone(&cuts));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let fair = Arc::new(AtomicU8::new(FAIR));
                let (seen, counted) = (Arc::clone(&seen), Arc::clone(&counted));
                thread::spawn(move || carry(from, to, &fair, &AtomicUsize::new(0)));
                thread::spawn(move || carry(server, client, &seen, &counted));
            }
        });
        Self { port, mode, cuts }
    }

    pub fn set_mode(&self, mode: u8) {
        self.mode.store(mode, Ordering::SeqCst);
    }

    /// Returns the number of connections that the proxy has closed.
    pub fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, mode: &AtomicU8, cuts: &AtomicUsize) {
    let mut buffer = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        while mode.load(Ordering::SeqCst) == SILENT {
            thread::sleep(Duration::from_millis(5));
        }
        let mut rest = &buffer[..length];
        if mode.load(Ordering::SeqCst) == ROUGH {
            let (first, later) = rest.split_at(fastrand::usize(0..=length));
            let _ = to.write_all(first);
            thread::sleep(Duration::from_millis(fastrand::u64(0..20)));
            rest = later;
            if fastrand::u8(0..8) == 0 {
                cuts.fetch_add(1, Ordering::SeqCst);
                break;
            }
        }
        if to.write_all(rest).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
