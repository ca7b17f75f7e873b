//! What a follower gets and writes while an answer, or the rest of one, is not there.

use crate::i18n::phrase;
use crate::reply::Reply;
use crate::rules::answer::Answer;
use crate::rules::compile::Compiler;
use crate::rules::compile::operators::Operator;
use crate::rules::compile::options::rendered;
use crate::rules::compile::path::At;
use crate::rules::condition::Shape;
use crate::rules::file::{Maybe, Options, Text};
use crate::rules::template::{Scope, Template};
use crate::rules::yaml::tree::EntryPart;
use crate::waiting;

/// It is a line below each part, and a part has 2047 bytes with it.
const MAX_MORE_BYTES: usize = 300;

impl Compiler<'_> {
    pub(super) fn fetching(&mut self, options: &Options, at: &At) {
        if let Some(texts) = options.fetch.as_ref() {
            let at = at.key("fetch");
            let texts = self.texts(texts, &at);
            let folding = self.settings.folding;
            self.settings.fetch =
                self.needles(&texts, Operator::Literal(Shape::Equals), folding, &at);
        }
        let slow = self.fixed_but_for_links(&options.slow, "slow", at);
        let more = self.fixed_but_for_links(&options.more, "more", at);
        let is_linked = |answer: &Option<Answer>| {
            let mut templates = answer.iter().flat_map(Answer::templates);
            templates.any(Template::has_fetch_link)
        };
        let link = is_linked(&slow) || is_linked(&more);
        let word = options.fetch.as_ref().and_then(|texts| texts.0.first());
        self.settings.more = match (word, link, more.as_ref().map(rendered)) {
            // Nobody could fetch the rest.
            (None, false, _) => String::new(),
            (_, _, Some(Reply::Text(more))) => {
                self.short_enough(&more, at);
                more
            }
            (Some(Text(word)), _, _) => format!("（未完，回复【{word}】继续）"),
            (None, true, _) => waiting::fetch_link("（未完，点这里继续）"),
        };
        if let Some(slow) = &slow {
            self.settings.slow = rendered(slow);
        }
    }

    fn short_enough(&mut self, more: &str, at: &At) {
        if more.len() > MAX_MORE_BYTES {
            let (bytes, limit) = (more.len(), MAX_MORE_BYTES);
            self.report
                .error(&at.key("more"), EntryPart::Value, phrase!(more_too_long))
                .help(phrase!(help_more_too_long, bytes, limit));
        }
    }

    fn fixed_but_for_links(
        &mut self,
        written: &Maybe<Text>,
        key: &'static str,
        at: &At,
    ) -> Option<Answer> {
        let Text(text) = written.as_ref()?;
        let at = at.key(key);
        let scope = Scope {
            fetches: true,
            ..Scope::default()
        };
        let written = crate::rules::file::ReplyEntry::Line(Text(text.clone()));
        let answer = self.answer(&written, &scope, &at)?;
        let mut templates = answer.templates().into_iter();
        let (takes_any, help) = match key {
            "more" => (false, phrase!(help_more_not_fixed)),
            _ => (true, phrase!(help_slow_not_fixed)),
        };
        let is_fixed = templates.all(Template::is_fixed_but_for_links);
        if is_fixed && (takes_any || matches!(answer, Answer::One(Reply::Text(_)))) {
            return Some(answer);
        }
        self.report
            .error(&at, EntryPart::Value, phrase!(slow_not_fixed, key))
            .help(help);
        None
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use crate::rules;
    use crate::rules::parsed::ParsedSources;
    use crate::waiting::as_seen;

    #[test]
    fn the_line_below_a_part_says_how_the_next_is_fetched() {
        for (options, more) in [
            ("{}", ""),
            ("{ more: Reply 1 }", ""),
            ("{ fetch: ['2', more] }", "（未完，回复【2】继续）"),
            ("{ slow: '<fetch:here>' }", "（未完，点这里继续）"),
            ("{ fetch: more, more: Reply “more” }", "Reply “more”"),
            ("{ more: 'Tap <fetch:here> for more' }", "Tap here for more"),
        ] {
            let text = format!("options: {options}\nrules: [{{ name: a, reply: b }}]\n");
            let sources = ParsedSources::of_text("rules.yaml", &text);
            let rules = rules::compile(&sources, &TimeZone::UTC, None).unwrap();
            assert_eq!(as_seen(&rules.settings.more), more, "{options}");
        }
    }
}
