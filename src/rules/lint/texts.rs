//! Which texts a rule is for, as automata: what a regex says where no literal tells.

use std::borrow::Cow;
use std::rc::Rc;

use crate::rules::condition::Subject;
use crate::rules::fold::Folding;
use crate::rules::lint::automaton;
use crate::rules::lint::automaton::Automaton;
use crate::rules::lint::budget::Budget;
use crate::rules::lint::facts::{Part, Says};
use crate::rules::lint::text_predicate::TextPredicate;

/// Longer lists are not made into an automaton.
const MAX_CLAIMS: usize = 100;

impl<'r> Says<'r> {
    /// A text as literals are compared with it, as far as case goes.
    pub(super) fn folded<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let folding = Folding {
            ignore_case: self.ignore_case,
            ..Folding::default()
        };
        folding.fold(text)
    }

    /// Texts that pass, if not all of them.
    pub(super) fn texts(&self, budget: &Budget) -> Option<Rc<Automaton>> {
        let predicates = self.predicates.iter().map(|(_, predicate)| predicate);
        self.automaton(
            predicates,
            |predicate| predicate.narrower_pattern(self.ignore_case),
            budget,
        )
    }

    fn automaton<'c>(
        &self,
        predicates: impl Iterator<Item = &'c TextPredicate<'r>>,
        pattern: impl Fn(&TextPredicate) -> Option<String>,
        budget: &Budget,
    ) -> Option<Rc<Automaton>>
    where
        'r: 'c,
    {
        let patterns = predicates.take(MAX_CLAIMS + 1).map(pattern);
        let patterns = patterns.collect::<Option<Vec<String>>>()?;
        let short = patterns.len() <= MAX_CLAIMS && !budget.is_spent();
        short.then(|| budget.automaton(&patterns.join("|"), self.ignore_case))?
    }

    fn passes(&self, text: &str) -> bool {
        let folded = self.folded(text);
        let mut predicates = self.predicates.iter();
        predicates.any(|(_, predicate)| predicate.is_true_of(text, &folded))
    }
}

impl<'f, 'r> Part<'f, 'r> {
    /// Whether every text of this part passes, as far as regexes have a say in it.
    pub(super) fn matches(&self, other: &'f Says<'r>, budget: &Budget) -> bool {
        let is_regex = |says: &Says| {
            says.predicates
                .iter()
                .any(|(_, predicate)| predicate.is_regex())
        };
        let own = || self.known.says.iter().enumerate();
        let mut own_on_it = own().filter(|(_, says)| says.subject == other.subject);
        let first = own_on_it.next();
        let every_text = other.subject == Subject::Content && self.known.is_text();
        let of_regexes = is_regex(other) || first.is_some_and(|(_, says)| is_regex(says));
        let alone = own_on_it.next().is_none();
        if (first.is_none() && !every_text) || (alone && !of_regexes) {
            return false;
        }
        // Most rules that are for other texts are found out by one of them.
        let samples = match first {
            Some((place, says)) => self
                .predicates(place, says)
                .next()
                .map(TextPredicate::samples),
            None => Some(vec![""]),
        };
        if alone && samples.is_some_and(|texts| texts.iter().any(|text| !other.passes(text))) {
            return false;
        }
        let texts = other.texts(budget);
        texts.is_some_and(|texts| self.is_among(&other.subject, &[texts], budget))
    }

    /// Whether every text of this part, or every value of a field, is one of these.
    pub(super) fn is_among(
        &self,
        subject: &Subject,
        texts: &[Rc<Automaton>],
        budget: &Budget,
    ) -> bool {
        let own = self.known.says.iter().enumerate();
        let own = own.filter(|(_, says)| says.subject == *subject);
        let mut own: Vec<Rc<Automaton>> = own
            .filter_map(|(place, says)| {
                let predicates = self.predicates(place, says);
                says.automaton(
                    predicates,
                    |predicate| predicate.wider_pattern(says.ignore_case),
                    budget,
                )
            })
            .collect();
        if own.is_empty() && *subject == Subject::Content && self.known.is_text() {
            own.extend(budget.automaton("", false));
        }
        match subject {
            // Of several values another may pass each condition.
            Subject::Field(_) | Subject::Stored(_) => own
                .chunks(1)
                .any(|one| automaton::are_within(one, texts, budget)),
            _ => !own.is_empty() && automaton::are_within(&own, texts, budget),
        }
    }
}
