//! The rule files that `wxreply init` can begin with: those of the cookbook, and the dialogue. The
//! pages about them have them, in the language of the process.

use crate::i18n::Language;

pub(super) struct Example {
    pub(super) name: &'static str,
    english: &'static str,
    chinese: &'static str,
}

/// A file to be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ExampleFile {
    /// As seen from the folder of the rule file.
    pub(super) path: &'static str,
    pub(super) text: String,
}

macro_rules! page {
    ($name:literal, $page:literal) => {
        Example {
            name: $name,
            english: include_str!(concat!("../../../docs/", $page)),
            chinese: include_str!(concat!("../../../docs/zh/", $page)),
        }
    };
}

/// In the order of the book. The first is the default.
pub(super) const EXAMPLES: &[Example] = &[
    page!("welcome", "cookbook/welcome.md"),
    page!("default-answer", "cookbook/default-answer.md"),
    page!("quiet-events", "cookbook/quiet-events.md"),
    page!("maintenance", "cookbook/maintenance.md"),
    page!("faq", "cookbook/faq.md"),
    page!("synonyms", "cookbook/synonyms.md"),
    page!("code-word", "cookbook/code-word.md"),
    page!("two-languages", "cookbook/two-languages.md"),
    page!("order-number", "cookbook/order-number.md"),
    page!("menu-buttons", "cookbook/menu-buttons.md"),
    page!("tapped-links", "cookbook/tapped-links.md"),
    page!("qr-campaign", "cookbook/qr-campaign.md"),
    page!("articles-and-pictures", "cookbook/articles-and-pictures.md"),
    page!("voice-input", "cookbook/voice-input.md"),
    page!("nearest-shop", "cookbook/nearest-shop.md"),
    page!("office-hours", "cookbook/office-hours.md"),
    page!("customer-service", "cookbook/customer-service.md"),
    page!("repair-request", "cookbook/repair-request.md"),
    page!("preferences", "cookbook/preferences.md"),
    page!("lottery", "cookbook/lottery.md"),
    page!("booking", "dialogues.md"),
    page!("order-status", "cookbook/order-status.md"),
    page!("model-behind-keywords", "cookbook/model-behind-keywords.md"),
    page!("human-handover", "cookbook/human-handover.md"),
    page!("translation", "cookbook/translation.md"),
    page!("booking-form", "cookbook/booking-form.md"),
];

pub(super) const RULE_FILE: &str = "rules.yaml";

impl Example {
    pub(super) fn named(name: &str) -> Option<&'static Example> {
        EXAMPLES.iter().find(|example| example.name == name)
    }

    fn page(&self) -> &'static str {
        match Language::current() {
            Language::English => self.english,
            Language::Chinese => self.chinese,
        }
    }

    pub(super) fn title(&self) -> &'static str {
        let line = self.page().lines().next().unwrap_or_default();
        line.trim_start_matches("# ")
    }

    /// What the rule file includes comes before it.
    pub(super) fn files(&self) -> Vec<ExampleFile> {
        let mut files = Vec::new();
        let mut lines = self.page().lines();
        while let Some(line) = lines.next() {
            let path = match line.split_once(' ') {
                None if line == "```yaml" => RULE_FILE,
                Some(("```yaml", path)) => path,
                _ => continue,
            };
            let block = lines.by_ref().take_while(|line| *line != "```");
            let text = block.map(|line| format!("{line}\n")).collect();
            files.push(ExampleFile { path, text });
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_page_of_the_cookbook_is_an_example_and_has_one_rule_file() {
        let pages = std::fs::read_dir("docs/cookbook").unwrap();
        let mut names: BTreeSet<String> = pages
            .map(|page| page.unwrap().file_name().into_string().unwrap())
            .map(|name| name.trim_end_matches(".md").to_owned())
            .collect();
        names.insert("booking".to_owned());
        // It shows pictures, which are somebody's own.
        names.remove("pictures");
        let known: BTreeSet<String> = EXAMPLES.iter().map(|one| one.name.to_owned()).collect();
        assert_eq!(known, names);
        for example in EXAMPLES {
            let files = example.files();
            let rule_files = files.iter().filter(|file| file.path == RULE_FILE);
            assert_eq!(rule_files.count(), 1, "{}", example.name);
            assert_eq!(files.last().unwrap().path, RULE_FILE, "{}", example.name);
        }
    }
}
