//! Why WeChat gets less than was replied, in English and in Chinese.

use crate::reply::MAX_TEXT_BYTES;

/// Why WeChat gets less than was replied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Degradation {
    #[error("the text has more than {MAX_TEXT_BYTES} bytes, and its end is cut off")]
    LongText,
    #[error("the {0} has more than {MAX_TEXT_BYTES} bytes, and its end is cut off")]
    LongPart(&'static str),
    #[error("the {0} has more than {MAX_TEXT_BYTES} bytes, so nothing is sent")]
    LongAddress(&'static str),
    #[error("of the articles only {0} can be shown in answer to this")]
    ManyArticles(usize),
    #[error("the text is blank, so nothing is sent")]
    BlankText,
    #[error("there is no article, so nothing is sent")]
    NoArticle,
    #[error("the {0} is empty, so nothing is sent")]
    Empty(&'static str),
    #[error("an event cannot be handed over to a person, so nothing is sent")]
    HandedOverEvent,
}

impl Degradation {
    /// Whether something is sent all the same.
    pub fn is_cut(self) -> bool {
        matches!(
            self,
            Degradation::LongText | Degradation::LongPart(_) | Degradation::ManyArticles(_)
        )
    }

    pub fn in_chinese(self) -> String {
        match self {
            Degradation::LongText => {
                format!("文本超过 {MAX_TEXT_BYTES} 字节，超出部分会被截断")
            }
            Degradation::LongPart(part) => {
                format!("{part} 超过 {MAX_TEXT_BYTES} 字节，超出部分会被截断")
            }
            Degradation::LongAddress(part) => {
                format!("{part} 超过 {MAX_TEXT_BYTES} 字节，因此不会发送任何内容")
            }
            Degradation::ManyArticles(most) => format!("对这条消息只能显示 {most} 篇图文"),
            Degradation::BlankText => "文本是空白的，因此不会发送任何内容".to_owned(),
            Degradation::NoArticle => "没有图文，因此不会发送任何内容".to_owned(),
            Degradation::Empty(part) => format!("{part} 是空的，因此不会发送任何内容"),
            Degradation::HandedOverEvent => "事件不能转给客服，因此不会发送任何内容".to_owned(),
        }
    }
}
