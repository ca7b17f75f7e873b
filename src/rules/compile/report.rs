//! The mistakes found so far, and where a part of a file stands.

use std::ops::Range;

use crate::i18n::{Phrase, phrase};
use crate::rules::compile::path::At;
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::document::Document;
use crate::rules::yaml::hints;
use crate::rules::yaml::tree::EntryPart;

/// Nobody fixes more at once; the others are counted, so that a refused file takes no more memory
/// than a good one.
pub(super) const MAX_ERRORS: usize = 1000;

pub(crate) struct Report<'s> {
    pub(super) documents: Vec<&'s Document>,
    diagnostics: Vec<(usize, Diagnostic)>,
    /// How many more there are.
    left_out: usize,
    /// Of each file, where it could not be read, in order.
    mistaken: Vec<Vec<Range<usize>>>,
    /// Where mistakes go that follow from others and need not be told.
    unsaid: Diagnostic,
}

impl<'s> Report<'s> {
    /// `At::File` counts the documents in their order.
    pub(crate) fn new(documents: impl Iterator<Item = &'s Document>) -> Report<'s> {
        let documents: Vec<&Document> = documents.collect();
        Report {
            diagnostics: Vec::new(),
            left_out: 0,
            mistaken: documents
                .iter()
                .map(|document| mistaken(document))
                .collect(),
            documents,
            unsaid: Diagnostic::error(Place::default(), Phrase::verbatim("")),
        }
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.is_full() {
            return self.leave_out(1);
        }
        let paths = || self.documents.iter().map(|document| &document.source.path);
        let file = paths().position(|path| *path == diagnostic.place.path);
        self.diagnostics.push((file.unwrap_or(0), diagnostic));
    }

    pub(crate) fn count(&self) -> usize {
        self.diagnostics.len() + self.left_out
    }

    pub(crate) fn is_full(&self) -> bool {
        self.diagnostics.len() >= MAX_ERRORS
    }

    pub(crate) fn leave_out(&mut self, errors: usize) {
        self.left_out += errors;
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.diagnostics.is_empty()
    }

    pub(crate) fn error(
        &mut self,
        at: &At,
        part: EntryPart,
        message: impl Into<Phrase>,
    ) -> Mended<'_> {
        if self.is_full() {
            self.leave_out(1);
            return Mended(&mut self.unsaid);
        }
        let place = self.place(at, part);
        self.diagnostics
            .push((at.file(), Diagnostic::error(place, message)));
        match self.diagnostics.last_mut() {
            Some((_, diagnostic)) => Mended(diagnostic),
            None => Mended(&mut self.unsaid),
        }
    }

    /// Something that should stand in a mapping and does not; told only where nothing else is
    /// wrong in that mapping, since a mistyped key explains a missing one.
    pub(crate) fn missing(&mut self, at: &At, message: impl Into<Phrase>) -> Mended<'_> {
        let document = self.documents.get(at.file());
        let around = document.and_then(|document| {
            let tree = document.unread.tree.as_ref()?;
            let node = tree.node(tree.find(&at.steps(), EntryPart::Value)?)?;
            Some(&node.range)
        });
        let mistaken = self.mistaken.get(at.file()).map_or(&[][..], Vec::as_slice);
        let explained = around.is_some_and(|around| {
            let before = mistaken.partition_point(|inner| inner.start < around.start);
            let behind = mistaken.iter().skip(before);
            let mut within = behind.take_while(|inner| inner.start <= around.end);
            within.any(|inner| inner.end <= around.end)
        });
        if explained {
            return Mended(&mut self.unsaid);
        }
        // An empty value has no width; what one sees is its key.
        let empty = self.place(at, EntryPart::Value).is_empty();
        let part = if empty {
            EntryPart::Key
        } else {
            EntryPart::Value
        };
        self.error(at, part, message)
    }

    /// A name that no rule has; told only when no rule was left out for being unreadable.
    pub(crate) fn missing_rule(&mut self, at: &At, name: &str) -> Mended<'_> {
        let mut documents = self.documents.iter();
        if documents.any(|document| !document.unread.mistakes.is_empty()) {
            return Mended(&mut self.unsaid);
        }
        self.error(at, EntryPart::Value, phrase!(unknown_rule, name))
    }

    pub(crate) fn place(&self, at: &At, part: EntryPart) -> Place {
        let Some(document) = self.documents.get(at.file()) else {
            return Place::default();
        };
        match at.steps().as_slice() {
            [] => document.place_of(None),
            steps => document.place_at(steps, part),
        }
    }

    /// A few words inside a text, or the whole text where they are written otherwise there.
    pub(crate) fn place_within(&self, at: &At, words: &str) -> Place {
        let whole = self.place(at, EntryPart::Value);
        let found = || {
            let document = self.documents.get(at.file())?;
            let tree = document.tree()?;
            let range = &tree.node(tree.find(&at.steps(), EntryPart::Value)?)?.range;
            let offset = document.source.text.get(range.clone())?.find(words)?;
            let start = range.start + offset;
            let range = start..start + words.len();
            Some(document.place(range))
        };
        found().unwrap_or(whole)
    }

    pub(crate) fn finish(mut self) -> Result<(), Vec<Diagnostic>> {
        if self.diagnostics.is_empty() {
            return Ok(());
        }
        for (_, diagnostic) in &mut self.diagnostics {
            mention_comment(diagnostic);
        }
        self.diagnostics.sort_by_key(|(file, diagnostic)| {
            (*file, diagnostic.place.line, diagnostic.place.column)
        });
        // What an alias repeats is wrong in one place only.
        self.diagnostics.dedup();
        let all = self.diagnostics.into_iter();
        let mut all: Vec<Diagnostic> = all.map(|(_, diagnostic)| diagnostic).collect();
        if self.left_out > 0 {
            let message = phrase!(more_errors, count = self.left_out);
            let root = self.documents.first();
            let place = root.map_or_else(Place::default, |root| Place::file(&root.source.path));
            let more = Diagnostic::error(place, message).help(phrase!(help_fix_those_first));
            all.push(more.counting(self.left_out));
        }
        Err(all)
    }
}

fn mistaken(document: &Document) -> Vec<Range<usize>> {
    let unread = &document.unread;
    let mistakes = unread.mistakes.iter();
    let nodes = mistakes.filter_map(|mistake| unread.tree.as_ref()?.node(mistake.node));
    let mut ranges: Vec<Range<usize>> = nodes.map(|node| node.range.clone()).collect();
    ranges.sort_by_key(|range| range.start);
    ranges
}

/// A comment right behind what is wrong may be the text that was meant to stand there.
fn mention_comment(diagnostic: &mut Diagnostic) {
    let behind = diagnostic.place.behind();
    let behind = behind.strip_prefix([':', '-']).unwrap_or(behind);
    if hints::begins_unlikely_comment(behind) {
        let words = behind.trim();
        let quoted = match words.contains(['"', '\\']) {
            true => "\"#…\"".to_owned(),
            false => format!("\"{words}\""),
        };
        diagnostic.notes.push(phrase!(note_text_is_comment, quoted));
    }
}

/// A diagnostic that is already on the list and can still be told how to fix it.
pub(crate) struct Mended<'d>(&'d mut Diagnostic);

impl Mended<'_> {
    pub(crate) fn help(self, help: impl Into<Phrase>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(crate) fn note(self, note: impl Into<Phrase>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    pub(crate) fn other(self, place: Place, label: impl Into<Phrase>) -> Self {
        self.0.other = Some((place, label.into()));
        self
    }

    pub(crate) fn place(self, place: Place) -> Self {
        self.0.place = place;
        self
    }
}
