//! A reply in the words of a rule file, as JSON.

use serde_json::{Map, json};

use crate::reply::{PartValue, Reply};

impl Reply {
    pub(crate) fn written(&self) -> serde_json::Value {
        let Some(kind) = self.kind() else {
            return json!("success");
        };
        let content = match self {
            Reply::CustomerService { account: None } => return json!(kind.name),
            Reply::News(articles) => json!(articles),
            reply => {
                let mut parts = Map::new();
                for (part, value) in reply.parts() {
                    let value = match value {
                        PartValue::Text(text) => json!(text),
                        PartValue::Media(media) => json!(media),
                    };
                    match part.key {
                        Some(key) => parts.insert(key.to_owned(), value),
                        None => return json!({ kind.name: value }),
                    };
                }
                parts.into()
            }
        };
        json!({ kind.name: content })
    }
}
