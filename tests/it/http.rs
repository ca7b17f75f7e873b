//! HTTP by hand, so that a test can send what no client would. Knows nothing of WeChat.

use std::io;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any test has to wait on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a server has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub status: u16,
    /// In lower case, one header a line.
    pub head: String,
    pub body: Vec<u8>,
}

impl Said {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The value of a header; empty without it.
    pub fn header(&self, name: &str) -> &str {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields
            .find(|(is, _)| is.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value.trim())
    }
}

/// One request on a connection of its own.
pub fn request(address: SocketAddr, method: &str, target: &str, body: &[u8]) -> Option<Said> {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: bot\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    exchange(address, &[head.as_bytes(), body].concat())
}

/// One request on a connection that is there already, in one piece, and perhaps its last.
pub fn request_on(
    stream: &mut (impl Read + Write),
    target: &str,
    body: &[u8],
    connection: &str,
) -> Option<Said> {
    let head = format!(
        "POST {target} HTTP/1.1\r\nhost: bot\r\ncontent-length: {}\r\nconnection: {connection}\r\n\r\n",
        body.len()
    );
    // A server that refuses early does not read everything; what it says still counts.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
    answer(stream)
}

/// Sends these bytes and reads what comes back. None when the server cannot be reached, or is
/// gone before it has answered.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Option<Said> {
    try_exchange(address, bytes).ok()
}

/// The same, and what went wrong.
pub fn try_exchange(address: SocketAddr, bytes: &[u8]) -> io::Result<Said> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // A server that refuses early does not read everything; what it says still counts.
    let _ = stream.write_all(bytes);
    try_answer(&mut stream)
}

/// The same for a request whose answer has no body, whatever length its head says: everything up
/// to the end of the connection.
pub fn head(address: SocketAddr, bytes: &[u8]) -> Said {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let (status, head, end) = parse_head(&all).unwrap();
    let body = all.split_off(end);
    Said { status, head, body }
}

/// Reads one answer, up to where its head says it ends.
pub fn answer(stream: &mut impl Read) -> Option<Said> {
    try_answer(stream).ok()
}

fn try_answer(stream: &mut impl Read) -> io::Result<Said> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(said) = parse(&bytes) {
            return Ok(said);
        }
        match stream.read(&mut buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => bytes.extend(buffer.iter().take(read)),
            // A socket with a time limit says so when a child of this process begins or ends.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Said> {
    let (status, head, end) = parse_head(bytes)?;
    let mut said = Said {
        status,
        head,
        body: Vec::new(),
    };
    let length: usize = said.header("content-length").parse().unwrap_or(0);
    let body = bytes.get(end..)?;
    said.body = body.get(..length)?.to_vec();
    Some(said)
}

/// Status and head of an answer, and where its body begins.
fn parse_head(bytes: &[u8]) -> Option<(u16, String, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes.get(..end)?.to_vec()).unwrap();
    let status = head.split(' ').nth(1)?.parse().unwrap();
    Some((status, head.to_ascii_lowercase(), end + 4))
}
