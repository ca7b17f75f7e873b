//! A message as text, so that its question can be asked again.

use crate::message::Message;

pub(super) fn write(message: &Message) -> String {
    let elements: Vec<(&str, &str)> = message.elements().collect();
    serde_json::to_string(&elements).unwrap_or_default()
}

pub(super) fn read(text: &str) -> Option<Message> {
    let elements: Vec<(String, String)> = serde_json::from_str(text).ok()?;
    let elements = elements.iter();
    Some(elements.fold(Message::default(), |message, (name, value)| {
        message.with(name, value)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let message = Message::new("text")
            .with("FromUserName", "o1")
            .with("Content", "\"讲]个\n故事");
        assert_eq!(read(&write(&message)), Some(message));
        assert_eq!(read("讲个故事"), None);
    }
}
