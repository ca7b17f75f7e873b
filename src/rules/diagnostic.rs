//! What is wrong with a rule file, where, and how to mend it. Knows how that looks as text.

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::rules::lines::{Lines, floor};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub message: String,
    pub place: Place,
    /// Said under the mark.
    pub label: String,
    /// Another place that explains this one.
    pub other: Option<(Place, String)>,
    pub notes: Vec<String>,
    pub help: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// A stretch of one line of a file. It carries what stands around it there, so that it can be
/// shown when the file has long been changed.
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
    /// In bytes of `around`.
    mark: Range<usize>,
}

/// So many bytes of a line are carried before and behind a place. They are more than is ever
/// shown; a line can be a whole file.
const AROUND: usize = 1000;
/// Of a longer place only the beginning is marked: any text that WeChat takes can be seen whole.
const MAX_MARKED: usize = 4096;

impl Diagnostic {
    pub fn error(place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, place, message.into())
    }

    pub fn warning(place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, place, message.into())
    }

    fn new(severity: Severity, place: Place, message: String) -> Diagnostic {
        Diagnostic {
            severity,
            message,
            place,
            label: String::new(),
            other: None,
            notes: Vec::new(),
            help: None,
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    pub fn other(mut self, place: Place, label: impl Into<String>) -> Diagnostic {
        self.other = Some((place, label.into()));
        self
    }

    pub fn render(&self, colored: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(self.message.as_str()));
        if self.place.line == 0 {
            group = group.element(Origin::path(self.place.path.display().to_string()));
        }
        group = group.elements(self.place.snippet(AnnotationKind::Primary, &self.label));
        if let Some((other, label)) = &self.other {
            group = group.elements(other.snippet(AnnotationKind::Context, label));
        }
        for note in &self.notes {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
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
            mark: start - first..end - first,
        }
    }

    /// Whether there is nothing under the mark.
    pub fn is_empty(&self) -> bool {
        self.mark.is_empty()
    }

    /// What stands on the line behind the mark; all of it where nothing is marked.
    pub fn behind(&self) -> &str {
        match self.is_empty() {
            true => self.around.trim_start(),
            false => self.around.get(self.mark.end..).unwrap_or_default(),
        }
    }

    fn snippet<'a>(
        &'a self,
        kind: AnnotationKind,
        label: &'a str,
    ) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
        if self.line == 0 {
            return None;
        }
        let within = self.around.len();
        let mut annotation = kind.span(self.mark.start.min(within)..self.mark.end.min(within));
        if !label.is_empty() {
            annotation = annotation.label(label);
        }
        let path = match self.is_cut {
            false => self.path.display().to_string(),
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

/// Stands behind a whole place, where the renderer puts its own, which counts from the cut. No
/// path has this in it.
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
        write!(formatter, "{}", self.path.display())?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        Ok(())
    }
}
