//! Checks that both YAML readers accept and refuse the same texts, with the same result; for tests
//! and fuzzing.

use serde::de::IgnoredAny;

use crate::rules::file::{RuleFile, SPELLING_LOST};
use crate::rules::yaml::prepared::with_joined_surrogates;
use crate::rules::yaml::tree::{MistakeReason, Tree};
use crate::rules::yaml::{Written, aliases};

/// Whether both accepted it as a rule file, or how they differ.
///
/// Only the tree refuses tags, too deep brackets and aliases of themselves, so it is asked first if
/// there may be any.
pub(crate) fn both_readers_agree(text: &str) -> Result<bool, String> {
    let joined = with_joined_surrogates(text);
    let is_yaml = serde_yaml::from_str::<IgnoredAny>(&joined);
    let mut tree = match (Tree::parse(text), is_yaml) {
        (Ok(tree), Ok(IgnoredAny)) => tree,
        (Err(error), Ok(IgnoredAny)) => {
            let refused = [
                MistakeReason::Tag,
                MistakeReason::TooDeep,
                MistakeReason::AliasOfItself,
            ];
            return match refused.contains(&error.reason) {
                true => Ok(false),
                false => Err(format!("only the stream takes it: {error:?}")),
            };
        }
        (Ok(_), Err(error)) => return Err(format!("only the tree takes it: {error}")),
        (Err(_), Err(_)) => return Ok(false),
    };
    // serde_yaml takes one anchor for another where two have one name, and is never asked to repeat
    // more than is allowed.
    if tree.repeats_a_name || aliases::multiplied(&tree).is_some() {
        return Ok(false);
    }
    let mut mistakes = Vec::new();
    let (read, _) = RuleFile::read_root(&mut tree, &mut mistakes);
    // To the tree the last line ends, whether its end is written or not.
    let ended = match joined.ends_with(['\n', '\r']) {
        true => joined,
        false => joined + "\n",
    };
    match serde_yaml::from_str::<RuleFile>(&ended) {
        Ok(_) if !mistakes.is_empty() => Err(format!("only the tree finds {mistakes:?}")),
        Ok(streamed) if format!("{streamed:?}") != format!("{read:?}") => {
            Err(format!("{streamed:?}\n{read:?}"))
        }
        Ok(_) => Ok(true),
        Err(error) => {
            let error = error.to_string();
            let is_limit = ["recursion limit", "repetition limit", SPELLING_LOST];
            match mistakes.is_empty() && !is_limit.iter().any(|limit| error.contains(limit)) {
                true => Err(format!("only the stream finds {error}")),
                false => Ok(false),
            }
        }
    }
}
