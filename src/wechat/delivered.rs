//! What is left of a reply once WeChat's limits are kept: what the follower sees.

use crate::message::Message;
use crate::reply::{Reply, fit_text};
use crate::wechat::{Degradation, answer};

/// The reply as the follower gets it, and why it is less than was replied, if it is.
pub fn as_delivered(reply: &Reply, message: &Message) -> (Reply, Option<Degradation>) {
    let degradation = match answer::write(reply, message, 0) {
        Ok(answer) => answer.degradation,
        Err(degradation) => degradation,
    };
    let taken = match (reply, degradation) {
        (_, Some(degradation)) if !degradation.is_cut() => Reply::Silence,
        (Reply::Text(text), _) => Reply::Text(fit_text(answer::clean(text).into_owned()).0),
        (Reply::News(articles), Some(Degradation::ManyArticles(most))) => {
            Reply::News(articles.iter().take(most).cloned().collect())
        }
        (reply, _) => reply.clone(),
    };
    (taken, degradation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Article;

    #[test]
    fn what_is_taken_is_what_is_sent() {
        let article = |title: &str| Article {
            title: title.to_owned(),
            ..Article::default()
        };
        let news =
            |titles: &[&str]| Reply::News(titles.iter().map(|title| article(title)).collect());
        let text = |text: &str| Reply::Text(text.to_owned());
        let person = Reply::CustomerService { account: None };
        let (message, event) = (Message::new("text"), Message::new("event"));
        for (reply, to, left) in [
            (text("好"), &message, text("好")),
            (text("好\u{0}\r\n呀"), &message, text("好\n呀")),
            (text(" \n"), &message, Reply::Silence),
            (
                text(&"好".repeat(700)),
                &event,
                text(&format!("{}…", "好".repeat(681))),
            ),
            (news(&["1", "2"]), &message, news(&["1"])),
            (news(&["1", "2"]), &event, news(&["1", "2"])),
            (person.clone(), &message, person.clone()),
            (person, &event, Reply::Silence),
            (Reply::Silence, &message, Reply::Silence),
        ] {
            let (taken, degradation) = as_delivered(&reply, to);
            assert_eq!(taken, left);
            let written = |reply: &Reply| answer::write(reply, to, 5).map(|answer| answer.body);
            assert_eq!(written(&reply).ok(), written(&left).ok(), "{degradation:?}");
        }
    }
}
