//! The parts of a `multipart/form-data` body.

use memchr::memmem;

pub(super) struct Part<'a> {
    pub name: String,
    pub file_name: Option<String>,
    pub bytes: &'a [u8],
}

/// Nothing if the body is not what its content type says.
pub(super) fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
    let boundary = content_type
        .strip_prefix("multipart/form-data")?
        .split_once("boundary=")?
        .1;
    let boundary = boundary.split(';').next()?.trim_matches('"');
    let opening = format!("--{boundary}\r\n");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(opening.as_bytes())?;
    let mut parts = Vec::new();
    loop {
        let head_ends = memmem::find(rest, b"\r\n\r\n")?;
        let head = str::from_utf8(rest.get(..head_ends)?).ok()?;
        rest = rest.get(head_ends + 4..)?;
        let ends = memmem::find(rest, between.as_bytes())?;
        parts.push(Part {
            name: parameter(head, "name")?,
            file_name: parameter(head, "filename"),
            bytes: rest.get(..ends)?,
        });
        rest = rest.get(ends + between.len()..)?;
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
    }
}

/// `name="…"` in the Content-Disposition of a part.
fn parameter(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines();
    let line = lines.find(|line| {
        line.to_ascii_lowercase()
            .starts_with("content-disposition:")
    })?;
    let mut fields = line.split(';').map(str::trim);
    let value = fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim_matches('"').to_owned())
}
