//! Buttons that no rule answers, rules for buttons that are not there, and names that phones cut
//! off.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use crate::i18n::phrase;
use crate::menu::{Action, ButtonKind, ButtonPlace, EventKind, Menu};
use crate::message::Message;
use crate::moment::Moment;
use crate::rules::condition::{Condition, MatchContext, Shape, Subject, Test, Verdict};
use crate::rules::diagnostic::{self, Diagnostic};
use crate::rules::lint::Warning;
use crate::rules::lint::facts::Facts;
use crate::rules::lint::locate::{self, ConditionList};
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::PathStep;
use crate::rules::{Rule, RuleSet};

/// Phones show this much of a name, in the width of Latin letters, and then dots.
const SHOWN_ON_TOP: usize = 8;
const SHOWN_BELOW: usize = 16;

/// What is wrong with the menu, each with its place among the sources: the main file.
pub(super) fn warnings(rules: &RuleSet, sources: &ParsedSources) -> Vec<(usize, Diagnostic)> {
    let Some(menu) = &rules.menu else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (place, button, action) in menu.placed() {
        let Action::Event { kind, key } = action else {
            continue;
        };
        if rules
            .rules
            .iter()
            .any(|rule| is_for(rule, *kind, key, rules))
        {
            continue;
        }
        let place = place_of(menu, place, "key", sources);
        let (name, event) = (&*button.name, kind.event());
        let warning = Diagnostic::warning(place, phrase!(button_without_rule, name));
        found.push((
            0,
            warning.help(phrase!(help_button_without_rule, event, key)),
        ));
    }
    for (top, button) in menu.buttons.iter().enumerate() {
        let mut cut = |name: &str, place: ButtonPlace, shown: usize| {
            if name.width() > shown {
                let place = place_of(menu, place, "", sources);
                let warning = Diagnostic::warning(place, phrase!(button_name_cut_off, name));
                found.push((
                    0,
                    warning.help(phrase!(help_button_name_cut_off, shown = shown / 2)),
                ));
            }
        };
        cut(&button.name, ButtonPlace { top, below: None }, SHOWN_ON_TOP);
        let ButtonKind::Below(buttons) = &button.content else {
            continue;
        };
        for (below, button) in buttons.iter().enumerate() {
            let below = Some(below);
            cut(&button.name, ButtonPlace { top, below }, SHOWN_BELOW);
        }
    }
    found
}

/// Rules for keys that no button has.
pub(super) fn keys_without_button<'r>(
    rules: &'r RuleSet,
    rule: &'r Rule,
    facts: &Facts<'r>,
    found: &mut Vec<Warning<'r>>,
) {
    let Some(menu) = rules.menu.as_ref().filter(|_| rule.enabled) else {
        return;
    };
    // A key of any event may be the scene of a QR code.
    let of_menu = |event: &String| {
        ["click", "view", "view_miniprogram"].contains(&event.as_str())
            || EventKind::named(event).is_some()
    };
    for section in locate::sections(rule) {
        let known = match section {
            ConditionList::When => Some(&facts.when),
            ConditionList::WhenAny(_, place) => facts.way(place),
            ConditionList::Unless | ConditionList::UnlessAny(..) => None,
        };
        let events = known.and_then(|known| known.events.as_deref());
        let events = events.unwrap_or_default();
        if events.is_empty() || !events.iter().all(of_menu) {
            continue;
        }
        for (index, condition) in section.conditions(rule).iter().enumerate() {
            let Condition::Text(Subject::Key, Test::Literal(Shape::Equals, keys)) = condition
            else {
                continue;
            };
            for (item, key) in keys.iter().enumerate() {
                let sends = menu.actions().any(|(_, action)| {
                    action.event().is_some_and(|(event, known)| {
                        known == &**key && events.contains(&event.to_lowercase())
                    })
                });
                if sends {
                    continue;
                }
                found.push(Warning::new(rule.origin, move |sources| {
                    let place = locate::text(rule, section, index, Some(item), sources);
                    let message = phrase!(key_without_button, key = &**key);
                    Diagnostic::warning(place, message).help(phrase!(help_key_without_button))
                }));
            }
        }
    }
}

/// Whether a rule says that it is for events or keys, and may answer this one.
fn is_for(rule: &Rule, kind: EventKind, key: &str, rules: &RuleSet) -> bool {
    let message = Message::new("event")
        .with("Event", kind.event())
        .with("EventKey", key);
    let moment = Moment::new(Timestamp::UNIX_EPOCH, &TimeZone::UTC);
    let asked = MatchContext::new(&message, &moment, None, rules.settings.folding);
    let mut conditions = rule.when.iter().flat_map(Condition::each);
    let means_events = conditions.any(|condition| match condition {
        Condition::Event(_) | Condition::Text(Subject::Key, _) => true,
        Condition::Type(types) => types.iter().any(|name| name.eq_ignore_ascii_case("event")),
        _ => false,
    });
    rule.enabled && means_events && may_hold(&rule.when, &asked)
}

/// Whether conditions hold at some time for some follower.
fn may_hold(conditions: &[Condition], asked: &MatchContext) -> bool {
    conditions.iter().all(|condition| match condition {
        Condition::Hours(_) | Condition::Days(_) | Condition::Dates(_) => true,
        Condition::Any(alternatives) => alternatives.iter().any(|one| may_hold(one, asked)),
        other => other.check(asked) != Verdict::Fails,
    })
}

/// A key of a button, or with none its name.
fn place_of(
    menu: &Menu,
    place: ButtonPlace,
    key: &str,
    sources: &ParsedSources,
) -> diagnostic::Place {
    let mut path = vec![PathStep::Key("menu"), PathStep::Index(place.top)];
    if let Some(button) = menu.buttons.get(place.top) {
        path.push(PathStep::Key(&button.name));
        if let (ButtonKind::Below(buttons), Some(below)) = (&button.content, place.below) {
            path.push(PathStep::Index(below));
            path.extend(
                buttons
                    .get(below)
                    .map(|button| PathStep::Key(button.name.as_str())),
            );
        }
    }
    match key {
        "" => sources.place_of_key(0, &path),
        key => {
            path.push(PathStep::Key(key));
            sources.place_at(0, &path)
        }
    }
}
