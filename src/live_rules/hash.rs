//! A hash to compare replicas: the same for the same rule files, wherever they are and whatever the
//! main file is called.

use std::path::{Component, Path, PathBuf};

use sha1::{Digest, Sha1};

use crate::i18n::Language;
use crate::rules::media::relative;
use crate::rules::sources::{Inclusion, Sources};

pub(super) fn hash(sources: &Sources) -> String {
    let folder = folder(sources.root());
    let mut hash = Sha1::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    };
    for (place, source) in sources.files.iter().enumerate() {
        if place > 0 {
            let path = relative(&folder, &normalized(&source.text.path));
            add(&path.to_string_lossy());
        }
        add(&source.text.text);
        for include in &source.includes {
            // Otherwise an unreadable file would be reported only once, whatever the reason.
            if let Inclusion::Failed(why) = &include.inclusion {
                add(&why.text(Language::English));
            }
        }
        for named in &source.media {
            add(&named.written);
            match &named.found {
                Ok(content) => add(&content.hash.to_string()),
                Err(fault) => add(&format!("{fault:?}")),
            }
        }
    }
    hex::encode(hash.finalize())
}

fn folder(root: &Path) -> PathBuf {
    let root = normalized(root);
    root.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Absolute, without `.` and `..`. Links are not followed: they may differ from one machine to
/// the next.
fn normalized(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut normalized = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => _ = normalized.pop(),
            component => normalized.push(component),
        }
    }
    normalized
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::rules::sources::{Source, SourceText};

    fn hash_of(files: &[(&str, &str)]) -> String {
        let files = files.iter().map(|(path, text)| Source {
            text: Arc::new(SourceText {
                path: PathBuf::from(path),
                text: (*text).to_owned(),
            }),
            includes: Vec::new(),
            media: Vec::new(),
        });
        let files = files.collect();
        hash(&Sources { files })
    }

    #[test]
    fn the_same_rules_have_the_same_hash_wherever_they_are() {
        let known = hash_of(&[("rules.yaml", "a"), ("words/b.yaml", "b")]);
        for files in [
            [("./rules.yaml", "a"), ("./words/b.yaml", "b")],
            [
                ("/etc/wxreply/rules.yaml", "a"),
                ("/etc/wxreply/words/b.yaml", "b"),
            ],
            [("shop.yaml", "a"), ("words/../words/./b.yaml", "b")],
        ] {
            assert_eq!(hash_of(&files), known, "{files:?}");
        }
        let beside = hash_of(&[("a/rules.yaml", "a"), ("a/../b/b.yaml", "b")]);
        assert_eq!(
            hash_of(&[("/x/rules.yaml", "a"), ("/b/b.yaml", "b")]),
            beside
        );
        for files in [
            [("rules.yaml", "a"), ("words/c.yaml", "b")],
            [("rules.yaml", "a"), ("words/b.yaml", "c")],
            [("rules.yaml", "ab"), ("words/b.yaml", "")],
        ] {
            assert_ne!(hash_of(&files), known, "{files:?}");
        }
    }
}
