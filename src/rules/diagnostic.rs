//! A problem in a rule file: what, where, and how to fix it. Renders it as text.

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::i18n::{Language, Phrase, phrase, shown};
use crate::rules::line_starts::{Lines, floor};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Its id is the code of the diagnostic.
    pub message: Phrase,
    pub place: Place,
    /// Shown under the mark.
    pub label: Option<Phrase>,
    /// Another place that explains this one.
    pub other: Option<(Place, Phrase)>,
    pub notes: Vec<Phrase>,
    pub help: Option<Phrase>,
    /// How many mistakes it stands for: one, but for that which counts those not shown.
    pub mistakes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// A range within one line of a file, with the surrounding text, so that it can be shown after the
/// file has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
    /// From 1; 0 when the place is the file as a whole.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    around: String,
    /// Whether the line begins before that.
    is_cut: bool,
    /// Whether the surrounding text must not be shown.
    is_hidden: bool,
    /// In bytes of `around`.
    mark: Range<usize>,
}

/// Bytes of a line kept before and after a place. More than is ever shown; a line can be a whole
/// file.
const AROUND: usize = 1000;
/// Only the beginning of a longer place is marked. Any text within WeChat's limit is shown in full.
const MAX_MARKED: usize = 4096;

impl Diagnostic {
    pub fn error(place: Place, message: impl Into<Phrase>) -> Diagnostic {
        Diagnostic::new(Severity::Error, place, message.into())
    }

    pub fn warning(place: Place, message: impl Into<Phrase>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, place, message.into())
    }

    fn new(severity: Severity, place: Place, message: Phrase) -> Diagnostic {
        Diagnostic {
            severity,
            message,
            place,
            label: None,
            other: None,
            notes: Vec::new(),
            help: None,
            mistakes: 1,
        }
    }

    /// Stands for this many mistakes that are not shown.
    pub(crate) fn counting(mut self, mistakes: usize) -> Diagnostic {
        self.mistakes = mistakes;
        self
    }

    /// How many mistakes they stand for.
    pub fn count(diagnostics: &[Diagnostic]) -> usize {
        diagnostics
            .iter()
            .map(|diagnostic| diagnostic.mistakes)
            .sum()
    }

    /// The same in all languages: `unknown-key`.
    pub fn code(&self) -> &'static str {
        self.message.id()
    }

    pub fn help(mut self, help: impl Into<Phrase>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    pub fn label(mut self, label: impl Into<Phrase>) -> Diagnostic {
        self.label = Some(label.into());
        self
    }

    pub fn note(mut self, note: impl Into<Phrase>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    pub fn other(mut self, place: Place, label: impl Into<Phrase>) -> Diagnostic {
        self.other = Some((place, label.into()));
        self
    }

    /// As text, in the language of the process.
    pub fn render(&self, colored: bool) -> String {
        self.render_in(Language::current(), colored)
    }

    pub fn render_in(&self, language: Language, colored: bool) -> String {
        let text = |phrase: &Phrase| phrase.text(language);
        let (level, name) = match self.severity {
            Severity::Error => (Level::ERROR, phrase!(level_error)),
            Severity::Warning => (Level::WARNING, phrase!(level_warning)),
        };
        let level = level.with_name(text(&name));
        let title = level.primary_title(text(&self.message));
        let mut group = Group::with_title(match self.code() {
            "" => title,
            code => title.id(code),
        });
        if !self.place.is_shown() {
            group = group.element(Origin::path(self.place.to_string()));
        }
        let label = self.label.as_ref().map(text);
        group = group.elements(
            self.place
                .snippet(AnnotationKind::Primary, label.as_deref()),
        );
        let other = self
            .other
            .as_ref()
            .map(|(other, label)| (other, text(label)));
        if let Some((other, label)) = &other {
            group = group.elements(other.snippet(AnnotationKind::Context, Some(label)));
        }
        let note = Level::NOTE.with_name(text(&phrase!(level_note)));
        if let Some((other, label)) = other.as_ref().filter(|(other, _)| other.is_hidden) {
            group = group.element(note.clone().message(format!("{label}: {other}")));
        }
        for one in &self.notes {
            group = group.element(note.clone().message(text(one)));
        }
        if let Some(help) = &self.help {
            let level = Level::HELP.with_name(text(&phrase!(level_help)));
            group = group.element(level.message(text(help)));
        }
        let renderer = if colored {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        without_columns_from_cuts(&renderer.render(&[group]))
    }
}

impl Place {
    /// The file as a whole.
    pub fn file(path: &Path) -> Place {
        Place {
            path: path.to_owned(),
            ..Place::default()
        }
    }

    /// A byte range of a file, as far as it lies on its first line.
    pub fn of(path: &Path, text: &str, lines: &Lines, range: Range<usize>) -> Place {
        let start = floor(text, range.start);
        let (line, whole) = lines.around(text, start);
        let first = floor(text, start.saturating_sub(AROUND)).max(whole.start);
        let end = floor(text, range.end.min(start.saturating_add(MAX_MARKED)));
        let end = end.clamp(start, whole.end);
        let last = floor(text, end.saturating_add(AROUND)).min(whole.end);
        let around = text.get(first..last).unwrap_or_default();
        Place {
            path: path.to_owned(),
            line,
            column: lines.characters(text, whole.start..start) + 1,
            around: around.trim_end_matches('\r').to_owned(),
            is_cut: first > whole.start,
            is_hidden: false,
            mark: start - first..end - first,
        }
    }

    /// The same place, of which no text is shown: a secret may be in it.
    pub(crate) fn without_text(self) -> Place {
        Place {
            around: String::new(),
            is_hidden: true,
            ..self
        }
    }

    /// Whether there is nothing under the mark.
    pub fn is_empty(&self) -> bool {
        self.mark.is_empty()
    }

    /// The rest of the line after the mark; the whole line if nothing is marked.
    pub fn behind(&self) -> &str {
        match self.is_empty() {
            true => self.around.trim_start(),
            false => self.around.get(self.mark.end..).unwrap_or_default(),
        }
    }

    fn is_shown(&self) -> bool {
        self.line > 0 && !self.is_hidden
    }

    fn snippet<'a>(
        &'a self,
        kind: AnnotationKind,
        label: Option<&'a str>,
    ) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
        if !self.is_shown() {
            return None;
        }
        let within = self.around.len();
        let mut annotation = kind.span(self.mark.start.min(within)..self.mark.end.min(within));
        if let Some(label) = label {
            annotation = annotation.label(label);
        }
        let path = match self.is_cut {
            false => shown(&self.path),
            true => format!("{self}{CUT}"),
        };
        Some(
            Snippet::source(self.around.as_str())
                .line_start(self.line)
                .path(path)
                .annotation(annotation),
        )
    }
}

/// Marks the end of a complete place, where the renderer adds its own position, which counts from
/// the cut. Does not occur in paths.
const CUT: char = '\0';

fn without_columns_from_cuts(rendered: &str) -> String {
    let is_column = |letter: char| letter == ':' || letter.is_ascii_digit();
    let mut pieces = rendered.split(CUT);
    let first = pieces.next().unwrap_or_default();
    let others = pieces.map(|piece| piece.trim_start_matches(is_column));
    std::iter::once(first).chain(others).collect()
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&shown(&self.path))?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        Ok(())
    }
}
