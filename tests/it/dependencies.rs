//! Every crate that `Cargo.toml` names stands in the page that says why, and no other does.

use std::collections::BTreeSet;
use std::fs;

use regex::Regex;

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

/// The fuzz targets are built by hand and now and then, so nothing else would tell.
#[test]
fn the_lock_of_the_fuzz_targets_has_the_dependencies_of_today() {
    let (manifest, lock) = (read("Cargo.toml"), read("fuzz/Cargo.lock"));
    let mut packages = lock.split("[[package]]\n");
    let package = packages.find(|package| package.starts_with("name = \"wxreply\"\n"));
    let lines = package.unwrap().lines();
    let quoted = lines.filter_map(|line| line.strip_prefix(" \""));
    // A version stands behind the name where the lock has several.
    let locked = quoted.filter_map(|line| line.split([' ', '"']).next());

    let mut named_here = named(&manifest, "[dependencies]");
    named_here.extend(named(&manifest, "[build-dependencies]"));
    assert_eq!(
        locked.map(str::to_owned).collect::<BTreeSet<_>>(),
        named_here,
        "run `cargo update --workspace` in fuzz"
    );
}

/// The files of `src` without their tests and comments, named from there.
fn sources() -> Vec<(String, String)> {
    let home = root().join("src");
    let mut waiting = vec![home.clone()];
    let mut sources = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let name = path
            .strip_prefix(&home)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let test = ["/tests.rs", "/tests/", "properties.rs"];
        if !name.ends_with(".rs") || test.iter().any(|test| name.contains(test)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        sources.push((name, lines.collect::<Vec<_>>().join("\n")));
    }
    sources
}

#[test]
fn each_dependency_is_used_where_the_page_says_and_nowhere_else() {
    let page = read("docs/dependencies.md");
    let lines = page.lines().skip_while(|line| *line != "## In the program");
    let rows = lines.take_while(|line| *line != "## In tests and benchmarks only");
    let sources = sources();
    let mut checked = 0;
    for row in rows.filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split(" | ").collect();
        let code = |cell: &str| -> Vec<String> {
            cell.split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect()
        };
        let places = code(cells.last().unwrap());
        for name in code(cells[0]).iter().filter(|_| !places.is_empty()) {
            let word = name.replace('-', "_");
            let named = Regex::new(&format!(r"(?m)(^|[^\w:]){word}::|^use {word};")).unwrap();
            let users = sources.iter().filter(|(_, text)| named.is_match(text));
            let users: Vec<&String> = users.map(|(user, _)| user).collect();
            for user in &users {
                let listed = places.iter().any(|place| user.starts_with(place.as_str()));
                assert!(listed, "{name} is used in src/{user}, too");
            }
            for place in &places {
                let used = users.iter().any(|user| user.starts_with(place.as_str()));
                assert!(used, "{name} is not used in {place}");
            }
            checked += 1;
        }
    }
    assert!(checked > 25, "only {checked}");
}
