//! Clients that mean no good, or have no luck with their network. They know one address and no
//! secret.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::http::PATIENCE;

/// Ways to keep a connection without ever asking for anything. To the server a client that has
/// vanished from its network looks like one that is silent.
const HOLDS: [Hold; 3] = [
    Hold {
        at_once: b"",
        then: b"",
    },
    Hold {
        at_once: b"POST /wx_flask HTTP/1.1\r\nhost: bot\r\n",
        then: b"x-a: b\r\n",
    },
    Hold {
        at_once: b"POST /wx_flask?signature=x HTTP/1.1\r\nhost: bot\r\ncontent-length: 60000\r\n\r\n<xml>",
        then: b"x",
    },
];

/// The first bytes of a handshake, and never the rest.
const TLS_HOLDS: [Hold; 2] = [
    Hold {
        at_once: b"",
        then: b"",
    },
    Hold {
        at_once: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        then: b"\x00",
    },
];

#[derive(Clone, Copy)]
struct Hold {
    at_once: &'static [u8],
    /// A byte of this at a time, over and over.
    then: &'static [u8],
}

/// Connections that are held as long as the server lets them.
pub struct Crowd {
    address: SocketAddr,
    places: Vec<Place>,
}

struct Place {
    hold: Hold,
    sent: usize,
    socket: Option<TcpStream>,
}

/// What came of looking after a crowd once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tended {
    pub held: usize,
    pub hung_up: usize,
}

impl Crowd {
    pub fn gather(address: SocketAddr, size: usize) -> Crowd {
        Crowd::holding(address, size, &HOLDS)
    }

    /// The same before a server that speaks TLS.
    pub fn gather_tls(address: SocketAddr, size: usize) -> Crowd {
        Crowd::holding(address, size, &TLS_HOLDS)
    }

    fn holding(address: SocketAddr, size: usize, holds: &[Hold]) -> Crowd {
        let places = holds.iter().cycle().take(size).map(|hold| Place {
            hold: *hold,
            sent: 0,
            socket: None,
        });
        let mut crowd = Crowd {
            address,
            places: places.collect(),
        };
        crowd.come_again();
        crowd
    }

    /// Each sends its next byte, if it has one to send.
    pub fn drip(&mut self) -> Tended {
        let mut tended = Tended::default();
        for place in &mut self.places {
            if place.socket.is_some() && place.drip().is_none() {
                place.socket = None;
                tended.hung_up += 1;
            }
            tended.held += usize::from(place.socket.is_some());
        }
        tended
    }

    /// Whoever was hung up on connects again.
    pub fn come_again(&mut self) {
        for place in &mut self.places {
            if place.socket.is_none() {
                place.socket = place.connect(self.address);
            }
        }
    }
}

impl Place {
    fn connect(&mut self, address: SocketAddr) -> Option<TcpStream> {
        let mut socket = TcpStream::connect(address).ok()?;
        socket.write_all(self.hold.at_once).ok()?;
        socket.set_nonblocking(true).ok()?;
        self.sent = 0;
        Some(socket)
    }

    /// None once the server has hung up.
    fn drip(&mut self) -> Option<()> {
        let socket = self.socket.as_mut()?;
        match socket.read(&mut [0; 1024]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            _ => return None,
        }
        let then = self.hold.then;
        if let Some(byte) = then.get(self.sent % then.len().max(1)) {
            self.sent += 1;
            socket.write_all(&[*byte]).ok()?;
        }
        Some(())
    }
}

/// What makes no sense, or too much of it, each on a connection of its own.
pub fn nonsense() -> Vec<Vec<u8>> {
    let long = "x".repeat(300_000);
    let many: String = (0..5000).map(|n| format!("x-{n}: {n}\r\n")).collect();
    let unsigned =
        "POST /wx_flask?signature=x HTTP/1.1\r\nhost: bot\r\ncontent-length: 6\r\n\r\n<xml/>";
    vec![
        vec![0xff; 5000],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(50),
        format!("GET /wx_flask?{long} HTTP/1.1\r\nhost: bot\r\n\r\n").into_bytes(),
        format!("GET /wx_flask HTTP/1.1\r\nhost: bot\r\nx: {long}\r\n\r\n").into_bytes(),
        format!("GET /wx_flask HTTP/1.1\r\nhost: bot\r\n{many}\r\n").into_bytes(),
        unsigned.repeat(500).into_bytes(),
        b"POST /wx_flask HTTP/1.1\r\nhost: bot\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n"
            .to_vec(),
    ]
}

/// Says something and listens until the server hangs up. What it says first is returned.
pub fn talk(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    // A server that has heard enough need not read the rest.
    let _ = socket.write_all(bytes);
    let _ = socket.shutdown(Shutdown::Write);
    let mut said = Vec::new();
    match socket.read_to_end(&mut said) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "it holds on"),
    }
    said
}
