//! How a secret stands in its file, and who can read it. Shows no secret.

use std::fs;
use std::path::Path;

use crate::cli::doctor::finding::Finding;
use crate::cli::secrets::BYTE_ORDER_MARK;
use crate::report;

/// What editors put into a file that is meant to have one word. Nothing where the file cannot be
/// read, which is said elsewhere.
pub(super) fn writing(about: &'static str, path: &Path) -> Vec<Finding> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let shown = path.display();
    let mut findings = Vec::new();
    if text.starts_with(BYTE_ORDER_MARK) {
        let said = format!("{shown} begins with a byte order mark; wxreply passes it over");
        let remedy = "save the file as UTF-8 without BOM: other programs take it for a part of it";
        findings.push(Finding::doubtful(about, said, remedy));
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    if lines > 1 {
        let lines = report::count(lines, "line");
        let said = format!("{shown} has {lines}, and each is taken for a {about}");
        let remedy = "that is for a change-over; otherwise leave in it one line with nothing else";
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
    let shown = path.display();
    Some(match mode & 0o007 {
        0 => Finding::fine("secret", format!("{shown} is not for everyone")),
        _ => Finding::doubtful(
            "secret",
            format!("everyone on this machine can read {shown}"),
            format!("chmod 600 {shown}"),
        ),
    })
}
