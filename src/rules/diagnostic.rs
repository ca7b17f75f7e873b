//! What is wrong with a rule file, where, and how to mend it. Knows how that looks as text.

use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use annotate_snippets::AnnotationKind;
use annotate_snippets::Group;
use annotate_snippets::Level;
use annotate_snippets::Origin;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;

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

/// A stretch of one line of a file. It carries the line, so that it can be shown when the file
/// has long been changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
    /// From 1; 0 when the place is the file as a whole.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    source: String,
    mark: Range<usize>,
}

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
        group = match &self.other {
            Some((other, label)) => group.elements(
                [
                    self.place.snippet(AnnotationKind::Primary, &self.label),
                    other.snippet(AnnotationKind::Context, label),
                ]
                .into_iter()
                .flatten(),
            ),
            None => group.elements(self.place.snippet(AnnotationKind::Primary, &self.label)),
        };
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
        renderer.render(&[group])
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
    pub fn of(path: &Path, text: &str, range: Range<usize>) -> Place {
        let bytes = text.as_bytes();
        let start = floor(text, range.start);
        let before = bytes.get(..start).unwrap_or_default();
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |position| position + 1);
        let rest = bytes.get(start..).unwrap_or_default();
        let line_end = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(bytes.len(), |position| start + position);
        let end = floor(text, range.end).clamp(start, line_end);
        let source = text.get(line_start..line_end).unwrap_or_default();
        let column = text.get(line_start..start).unwrap_or_default();
        Place {
            path: path.to_owned(),
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: column.chars().count() + 1,
            source: source.trim_end_matches('\r').to_owned(),
            mark: start - line_start..end - line_start,
        }
    }

    /// Whether there is nothing under the mark.
    pub fn is_empty(&self) -> bool {
        self.mark.is_empty()
    }

    /// What stands on the line behind the mark; all of it where nothing is marked.
    pub fn behind(&self) -> &str {
        match self.is_empty() {
            true => self.source.trim_start(),
            false => self.source.get(self.mark.end..).unwrap_or_default(),
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
        let mark = self.mark.start.min(self.source.len())..self.mark.end.min(self.source.len());
        let mut annotation = kind.span(mark);
        if !label.is_empty() {
            annotation = annotation.label(label);
        }
        Some(
            Snippet::source(self.source.as_str())
                .line_start(self.line)
                .path(self.path.display().to_string())
                .annotation(annotation),
        )
    }
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

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
