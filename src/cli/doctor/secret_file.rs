//! How a secret stands in its file, and who can read it. Shows no secret.

use std::fs;
use std::path::Path;

use crate::accounts::secret::BYTE_ORDER_MARK;
use crate::cli::doctor::finding::Finding;
use crate::i18n::{Phrase, phrase};
use crate::live_rules::bytes;

/// What editors put into a file that is meant to have one word. Nothing where the file cannot be
/// read, which is said elsewhere.
pub(super) fn writing(about: Phrase, path: &Path) -> Vec<Finding> {
    let bytes = bytes::of_argument_or_pipe(path).unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    let mut findings = Vec::new();
    if text.starts_with(BYTE_ORDER_MARK) {
        let said = phrase!(secret_with_mark, path = path.display());
        let remedy = phrase!(help_secret_with_mark);
        findings.push(Finding::doubtful(about.clone(), said, remedy));
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    if lines > 1 {
        let said = phrase!(
            secret_of_lines,
            path = path.display(),
            lines,
            about = about.clone()
        );
        let remedy = phrase!(help_secret_of_lines);
        findings.push(Finding::doubtful(about, said, remedy));
    }
    findings
}

pub(super) fn readable_by_others(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = fs::metadata(path).ok()?;
    let mode = Some(metadata)
        .filter(|file| !file.is_dir())?
        .permissions()
        .mode();
    let path = path.display();
    Some(match mode & 0o007 {
        0 => Finding::fine(phrase!(about_secret), phrase!(secret_private, path)),
        _ => Finding::doubtful(
            phrase!(about_secret),
            phrase!(secret_public, path = path.to_string()),
            format!("chmod 600 {path}"),
        ),
    })
}
