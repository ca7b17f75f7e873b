//! Files that replies name: `image: ./poster.png`. Knows where one is; not the disk.

use std::path::{Component, Path, PathBuf};

use crate::i18n::Phrase;
use crate::media::MediaContent;

/// A file that the replies of one rule file name, and what was found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    pub written: String,
    pub location: Location,
    pub found: Result<MediaContent, MediaError>,
}

/// Where a file is that a reply names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// From the folder of the main file: the same whichever rule file names it, and on every
    /// machine.
    pub name: String,
    pub path: PathBuf,
    /// The folder that `./` or `../` stands for. A link must not lead out of it.
    pub within: PathBuf,
}

/// Why nothing is known of what is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaError {
    Missing,
    /// A link leads out of the folder.
    Outside,
    /// It has so many bytes, and was not read.
    TooLarge(u64),
    Unreadable(Phrase),
}

/// A file that the rules may show, once WeChat has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaFile {
    pub content: MediaContent,
    pub path: PathBuf,
    /// Where it is named first: a place among the sources, and the text there.
    pub file: usize,
    pub written: Box<str>,
}

/// Whether a text is the path of a file. A media id never is: it has letters, digits, `-` and `_`.
pub(crate) fn is_path(text: &str) -> bool {
    text.starts_with("./") || text.starts_with("../")
}

impl Location {
    /// `main` is the rule file where the reading began, `naming` the one in which the path is
    /// written.
    pub(crate) fn of(main: &Path, naming: &Path, written: &str) -> Location {
        let folder = |path: &Path| normalized(path.parent().unwrap_or(Path::new("")));
        let written = normalized(Path::new(written));
        let path = normalized(&folder(naming).join(&written));
        let path = or_here(&path).to_owned();
        let above = written.components();
        let above = above.take_while(|part| *part == Component::ParentDir);
        let within = normalized(&folder(naming).join(above.collect::<PathBuf>()));
        let name = relative(&folder(main), &path);
        let name = match name.components().next() {
            Some(Component::Normal(_)) => Path::new(".").join(name),
            _ => name,
        };
        Location {
            name: name.to_string_lossy().into_owned(),
            path,
            within: or_here(&within).to_owned(),
        }
    }
}

/// Without `.`, and without `..` behind a folder. What links lead to is not asked.
fn normalized(path: &Path) -> PathBuf {
    let mut normalized = PathBuf::new();
    for part in path.components() {
        match (part, normalized.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => _ = normalized.pop(),
            (part, _) => normalized.push(part),
        }
    }
    normalized
}

/// The folder of `rules.yaml` is the empty path, which the system does not accept.
pub(crate) fn or_here(path: &Path) -> &Path {
    match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    }
}

/// The way from a folder to a file; both are normalized.
pub(crate) fn relative(folder: &Path, path: &Path) -> PathBuf {
    let mut above = PathBuf::new();
    for ancestor in folder.ancestors() {
        if let Ok(rest) = path.strip_prefix(ancestor) {
            return above.join(rest);
        }
        above.push("..");
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_name_whichever_rule_file_names_it() {
        for (main, naming, written, name, path, within) in [
            (
                "rules.yaml",
                "rules.yaml",
                "./a.png",
                "./a.png",
                "a.png",
                ".",
            ),
            (
                "rules.yaml",
                "shops/b.yaml",
                "../a.png",
                "./a.png",
                "a.png",
                ".",
            ),
            (
                "rules.yaml",
                "shops/b.yaml",
                "./a.png",
                "./shops/a.png",
                "shops/a.png",
                "shops",
            ),
            (
                "rules.yaml",
                "rules.yaml",
                "./shops/../a.png",
                "./a.png",
                "a.png",
                ".",
            ),
            (
                "rules.yaml",
                "rules.yaml",
                "../p/a.png",
                "../p/a.png",
                "../p/a.png",
                "..",
            ),
            (
                "/x/r/rules.yaml",
                "/x/r/rules.yaml",
                "./a.png",
                "./a.png",
                "/x/r/a.png",
                "/x/r",
            ),
            (
                "/x/r/rules.yaml",
                "/x/r/s/b.yaml",
                "./../../a.png",
                "../a.png",
                "/x/a.png",
                "/x",
            ),
            (
                "/x/rules.yaml",
                "/y/b.yaml",
                "./a.png",
                "../y/a.png",
                "/y/a.png",
                "/y",
            ),
            (
                "../r/rules.yaml",
                "../r/rules.yaml",
                "../a.png",
                "../a.png",
                "../a.png",
                "..",
            ),
            (
                "rules.yaml",
                "/y/b.yaml",
                "./a.png",
                "/y/a.png",
                "/y/a.png",
                "/y",
            ),
            (
                "/rules.yaml",
                "/rules.yaml",
                "../../a.png",
                "./a.png",
                "/a.png",
                "/",
            ),
        ] {
            let location = Location::of(Path::new(main), Path::new(naming), written);
            let expected = Location {
                name: name.to_owned(),
                path: PathBuf::from(path),
                within: PathBuf::from(within),
            };
            assert_eq!(location, expected, "{written} in {naming} of {main}");
        }
    }

    #[test]
    fn a_media_id_is_no_path() {
        for (text, is) in [
            ("./a.png", true),
            ("../a.png", true),
            ("a.png", false),
            (".a", false),
            ("", false),
            ("_-Xy12", false),
        ] {
            assert_eq!(is_path(text), is, "{text}");
        }
    }
}
