//! Rules whose own conditions never hold together.

use crate::rules::Rule;
use crate::rules::condition::Condition;
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::lint::facts::{Conflict, Facts, Never};
use crate::rules::lint::locate::Section;
use crate::rules::lint::{Warning, locate};
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::Step;

pub(super) fn report<'r>(rule: &'r Rule, facts: &Facts<'r>, found: &mut Vec<Warning<'r>>) {
    if let Some(conflict) = facts.conflict.clone() {
        found.push(Warning::new(rule.origin, move |sources| {
            diagnostic(rule, &conflict, sources)
        }));
    }
}

fn diagnostic(rule: &Rule, conflict: &Conflict, sources: &ParsedSources) -> Diagnostic {
    let place = |condition| locate::text(rule, Section::When, condition, None, sources);
    let never = |place: Place, why: String| {
        let message = format!("rule `{}` can never answer: {why}", rule.name);
        Diagnostic::warning(place, message)
    };
    match conflict {
        Conflict::Types {
            condition,
            never: what,
        } => {
            let (against, who) = against(rule, *what);
            let mut diagnostic = never(place(*condition), format!("{who} {}", what.missing()));
            if let Some(against) = against {
                diagnostic = diagnostic.other(place(against), "asked for here");
            }
            diagnostic.help(what.help())
        }
        Conflict::Scene { condition } => never(
            place(*condition),
            "its event has no scene of a QR code".to_owned(),
        )
        .help("a scene comes with the events SCAN and subscribe; for other events ask for `key`"),
        Conflict::Texts { condition } => never(
            place(*condition),
            "nothing passes this and its other conditions".to_owned(),
        )
        .help("keep one of them, or make two rules: every key of `when` must hold"),
        Conflict::Stored { condition } => never(
            place(*condition),
            "it wants something stored and nothing stored under one key".to_owned(),
        )
        .help("keep one of the two"),
        Conflict::Unless => never(
            sources.place_in(rule.origin, &[Step::Key("unless")]),
            "its `unless` holds whenever its `when` does".to_owned(),
        )
        .help("an `unless` names fewer messages than the `when` beside it"),
    }
}

/// The condition that leaves none of the messages that are asked for, and those it does leave.
fn against(rule: &Rule, never: Never) -> (Option<usize>, String) {
    let conditions = || rule.when.iter().enumerate();
    let types = conditions().find_map(|(index, condition)| match condition {
        Condition::Type(types) => Some((index, types)),
        _ => None,
    });
    if let Some((index, types)) = types
        && !types
            .iter()
            .any(|name| never.allows(&name.to_ascii_lowercase()))
    {
        let who = match &**types {
            [name] if name.eq_ignore_ascii_case("event") => "an event".to_owned(),
            [name] => format!("a message of type `{name}`"),
            _ => "a message of these types".to_owned(),
        };
        return (Some(index), who);
    }
    let other = conditions().find(|(_, condition)| {
        Never::of(condition).is_some_and(|other| other.is_event() != never.is_event())
    });
    let who = match never.is_event() {
        true => "a text message",
        false => "an event",
    };
    (other.map(|(index, _)| index), who.to_owned())
}

impl Never {
    fn missing(self) -> &'static str {
        match self {
            Never::Text => "has no text",
            Never::Menu => "comes from no menu link",
            Never::Event => "is no event",
            Never::Key => "has no key",
            Never::Scene => "has no scene",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Never::Text => {
                "texts come with `type: text`; `fields` asks for what other messages have"
            }
            Never::Menu => {
                "a tapped menu link sends a text: `type: text`; a menu button sends an \
                            event with a `key`"
            }
            Never::Event => "keep `event` or `type`; an event has the type event",
            Never::Key => "keys come with events: `type: event`, or leave `type` out",
            Never::Scene => "scenes come with events: `type: event`, or leave `type` out",
        }
    }
}
