//! A network between the store and a server, which can be down, cut or swallow everything.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

pub struct Proxy {
    url: String,
    server: String,
    address: String,
    frozen: Arc<AtomicBool>,
    /// Bytes that still pass, in both directions together.
    budget: Arc<AtomicI64>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
    listening: bool,
}

impl Proxy {
    /// To the server of a URL; nobody listens until it is opened.
    pub fn to(url: &str) -> Proxy {
        let (before, server) = url.rsplit_once('@').unwrap();
        let (server, path) = server.split_once('/').unwrap();
        let reserved = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = reserved.local_addr().unwrap().to_string();
        Proxy {
            url: format!("{before}@{address}/{path}"),
            server: server.to_owned(),
            address,
            frozen: Arc::default(),
            budget: Arc::new(AtomicI64::new(i64::MAX)),
            streams: Arc::default(),
            listening: false,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets everything through, from now on.
    pub fn open(&mut self) {
        self.frozen.store(false, Ordering::SeqCst);
        self.budget.store(i64::MAX, Ordering::SeqCst);
        if std::mem::replace(&mut self.listening, true) {
            return;
        }
        let listener = TcpListener::bind(&self.address).unwrap();
        let (server, frozen) = (self.server.clone(), Arc::clone(&self.frozen));
        let (streams, budget) = (Arc::clone(&self.streams), Arc::clone(&self.budget));
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let server = TcpStream::connect(&server).unwrap();
                let ends = [
                    (client.try_clone().unwrap(), server.try_clone().unwrap()),
                    (server.try_clone().unwrap(), client.try_clone().unwrap()),
                ];
                streams.lock().unwrap().extend([client, server]);
                for (from, to) in ends {
                    let (frozen, budget) = (Arc::clone(&frozen), Arc::clone(&budget));
                    thread::spawn(move || forward(from, to, &frozen, &budget));
                }
            }
        });
    }

    /// Accepts everything and passes nothing on; nobody is told.
    pub fn freeze(&self) {
        self.frozen.store(true, Ordering::SeqCst);
    }

    /// Ends the connection that the byte after these would pass, once.
    pub fn cut_after(&self, bytes: i64) {
        self.budget.store(bytes, Ordering::SeqCst);
    }

    /// Ends all connections there are.
    pub fn cut_all(&self) {
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, frozen: &AtomicBool, budget: &AtomicI64) {
    let mut buffer = [0; 8192];
    while let Ok(size) = from.read(&mut buffer) {
        if size == 0 {
            break;
        }
        let size = i64::try_from(size).unwrap();
        if budget.fetch_sub(size, Ordering::SeqCst) < size {
            budget.store(i64::MAX, Ordering::SeqCst);
            break;
        }
        let size = usize::try_from(size).unwrap();
        if !frozen.load(Ordering::SeqCst) && to.write_all(&buffer[..size]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
