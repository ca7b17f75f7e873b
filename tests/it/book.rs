//! The book: every page under `docs` is a chapter, no chapter leads out of it, and the recipes of
//! the cookbook are the same in both languages. Needs no mdBook.

use std::path::Path;

use crate::pages::{Page, follow, pages, root};

const SUMMARIES: [&str; 2] = ["docs/SUMMARY.md", "docs/zh/SUMMARY.md"];

fn read(name: &str) -> Page {
    Page {
        text: std::fs::read_to_string(root().join(name)).unwrap(),
        name: name.to_owned(),
    }
}

/// The titles and pages that a summary lists, in order.
fn chapters(summary: &str) -> Vec<(String, String)> {
    let summary = read(summary);
    let titles = summary.prose().filter_map(|line| line.split_once("]("));
    let titles = titles.filter_map(|(before, _)| before.split_once('['));
    let pages = summary.links().map(|target| follow(&summary.name, target));
    titles
        .zip(pages)
        .map(|((_, title), page)| (title.to_owned(), page.to_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn every_page_is_a_chapter_under_its_own_heading() {
    let mut listed: Vec<String> = Vec::new();
    for summary in SUMMARIES {
        for (title, page) in chapters(summary) {
            let heading = format!("# {title}");
            let text = read(&page).text;
            let first = text.lines().next().unwrap();
            assert!(
                first == heading || page.ends_with("/introduction.md"),
                "{summary}: {page} begins with {first}"
            );
            listed.push(page);
        }
    }
    listed.sort();
    let mut written: Vec<String> = pages().into_iter().map(|page| page.name).collect();
    written.retain(|name| name.starts_with("docs/") && name != "docs/zh/README.md");
    written.sort();
    assert_eq!(
        listed, written,
        "chapters of the book, and pages under docs"
    );
}

#[test]
fn no_chapter_leads_out_of_the_book() {
    let chapters: Vec<String> = SUMMARIES
        .iter()
        .flat_map(|summary| chapters(summary))
        .map(|(_, page)| page)
        .collect();
    let mut followed = 0;
    for chapter in chapters.iter().map(|name| read(name)) {
        let within = chapter.links().filter(|target| !target.contains("://"));
        for target in within {
            let file = target.split('#').next().unwrap();
            if file.is_empty() {
                continue;
            }
            let path = follow(&chapter.name, file);
            let page = chapters.iter().any(|known| Path::new(known) == path);
            let shown = path.starts_with("docs") && path.extension() != Some("md".as_ref());
            assert!(page || shown, "{}: {target}", chapter.name);
            followed += 1;
        }
    }
    assert!(followed > 100, "only {followed} links found");
}

#[test]
fn the_cookbook_lists_its_recipes_in_the_order_of_the_book() {
    for (summary, cookbook) in SUMMARIES.iter().zip(["docs", "docs/zh"]) {
        let page = read(&format!("{cookbook}/cookbook.md"));
        let listed = page
            .links()
            .filter(|target| target.starts_with("cookbook/"));
        let listed: Vec<String> = listed
            .map(|target| format!("{cookbook}/{target}"))
            .collect();
        let mut recipes = chapters(summary);
        recipes.retain(|(_, page)| page.starts_with(&format!("{cookbook}/cookbook/")));
        let recipes: Vec<String> = recipes.into_iter().map(|(_, page)| page).collect();
        assert_eq!(listed, recipes);
        assert_eq!(recipes.len(), 26);
    }
}

/// A rule file without the names of its tests, which are in the language of the page.
fn without_test_names(rule_file: &str) -> String {
    let mut tests = false;
    let lines = rule_file.lines().filter(|line| {
        tests |= *line == "tests:";
        !(tests && line.starts_with("  - name: "))
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_recipe_is_the_same_in_both_languages() {
    let mut compared = 0;
    for (_, page) in chapters(SUMMARIES[0]) {
        let Some(recipe) = page.strip_prefix("docs/cookbook/") else {
            continue;
        };
        let (english, chinese) = (read(&page), read(&format!("docs/zh/cookbook/{recipe}")));
        let files = |page: &Page| -> Vec<String> {
            let blocks = page.blocks().into_iter();
            let blocks = blocks.filter(|block| block.info.starts_with("yaml"));
            blocks
                .map(|block| without_test_names(&block.text))
                .collect()
        };
        assert_eq!(files(&english), files(&chinese), "{recipe}");
        compared += 1;
    }
    assert_eq!(compared, 26);
}
