//! `wxreply explain`: what the code of an error or a warning means. The pages about them have it.

use crate::cli::{Exit, fail};
use crate::i18n::{Language, phrase};
use crate::rules::nearest::nearest;

const ENGLISH: &str = include_str!("../../docs/diagnostics.md");
const CHINESE: &str = include_str!("../../docs/zh/diagnostics.md");

/// Explain the code of an error or a warning, with an example
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Such as unknown-key; without it, all codes are listed
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let page = match Language::current() {
        Language::English => ENGLISH,
        Language::Chinese => CHINESE,
    };
    let sections = sections(page);
    let Some(code) = &arguments.code else {
        print!("{}", list(&sections));
        return Exit::Success;
    };
    if let Some(section) = sections.iter().find(|section| section.code == Some(code)) {
        println!("{}", section.shown());
        return Exit::Success;
    }
    let codes = sections.iter().filter_map(|section| section.code);
    fail(&match nearest(code, codes) {
        Some(meant) => phrase!(no_such_code_but, code, meant),
        None => phrase!(no_such_code, code),
    })
}

/// What stands below one heading. Only codes have a heading of the third level.
struct PageSection<'p> {
    title: &'p str,
    code: Option<&'p str>,
    lines: Vec<&'p str>,
}

fn sections(page: &str) -> Vec<PageSection<'_>> {
    let mut sections: Vec<PageSection> = Vec::new();
    let mut is_example = false;
    for line in page.lines() {
        is_example ^= line.starts_with("```");
        match line.split_once("# ") {
            Some(("##", code)) if !is_example => sections.push(PageSection {
                title: line,
                code: Some(code),
                lines: Vec::new(),
            }),
            Some(("#", title)) if !is_example => sections.push(PageSection {
                title,
                code: None,
                lines: Vec::new(),
            }),
            _ => {
                if let Some(section) = sections.last_mut() {
                    section.lines.push(line);
                }
            }
        }
    }
    sections
}

impl PageSection<'_> {
    /// As on the page, with examples indented instead of fenced.
    fn shown(&self) -> String {
        let mut shown = String::new();
        let mut is_example = false;
        for line in &self.lines {
            if line.starts_with("```") {
                is_example = !is_example;
                continue;
            }
            if is_example && !line.is_empty() {
                shown.push_str("    ");
            }
            shown.push_str(line);
            shown.push('\n');
        }
        shown.trim_matches('\n').to_owned()
    }

    fn first_sentence(&self) -> &str {
        let text = self.lines.iter().find(|line| !line.is_empty());
        let text = text.copied().unwrap_or_default();
        let ends = [". ", "。"].map(|end| text.find(end).map(|at| at + end.trim_end().len()));
        let end = ends.into_iter().flatten().min().unwrap_or(text.len());
        text.get(..end).unwrap_or(text)
    }
}

fn list(sections: &[PageSection]) -> String {
    let codes = sections.iter().filter_map(|section| section.code);
    let width = codes.map(str::len).max().unwrap_or_default();
    let mut list = String::new();
    for section in sections {
        match section.code {
            Some(code) => {
                list.push_str(&format!("  {code:width$}  {}\n", section.first_sentence()));
            }
            None if list.is_empty() => list.push_str(&format!("{}\n", section.title)),
            None => list.push_str(&format!("\n{}\n", section.title)),
        }
    }
    list
}
