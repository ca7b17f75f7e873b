//! The messages of each language, read when the first one is needed.

use std::sync::LazyLock;

use fluent_bundle::FluentArgs;
use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use unic_langid::LanguageIdentifier;

use crate::i18n::Language;
use crate::i18n::messages::FILES;

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
static CHINESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Chinese));

/// The text of a message; its id, should there be none.
pub(super) fn text(language: Language, id: &str, arguments: &FluentArgs) -> String {
    let bundle = match language {
        Language::English => &*ENGLISH,
        Language::Chinese => &*CHINESE,
    };
    let pattern = bundle.get_message(id).and_then(|message| message.value());
    match pattern {
        // What is wrong in a pattern is found by the tests; here the rest of it is shown.
        Some(pattern) => bundle
            .format_pattern(pattern, Some(arguments), &mut Vec::new())
            .into_owned(),
        None => id.to_owned(),
    }
}

fn bundle(language: Language) -> Bundle {
    let tag = match language {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    };
    let tag: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Marks around arguments are for texts that run from right to left.
    bundle.set_use_isolating(false);
    for file in FILES {
        let text = match language {
            Language::English => file.english,
            Language::Chinese => file.chinese,
        };
        let resource = FluentResource::try_new(text.to_owned());
        let resource = resource.unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
    }
    bundle
}
