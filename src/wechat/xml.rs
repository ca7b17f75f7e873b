//! Parses the XML that WeChat posts, in one pass and with as few copies as possible. Does not know
//! what elements mean or who may send them.

mod fast_path;

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use crate::message::Message;
use crate::wechat::request_error::Malformed;

/// The root counts as one.
const MAX_DEPTH: usize = 16;
/// Far above WeChat's longest push. Each dotted name repeats the names around it, so without a
/// limit a small body could grow large.
const MAX_ELEMENTS: usize = 1024;
const MAX_NAME_BYTES: usize = 64;

/// Elements that must be unique in a message, or two readers could disagree on it.
const ONCE: [&str; 9] = [
    "ToUserName",
    "FromUserName",
    "CreateTime",
    "MsgType",
    "Content",
    "Event",
    "EventKey",
    "MsgId",
    "Encrypt",
];

/// How to treat a body that is not quite XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Refuse it, as WeChat refuses such an answer.
    Strict,
    /// Read it as far as its meaning is clear. Bytes that are not UTF-8 become U+FFFD, a `&` that
    /// begins no known reference stands for itself, two references to surrogates become one
    /// character, of two elements with the same name the first counts, and a document type, text
    /// between elements and anything after the root are skipped.
    Lenient,
}

/// Reads a body whose root is `<xml>`.
///
/// Drops white space around CDATA and plain text, and keeps it inside CDATA. Accepts control
/// characters although XML forbids them, because some keyboards send them.
pub(super) fn read(body: Vec<u8>, strictness: Strictness) -> Result<Message, Malformed> {
    let buffer = text(body, strictness)?;
    let mut once = [false; ONCE.len()];
    match fast_path::read(&buffer, |name| first_of(&mut once, name)) {
        Some(elements) => Ok(Message::over(buffer, elements.into_iter())),
        None => read_any(buffer, strictness),
    }
}

fn text(body: Vec<u8>, strictness: Strictness) -> Result<String, Malformed> {
    match (String::from_utf8(body), strictness) {
        (Ok(text), _) => Ok(text),
        (Err(_), Strictness::Strict) => Err(Malformed::NotUtf8),
        (Err(error), Strictness::Lenient) => {
            Ok(String::from_utf8_lossy(error.as_bytes()).into_owned())
        }
    }
}

/// The same for a body of any shape.
pub(super) fn read_any(mut buffer: String, strictness: Strictness) -> Result<Message, Malformed> {
    let XmlDocument { elements, tail, .. } = XmlDocument::read(&buffer, strictness)?;
    buffer.push_str(&tail);
    Ok(Message::over(buffer, elements))
}

/// The outer body of an encrypted push. Only one of its elements matters.
pub(super) enum Envelope {
    Usual { body: String, sealed: Range<usize> },
    Odd(Message),
}

impl Envelope {
    /// The encrypted text; empty if there is none.
    pub(super) fn sealed(&self) -> &str {
        match self {
            Envelope::Usual { body, sealed } => body.get(sealed.clone()).unwrap_or_default(),
            Envelope::Odd(message) => message.fields("Encrypt").next().unwrap_or_default(),
        }
    }
}

pub(super) fn read_envelope(body: Vec<u8>) -> Result<Envelope, Malformed> {
    let body = text(body, Strictness::Lenient)?;
    let mut once = [false; ONCE.len()];
    let elements = fast_path::read(&body, |name| first_of(&mut once, name));
    let sealed = elements.and_then(|elements| {
        let mut elements = elements.into_iter();
        elements.find_map(|(name, value)| (body.get(name)? == "Encrypt").then_some(value))
    });
    match sealed {
        Some(sealed) => Ok(Envelope::Usual { body, sealed }),
        None => read_any(body, Strictness::Lenient).map(Envelope::Odd),
    }
}

/// What has been parsed of a document so far.
///
/// Names and values are ranges of the body, or of the tail that is appended to it later, which
/// holds dotted names and values made of several pieces.
struct XmlDocument<'b> {
    body: &'b str,
    strictness: Strictness,
    tail: String,
    elements: Vec<(Range<usize>, Range<usize>)>,
    open: Vec<OpenElement>,
    /// Plain text and references since the last tag or CDATA, without white space before it.
    run: Option<Range<usize>>,
    once: [bool; ONCE.len()],
    /// A reference to the first half of a character, and where the tail ends after it.
    high_surrogate: Option<(u32, usize)>,
}

/// An element that is still open.
struct OpenElement {
    name: Range<usize>,
    inside: Inside,
}

enum Inside {
    Nothing,
    Elements,
    Text(Range<usize>),
}

impl<'b> XmlDocument<'b> {
    fn read(body: &'b str, strictness: Strictness) -> Result<XmlDocument<'b>, Malformed> {
        let is_lenient = strictness == Strictness::Lenient;
        let mut document = XmlDocument {
            body,
            strictness,
            tail: String::new(),
            elements: Vec::with_capacity(16),
            open: Vec::with_capacity(4),
            run: None,
            once: [false; ONCE.len()],
            high_surrogate: None,
        };
        let mut reader = Reader::from_str(body);
        reader.config_mut().allow_dangling_amp = is_lenient;
        let mut root_seen = false;
        loop {
            if is_lenient && root_seen && document.open.is_empty() {
                return Ok(document);
            }
            let event = reader.read_event().map_err(|_| Malformed::NotXml)?;
            if document.open.is_empty() {
                match event {
                    Event::Start(tag) if !root_seen && tag.name().as_ref() == "xml" => {
                        root_seen = true;
                        document.open.push(OpenElement {
                            name: 0..0,
                            inside: Inside::Elements,
                        });
                    }
                    Event::Empty(tag) if !root_seen && tag.name().as_ref() == "xml" => {
                        root_seen = true;
                    }
                    Event::Decl(_) if !root_seen => {}
                    Event::Text(text) if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
                    Event::Comment(_) | Event::PI(_) => {}
                    Event::DocType(_) | Event::Text(_) if is_lenient => {}
                    Event::Eof if root_seen => return Ok(document),
                    Event::DocType(_) => return Err(Malformed::Entity),
                    _ => return Err(Malformed::NotXml),
                }
                continue;
            }
            match event {
                Event::Start(tag) => document.start(tag.name().as_ref())?,
                Event::Empty(tag) => {
                    document.start(tag.name().as_ref())?;
                    document.end()?;
                }
                Event::End(_) => document.end()?,
                Event::Text(text) => document.plain(&text.xml10_content()),
                Event::GeneralRef(reference) => document.reference(&reference)?,
                Event::CData(text) => document.cdata(&text.xml10_content())?,
                Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) if is_lenient => {}
                Event::DocType(_) => return Err(Malformed::Entity),
                Event::Decl(_) | Event::Eof => return Err(Malformed::NotXml),
            }
        }
    }

    fn start(&mut self, name: &str) -> Result<(), Malformed> {
        self.end_run()?;
        if self.open.len() >= MAX_DEPTH || name.len() > MAX_NAME_BYTES {
            return Err(Malformed::TooMuch);
        }
        let top_level = self.open.len() == 1;
        let parent = match self.open.last_mut() {
            Some(parent) if is_name(name) => parent,
            _ => return Err(Malformed::NotXml),
        };
        if let (Inside::Text(_), Strictness::Strict) = (&parent.inside, self.strictness) {
            return Err(Malformed::Mixed);
        }
        parent.inside = Inside::Elements;
        let parent = parent.name.clone();

        let name = if top_level {
            if !first_of(&mut self.once, name) && self.strictness == Strictness::Strict {
                return Err(Malformed::Duplicate);
            }
            self.place(name)
        } else {
            let start = self.copy(parent).start;
            self.tail.push('.');
            self.tail.push_str(name);
            start..self.end_of_buffer()
        };
        self.open.push(OpenElement {
            name,
            inside: Inside::Nothing,
        });
        Ok(())
    }

    /// An element that contains elements is not an element of the message itself; an empty one is.
    fn end(&mut self) -> Result<(), Malformed> {
        self.end_run()?;
        let Some(OpenElement { name, inside }) = self.open.pop() else {
            return Err(Malformed::NotXml);
        };
        let value = match inside {
            Inside::Elements => return Ok(()),
            Inside::Nothing => 0..0,
            Inside::Text(value) => value,
        };
        if self.elements.len() >= MAX_ELEMENTS {
            return Err(Malformed::TooMuch);
        }
        self.elements.push((name, value));
        Ok(())
    }

    fn plain(&mut self, text: &str) {
        let text = match self.run {
            Some(_) => text,
            None => text.trim_start_matches(is_space),
        };
        if !text.is_empty() {
            let text = self.place(text);
            self.run = Some(match self.run.take() {
                Some(run) => self.join(run, text),
                None => text,
            });
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Malformed> {
        match (reference.resolve_char_ref(), self.strictness) {
            (Ok(Some(character)), _) => self.character(character),
            (Ok(None), strictness) => match (named(reference), strictness) {
                (Some(character), _) => self.character(character),
                (None, Strictness::Strict) => return Err(Malformed::Entity),
                (None, Strictness::Lenient) => self.unresolved(reference),
            },
            (Err(_), Strictness::Strict) => return Err(Malformed::NotXml),
            (Err(_), Strictness::Lenient) => match code_of(reference) {
                Some(code) => self.half_character(code),
                None => self.unresolved(reference),
            },
        }
        Ok(())
    }

    fn character(&mut self, character: char) {
        // Move the run to the end of the tail first, as the character must follow it directly.
        let run = match self.run.take() {
            Some(run) if run.end == self.end_of_buffer() => run,
            Some(run) => self.copy(run),
            None => self.end_of_buffer()..self.end_of_buffer(),
        };
        self.tail.push(character);
        self.run = Some(run.start..self.end_of_buffer());
    }

    /// An unknown reference stands for itself.
    fn unresolved(&mut self, reference: &str) {
        for character in ['&'].into_iter().chain(reference.chars()).chain([';']) {
            self.character(character);
        }
    }

    /// A code that is not a character: a surrogate, or beyond the last code point.
    fn half_character(&mut self, code: u32) {
        let whole = self.high_surrogate.take().and_then(|(high, end)| {
            let low = code.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
            let code = 0x10000 + ((high - 0xD800) << 10) + low;
            (end == self.end_of_buffer()).then(|| char::from_u32(code))?
        });
        if let Some(character) = whole {
            self.tail.pop();
            if let Some(run) = &mut self.run {
                run.end -= char::REPLACEMENT_CHARACTER.len_utf8();
            }
            return self.character(character);
        }
        self.character(char::REPLACEMENT_CHARACTER);
        if (0xD800..0xDC00).contains(&code) {
            self.high_surrogate = Some((code, self.end_of_buffer()));
        }
    }

    fn cdata(&mut self, text: &str) -> Result<(), Malformed> {
        self.end_run()?;
        let text = self.place(text);
        self.add(text)
    }

    /// Adds the run to its value, without trailing white space.
    fn end_run(&mut self) -> Result<(), Malformed> {
        self.high_surrogate = None;
        let Some(mut run) = self.run.take() else {
            return Ok(());
        };
        let kept = self.text(&run).trim_end_matches(is_space).len();
        let in_tail = run.end == self.end_of_buffer();
        run.end = run.start + kept;
        if in_tail && run.start >= self.body.len() {
            self.tail.truncate(run.end - self.body.len());
        }
        self.add(run)
    }

    fn add(&mut self, piece: Range<usize>) -> Result<(), Malformed> {
        let Some(OpenElement { name, inside }) = self.open.pop() else {
            return Err(Malformed::NotXml);
        };
        let value = match inside {
            Inside::Elements if self.strictness == Strictness::Lenient => {
                let inside = Inside::Elements;
                self.open.push(OpenElement { name, inside });
                return Ok(());
            }
            Inside::Elements => return Err(Malformed::Mixed),
            Inside::Nothing => piece,
            Inside::Text(value) => self.join(value, piece),
        };
        let inside = Inside::Text(value);
        self.open.push(OpenElement { name, inside });
        Ok(())
    }

    fn join(&mut self, one: Range<usize>, other: Range<usize>) -> Range<usize> {
        if one.end == other.start {
            return one.start..other.end;
        }
        let one = if one.end == self.end_of_buffer() {
            one
        } else {
            self.copy(one)
        };
        one.start..self.copy(other).end
    }

    /// The range of a piece in the body. A piece that is not in it, such as a text with changed
    /// line ends, is appended to the tail.
    fn place(&mut self, piece: &str) -> Range<usize> {
        let start = (piece.as_ptr() as usize).checked_sub(self.body.as_ptr() as usize);
        match start {
            Some(start) if start + piece.len() <= self.body.len() => start..start + piece.len(),
            _ => {
                let start = self.end_of_buffer();
                self.tail.push_str(piece);
                start..self.end_of_buffer()
            }
        }
    }

    fn copy(&mut self, range: Range<usize>) -> Range<usize> {
        let start = self.end_of_buffer();
        match self.body.get(range.clone()) {
            Some(text) => self.tail.push_str(text),
            None => {
                let text = self.text(&range).to_owned();
                self.tail.push_str(&text);
            }
        }
        start..self.end_of_buffer()
    }

    fn text(&self, range: &Range<usize>) -> &str {
        let in_tail = |position: usize| position.checked_sub(self.body.len());
        let text = match (in_tail(range.start), in_tail(range.end)) {
            (Some(start), Some(end)) => self.tail.get(start..end),
            _ => self.body.get(range.clone()),
        };
        text.unwrap_or_default()
    }

    fn end_of_buffer(&self) -> usize {
        self.body.len() + self.tail.len()
    }
}

/// Whether a name is the first of its kind, or of a kind that may come several times.
fn first_of(once: &mut [bool; ONCE.len()], name: &str) -> bool {
    let known = ONCE.iter().position(|once| *once == name);
    match known.and_then(|known| once.get_mut(known)) {
        Some(seen) => !std::mem::replace(seen, true),
        None => true,
    }
}

/// Letters, digits and what else XML allows in names, except for the dot, which would look like a
/// nested name.
fn is_name(name: &str) -> bool {
    let start = |character: char| character.is_alphabetic() || "_:".contains(character);
    name.starts_with(start)
        && name
            .chars()
            .all(|character| start(character) || character.is_alphanumeric() || character == '-')
}

/// White space as defined by XML. Carriage returns have become line feeds before; one written as a
/// reference is intended.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n')
}

/// The number in a reference such as `#xD83D`.
fn code_of(reference: &str) -> Option<u32> {
    let digits = reference.strip_prefix('#')?;
    match digits.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    }
}

fn named(entity: &str) -> Option<char> {
    match entity {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
