//! Which files the replies of a rule file name.

use std::collections::BTreeSet;

use crate::rules::file::{Dialogue, Entry, FailedEntry, ReplyEntry, RuleFile, Text};
use crate::rules::media::is_path;

impl RuleFile {
    /// As they are written.
    pub(in crate::rules) fn media(&self) -> BTreeSet<&str> {
        let on_error = self.options.on_error.iter();
        let answers = on_error.chain(self.rules.iter().flat_map(Entry::answers));
        let mut files = BTreeSet::new();
        answers.for_each(|answer| answer.add_files(&mut files));
        files
    }
}

impl Entry {
    fn answers(&self) -> impl Iterator<Item = &ReplyEntry> {
        let failed = self.failed.iter().flat_map(FailedEntry::answers);
        let dialogue = self.dialogue.iter().flat_map(Dialogue::answers);
        self.reply.iter().chain(failed).chain(dialogue)
    }
}

impl FailedEntry {
    fn answers(&self) -> Vec<&ReplyEntry> {
        match self {
            FailedEntry::Answer(answer) => vec![answer],
            FailedEntry::ByKind(answers) => answers.0.iter().map(|(_, answer)| answer).collect(),
        }
    }
}

impl Dialogue {
    fn answers(&self) -> impl Iterator<Item = &ReplyEntry> {
        let cancel = self.cancel.iter().flat_map(|cancel| cancel.reply.iter());
        let steps = self.steps.iter().flatten();
        let steps = steps.flat_map(|step| step.ask.iter().chain(step.otherwise.iter()));
        cancel.chain(self.give_up.iter()).chain(steps)
    }
}

impl ReplyEntry {
    fn add_files<'f>(&'f self, files: &mut BTreeSet<&'f str>) {
        let ReplyEntry::Parts(parts) = self else {
            return;
        };
        let media = parts.replies();
        let media = media.iter().filter_map(|reply| *reply.media()?.2);
        let texts = media.map(|Text(text)| text.as_str());
        files.extend(texts.filter(|text| is_path(text)));
        for choice in parts.random.iter().flatten() {
            choice.add_files(files);
        }
    }
}
