//! Files that replies name, where nobody can upload them.

use crate::i18n::phrase;
use crate::rules::RuleSet;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::sources::Sources;

/// For an account without an app secret.
pub(crate) fn without_app_secret(rules: &RuleSet, sources: &Sources) -> Option<Diagnostic> {
    let first = rules.media.values().min_by_key(|media| media.file)?;
    let message = phrase!(media_without_app_secret, path = first.path.display());
    let error = Diagnostic::error(sources.place_of(first), message);
    Some(error.help(phrase!(help_media_without_app_secret)))
}
