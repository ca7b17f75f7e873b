//! Reads what a model answers, as it arrives: a stream of events, or one JSON document. Wherever
//! the bytes are cut, the same comes out.

use serde_json::Value;

use crate::services::service_call::MAX_ANSWER_BYTES;

/// An event has a few letters of the answer or of the thinking, and a few hundred bytes around
/// them.
const MAX_STREAM_BYTES: usize = 16 << 20;

/// What ends a stream.
const DONE: &[u8] = b"[DONE]";

#[derive(Default)]
pub(super) struct Completion {
    shape: Framing,
    read: usize,
    /// The line or the document as far as it has arrived.
    pending: Vec<u8>,
    /// What was read last is CR, so that an LF belongs to it.
    is_after_return: bool,
    /// The data of the event as far as it has arrived.
    event: Option<Vec<u8>>,
    has_events: bool,
    has_other_lines: bool,
    is_whole: bool,
    is_done: bool,
    text: String,
    tokens: Option<u64>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Framing {
    /// Only white space so far, with which a queue keeps a connection open.
    #[default]
    Unknown,
    Document,
    Stream,
}

/// Why what arrived is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CompletionError {
    TooLarge,
    NotJson,
    /// An object `error` where an answer should be, with a status if it names one.
    Failed(Option<u16>),
    /// It ends before the model has ended.
    Cut,
}

impl Completion {
    /// Takes what arrived. Nothing more is of interest once it is done.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), CompletionError> {
        for &byte in bytes {
            if self.is_done {
                return Ok(());
            }
            self.read += 1;
            if self.read > MAX_STREAM_BYTES {
                return Err(CompletionError::TooLarge);
            }
            if self.shape == Framing::Unknown {
                self.shape = match byte {
                    // White space, or what a byte order mark is made of.
                    b' ' | b'\t' | b'\r' | b'\n' | 0xEF | 0xBB | 0xBF => continue,
                    b'{' => Framing::Document,
                    _ => Framing::Stream,
                };
            }
            match self.shape {
                Framing::Stream => self.push_to_line(byte)?,
                _ => self.pending.push(byte),
            }
            if self.pending.len() > MAX_ANSWER_BYTES {
                return Err(CompletionError::TooLarge);
            }
        }
        Ok(())
    }

    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    /// The whole text, and how many tokens it cost if the model says so.
    pub(super) fn finish(mut self) -> Result<(String, Option<u64>), CompletionError> {
        if self.shape == Framing::Document {
            let document = std::mem::take(&mut self.pending);
            self.take_json(&document)?;
            self.is_whole = true;
        }
        // An event that was begun does not count, but the last line says what this is.
        let line = std::mem::take(&mut self.pending);
        if !line.is_empty() {
            self.take_line(&line)?;
        }
        let was_cut = self.has_events || self.event.is_some();
        match (self.is_whole, was_cut) {
            (true, _) => Ok((self.text, self.tokens)),
            (false, _) if self.has_other_lines && !self.has_events => Err(CompletionError::NotJson),
            (false, true) => Err(CompletionError::Cut),
            // Nothing but comments.
            (false, false) => Ok((String::new(), None)),
        }
    }

    /// CR, LF and CRLF end a line.
    fn push_to_line(&mut self, byte: u8) -> Result<(), CompletionError> {
        let was_return = std::mem::replace(&mut self.is_after_return, byte == b'\r');
        match byte {
            b'\n' if was_return => Ok(()),
            b'\r' | b'\n' => {
                let line = std::mem::take(&mut self.pending);
                self.take_line(&line)
            }
            byte => {
                self.pending.push(byte);
                Ok(())
            }
        }
    }

    fn take_line(&mut self, line: &[u8]) -> Result<(), CompletionError> {
        if line.is_empty() {
            return match self.event.take() {
                Some(event) => self.take_event(&event),
                None => Ok(()),
            };
        }
        let colon = line.iter().position(|&byte| byte == b':');
        let (field, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" if self.event.is_none() && value == DONE => self.take_event(value),
            b"data" => {
                let event = self.event.get_or_insert_default();
                if !event.is_empty() {
                    event.push(b'\n');
                }
                event.extend_from_slice(value);
                match event.len() > MAX_ANSWER_BYTES {
                    true => Err(CompletionError::TooLarge),
                    false => Ok(()),
                }
            }
            // A line without a name is a comment.
            b"" | b"event" | b"id" | b"retry" => Ok(()),
            _ => {
                self.has_other_lines = true;
                Ok(())
            }
        }
    }

    fn take_event(&mut self, event: &[u8]) -> Result<(), CompletionError> {
        self.has_events = true;
        if event == DONE {
            (self.is_whole, self.is_done) = (true, true);
            return Ok(());
        }
        self.take_json(event)
    }

    /// A chunk of a stream has `delta` where a document has `message`.
    fn take_json(&mut self, json: &[u8]) -> Result<(), CompletionError> {
        let json: Value = serde_json::from_slice(json).map_err(|_| CompletionError::NotJson)?;
        if !json.is_object() {
            return Err(CompletionError::NotJson);
        }
        if let Some(error) = json.get("error").filter(|error| !error.is_null()) {
            return Err(CompletionError::Failed(status(error)));
        }
        let choices = json.get("choices").and_then(Value::as_array);
        if choices.is_none() && self.shape == Framing::Document {
            return Err(CompletionError::NotJson);
        }
        if let Some(tokens) = json.pointer("/usage/total_tokens").and_then(Value::as_u64) {
            self.tokens = Some(tokens);
        }
        // Only one answer is asked for.
        let Some(choice) = choices.and_then(|choices| choices.first()) else {
            return Ok(());
        };
        let said = choice.get("delta").or_else(|| choice.get("message"));
        if let Some(content) = said.and_then(|said| said.get("content")) {
            self.take_content(content)?;
        }
        self.is_whole |= choice.get("finish_reason").is_some_and(Value::is_string);
        Ok(())
    }

    /// A text, nothing, or a list of parts of which some have a text.
    fn take_content(&mut self, content: &Value) -> Result<(), CompletionError> {
        match content {
            Value::Null => {}
            Value::String(text) => self.text.push_str(text),
            Value::Array(parts) => {
                let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
                texts.for_each(|text| self.text.push_str(text));
            }
            _ => return Err(CompletionError::NotJson),
        }
        match self.text.len() > MAX_ANSWER_BYTES {
            true => Err(CompletionError::TooLarge),
            false => Ok(()),
        }
    }
}

/// As a number or as a text; what is no status is a code of the provider's own.
fn status(error: &Value) -> Option<u16> {
    let code = ["code", "status"].into_iter().find_map(|key| {
        let code = error.get(key)?;
        code.as_u64().or_else(|| code.as_str()?.parse().ok())
    })?;
    u16::try_from(code)
        .ok()
        .filter(|code| (400..600).contains(code))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Outcome = Result<(String, Option<u64>), CompletionError>;

    fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
        let mut completion = Completion::default();
        for piece in pieces {
            completion.push(piece)?;
        }
        completion.finish()
    }

    fn text(bytes: &str) -> Result<String, CompletionError> {
        read([bytes.as_bytes()]).map(|(text, _)| text)
    }

    fn chunk(content: &str) -> String {
        let chunk = serde_json::json!({"choices": [{"index": 0, "delta": {"content": content}}]});
        format!("data: {chunk}\n\n")
    }

    const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

    #[test]
    fn a_stream_is_read_in_every_spelling() {
        let (one, two) = (chunk("你"), chunk("好"));
        for stream in [
            format!("{one}{two}data: [DONE]\n\n"),
            format!("{one}{two}{STOP}"),
            format!("{one}{two}data:[DONE]"),
            format!("{one}{two}data: [DONE]\n").replace('\n', "\r\n"),
            format!("{one}{two}data: [DONE]\n\n").replace('\n', "\r"),
            format!("\u{FEFF}\n\n: keep-alive\n\n{one}: keep-alive\n\n{two}{STOP}data: [DONE]\n\n"),
            format!("event: x\nid: 1\nretry: 5\n{one}{two}{STOP}"),
            format!("{one}{two}data: [DONE]\n\n{}", chunk("nothing more counts")),
            format!("{one}data: {{\"choices\":\ndata: [{{\"delta\":{{\"content\":\"好\"}}}}]}}\n\n{STOP}"),
            format!("data: {{\"choices\":[{{\"delta\":{{\"reasoning_content\":\"嗯\",\"content\":null}}}}]}}\n\n{one}{two}{STOP}"),
            format!("{one}{two}data: {{\"choices\":[]}}\n\n{STOP}"),
            format!("{one}data: {{\"choices\":[{{\"delta\":{{\"content\":[{{\"type\":\"text\",\"text\":\"好\"}}]}}}}]}}\n\n{STOP}"),
            "\n\n {\"choices\":[{\"message\":{\"content\":\"你好\",\"reasoning_content\":\"嗯\"}}]} ".to_owned(),
        ] {
            assert_eq!(text(&stream).as_deref(), Ok("你好"), "{stream}");
        }
    }

    #[test]
    fn tokens_are_those_that_the_model_says_last() {
        let usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":17}}\n\ndata: [DONE]\n\n";
        let stream = format!("{}{STOP}{usage}", chunk("好"));
        assert_eq!(read([stream.as_bytes()]), Ok(("好".to_owned(), Some(17))));
        let document = br#"{"choices":[{"message":{"content":""}}],"usage":{"total_tokens":3}}"#;
        assert_eq!(read([&document[..]]), Ok((String::new(), Some(3))));
    }

    #[test]
    fn what_is_no_whole_answer_is_none() {
        use CompletionError::{Cut, Failed, NotJson};
        let one = chunk("你");
        for (stream, error) in [
            (one.clone(), Cut),
            (one.replace("}]}\n\n", ""), Cut),
            (format!("{one}data: {{\"choi"), Cut),
            (format!("{one}data: {{\"choi\n\n"), NotJson),
            (format!("{one}data: [1]\n\n"), NotJson),
            (
                format!("{one}data: {{\"error\":{{\"message\":\"x\"}}}}\n\n"),
                Failed(None),
            ),
            (
                "event: error\ndata: {\"error\":{\"code\":429}}\n\n".to_owned(),
                Failed(Some(429)),
            ),
            (
                "{\"error\":{\"code\":\"503\"}}".to_owned(),
                Failed(Some(503)),
            ),
            ("{\"error\":\"no money\"}".to_owned(), Failed(None)),
            ("{\"error\":{\"code\":1214}}".to_owned(), Failed(None)),
            ("{\"choices\":{}}".to_owned(), NotJson),
            (
                "{\"choices\":[{\"message\":{\"content\":7}}]}".to_owned(),
                NotJson,
            ),
            ("{\"choices\":[".to_owned(), NotJson),
            ("<html>\n<body>\n</html>\n".to_owned(), NotJson),
            ("data: ".to_owned() + &"[".repeat(500) + "\n\n", NotJson),
        ] {
            assert_eq!(text(&stream), Err(error), "{stream}");
        }
        for nothing in ["", "\n\n\n", ": keep-alive\n\n: keep-alive\n\n", STOP] {
            assert_eq!(text(nothing).as_deref(), Ok(""), "{nothing}");
        }
        let odd = [b"data: {\"choices\":[{\"delta\":{\"content\":\"\xFF\"}}]}\n\n"];
        assert_eq!(read(odd.map(|bytes| &bytes[..])), Err(NotJson));
    }

    #[test]
    fn nothing_is_read_without_end() {
        let endless = |piece: &str| {
            let mut completion = Completion::default();
            let pieces = piece.repeat(1000);
            let error = (0..20_000).find_map(|_| completion.push(pieces.as_bytes()).err());
            (error, completion.read)
        };
        for piece in [
            ": keep-alive\n\n",
            "data: x",
            "{",
            "\n",
            "data: x\n",
            &chunk("很长的回答"),
        ] {
            let (error, read) = endless(piece);
            assert_eq!(error, Some(CompletionError::TooLarge), "{piece}");
            assert!(read <= MAX_STREAM_BYTES + 1, "{read}");
        }
    }

    /// Pieces of streams in any order, whole and broken.
    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            "[你好a\r\n]{0,5}".prop_map(|text| chunk(&text).into_bytes()),
            Just(STOP.as_bytes().to_vec()),
            Just(b"data: [DONE]\n\n".to_vec()),
            Just(b": comment\r\n\r\n".to_vec()),
            Just(b"{\"choices\":[{\"message\":{\"content\":\"x\"}}]}".to_vec()),
            Just(b"\r\r\n\n".to_vec()),
            Just(b"data".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..5),
        ];
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn wherever_it_is_cut_the_same_comes_out(
            bytes in stream(),
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
            prop_assert_eq!(read(pieces), read([&bytes[..]]));
            prop_assert_eq!(read(bytes.chunks(1)), read([&bytes[..]]));
        }
    }
}
