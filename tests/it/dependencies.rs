//! Every crate that `Cargo.toml` names stands in the page that says why, and no other does.

use std::collections::BTreeSet;
use std::fs;

use crate::pages::root;

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The names in this section of `Cargo.toml`.
fn named(manifest: &str, section: &str) -> BTreeSet<String> {
    let lines = manifest.lines().skip_while(|line| *line != section);
    let lines = lines.skip(1).take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split_once([' ', '=']));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// The crates in the first column of the table under this heading.
fn explained(page: &str, heading: &str) -> BTreeSet<String> {
    let lines = page.lines().skip_while(|line| *line != heading);
    let lines = lines.skip(1).take_while(|line| !line.starts_with('#'));
    let rows = lines.filter(|line| line.starts_with("| `"));
    let firsts = rows.filter_map(|row| row.split('|').nth(1));
    firsts
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_dependency_has_its_reason_and_each_reason_its_dependency() {
    let (manifest, page) = (read("Cargo.toml"), read("docs/dependencies.md"));
    for (section, heading, least) in [
        ("[dependencies]", "## In the program", 30),
        ("[dev-dependencies]", "## In tests and benchmarks only", 3),
    ] {
        let named = named(&manifest, section);
        assert!(named.len() > least, "{named:?}");
        assert_eq!(explained(&page, heading), named, "{heading}");
    }
}
