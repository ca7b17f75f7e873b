//! A media id, or in its place the path of a file.

use crate::i18n::{Phrase, phrase};
use crate::media::{MediaFormat, MediaKind, Unfit};
use crate::reply::{MediaSource, Reply};
use crate::rules::answer::MediaTemplate;
use crate::rules::compile::Compiler;
use crate::rules::compile::path::At;
use crate::rules::file::Text;
use crate::rules::media::{Location, MediaError, MediaFile, is_path};
use crate::rules::template::Scope;
use crate::rules::yaml::tree::EntryPart;

impl Compiler<'_> {
    pub(super) fn media(
        &mut self,
        kind: MediaKind,
        text: &Text,
        key: &str,
        scope: &Scope,
        at: &At,
    ) -> Option<MediaTemplate> {
        let template = self.needed(text, key, scope, at)?;
        match is_path(&text.0) {
            true if template.literal().is_some() => self.shown_file(kind, &text.0, &at.key(key)),
            true => {
                self.report
                    .error(&at.key(key), EntryPart::Value, phrase!(placeholder_in_path))
                    .help(phrase!(help_placeholder_in_path));
                None
            }
            false => Some(MediaTemplate::Id(template)),
        }
    }

    /// The reply that a test expects. A path in it stands for the file that a rule shows.
    pub(super) fn with_files(&self, mut reply: Reply, at: &At) -> Reply {
        if let Some((_, media)) = reply.media_mut()
            && is_path(media.as_str())
        {
            let location = self.sources.sources.location(at.file(), media.as_str());
            *media = MediaSource::File(location.name);
        }
        reply
    }

    fn shown_file(&mut self, kind: MediaKind, written: &str, at: &At) -> Option<MediaTemplate> {
        let sources = &self.sources.sources;
        let location = sources.location(at.file(), written);
        let found = sources.found(at.file(), written);
        match found.map_err(MediaRefusal::Fault).and_then(|content| {
            kind.check(&content).map_err(MediaRefusal::Unfit)?;
            match content.format {
                Some(MediaFormat::Gif) => Err(MediaRefusal::NotShown),
                _ => Ok(content),
            }
        }) {
            Ok(content) => {
                let name: Box<str> = location.name.into();
                let file = MediaFile {
                    content,
                    path: location.path,
                    file: at.file(),
                    written: written.into(),
                };
                self.media.entry((kind, name.clone())).or_insert(file);
                Some(MediaTemplate::File(name))
            }
            Err(refusal) => {
                let (message, help) = refusal.told(kind, &location);
                self.report.error(at, EntryPart::Value, message).help(help);
                None
            }
        }
    }
}

/// Why a file cannot be an answer.
enum MediaRefusal {
    Fault(MediaError),
    Unfit(Unfit),
    /// WeChat keeps it, and shows it to nobody.
    NotShown,
}

impl MediaRefusal {
    /// What is wrong, and what to do.
    fn told(self, kind: MediaKind, location: &Location) -> (Phrase, Phrase) {
        let path = location.path.display();
        match self {
            MediaRefusal::Fault(MediaError::Missing) => (
                phrase!(media_not_found, path),
                phrase!(help_media_not_found),
            ),
            MediaRefusal::Fault(MediaError::Unreadable(reason)) => (
                phrase!(media_unreadable, path, reason),
                phrase!(help_media_unreadable),
            ),
            MediaRefusal::Fault(MediaError::Outside) => {
                let folder = location.within.display();
                (
                    phrase!(media_outside, path),
                    phrase!(help_media_outside, folder),
                )
            }
            MediaRefusal::Fault(MediaError::TooLarge(bytes)) => {
                Unfit::TooLarge(bytes).told(kind, &location.path)
            }
            MediaRefusal::Unfit(unfit) => unfit.told(kind, &location.path),
            MediaRefusal::NotShown => (phrase!(media_gif), phrase!(help_media_gif)),
        }
    }
}
