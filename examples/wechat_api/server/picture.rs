//! A PNG for `showqrcode`: a real picture, though no phone reads it.

const SIDE: u32 = 32;

/// Squares that differ from ticket to ticket.
pub(super) fn png(ticket: &str) -> Vec<u8> {
    let seed = crc32(ticket.as_bytes());
    let mut rows = Vec::new();
    for row in 0..SIDE {
        rows.push(0);
        let line = crc32(&[seed.to_be_bytes(), (row / 4).to_be_bytes()].concat());
        rows.extend(line.to_be_bytes());
    }
    let mut head = Vec::new();
    head.extend(SIDE.to_be_bytes());
    head.extend(SIDE.to_be_bytes());
    // One bit for each pixel, grey, nothing special.
    head.extend([1, 0, 0, 0, 0]);
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut picture, b"IHDR", &head);
    chunk(&mut picture, b"IDAT", &stored(&rows));
    chunk(&mut picture, b"IEND", &[]);
    picture
}

fn chunk(picture: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or_default();
    picture.extend(length.to_be_bytes());
    let content = [kind.as_slice(), data].concat();
    picture.extend(&content);
    picture.extend(crc32(&content).to_be_bytes());
}

/// As zlib writes what it does not compress; all of it fits into one block.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or_default();
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend(length.to_le_bytes());
    stream.extend((!length).to_le_bytes());
    stream.extend(bytes);
    stream.extend(adler32(bytes).to_be_bytes());
    stream
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65521;
        high = (high + low) % 65521;
    }
    (high << 16) | low
}

fn crc32(bytes: &[u8]) -> u32 {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    });
    !sum
}
