//! What is packaged and documented for operators holds for the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::authority::Authority;
use crate::requirements;
use crate::server::Server;
use crate::support::Folder;
use crate::{admin, agency, http, support, tls};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Words that are names of metrics, without what a histogram adds to its name.
fn metrics(text: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.split(|letter| !is_name(letter))
        .filter(|word| word.starts_with("wxreply_") || word.starts_with("process_"))
        .map(|word| {
            let endings = ["_bucket", "_count", "_sum"];
            let bare = endings.iter().find_map(|ending| word.strip_suffix(ending));
            bare.unwrap_or(word).to_owned()
        })
        .collect()
}

/// The pages of a server on which everything has happened once, and of one that speaks TLS.
fn page() -> String {
    let rules = "rules:\n  - { name: all, set: { k: v }, reply: hello }\n";
    let folder = Folder::with(&[("rules.yaml", rules), ("taken", "no folder")]);
    let arguments = ["--admin", "127.0.0.1:0", "--database", "sqlite:taken/db"];
    let server = Server::start(&folder, &arguments);
    assert_eq!(server.says("o1", "x"), "");
    let refused = http::request(server.address(), "GET", "/", b"").unwrap();
    assert_eq!(refused.status, 404);
    folder.write("rules.yaml", rules.replace(" set: { k: v },", ""));
    admin::reload(admin::operators(&server));
    assert_eq!(server.says("o1", "x"), "hello");
    let page = admin::get(admin::operators(&server), "/metrics");
    Authority::new().certify_until(2100).write(&folder);
    let arguments = [&arguments[..], &tls::FLAGS].concat();
    let encrypting = Server::start(&folder, &arguments);
    let more = admin::get(admin::operators(&encrypting), "/metrics");
    let agency = agency::folder(&["books"]);
    let (_several, operator) = agency::start(&agency, &[]);
    let several = admin::get(operator, "/metrics");
    let (asking, late) = (
        asking(),
        crate::asking::pushing::metrics_after_a_late_answer(),
    );
    let pages = [&page, &more, &several, &asking, &late].map(|page| page.text());
    pages.concat()
}

/// The page of a server whose rule asked a service that nobody reaches.
fn asking() -> http::Said {
    let rules = "services: { shop: { url: 'http://127.0.0.1:1/', retries: 0 } }\n\
                 rules: [{ name: ask, ask: shop, failed: nobody }]\n";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    let arguments = ["--admin", "127.0.0.1:0", "--allow", "127.0.0.1:1"];
    let server = Server::start(&folder, &arguments);
    assert_eq!(server.says("o1", "x"), "nobody");
    admin::get(admin::operators(&server), "/metrics")
}

#[test]
fn every_metric_that_is_documented_or_watched_is_there_and_documented() {
    let samples =
        page()
            .lines()
            .filter(|line| !line.starts_with('#'))
            .fold(String::new(), |names, line| {
                let end = line.find(['{', ' ']).unwrap();
                names + line.get(..end).unwrap() + "\n"
            });
    let there = metrics(&samples);
    assert!(there.len() >= 20, "{there:?}");
    for path in ["docs/operating.md", "docs/zh/operating.md"] {
        assert_eq!(metrics(&read(path)), there, "{path}");
    }
    for path in [
        "packaging/prometheus/alerts.yaml",
        "packaging/grafana/dashboard.json",
    ] {
        let watched = metrics(&read(path));
        assert!(watched.len() >= 5, "{path}: {watched:?}");
        let strange: Vec<&String> = watched.difference(&there).collect();
        assert!(strange.is_empty(), "{path}: {strange:?}");
    }
}

#[test]
fn alerts_fire_when_they_should_as_prometheus_itself_sees_it() {
    let mut promtool = Command::new("promtool");
    promtool
        .args(["test", "rules", "alerts_test.yaml"])
        .current_dir(root().join("packaging/prometheus"));
    match promtool.output() {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => requirements::absent("promtool", error),
    }
}

/// Every file under `packaging`, with its path.
pub fn packaged() -> Vec<(PathBuf, String)> {
    let mut waiting = vec![root().join("packaging")];
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        match fs::read_dir(&path) {
            Ok(entries) => waiting.extend(entries.map(|entry| entry.unwrap().path())),
            Err(_) => files.push((path.clone(), fs::read_to_string(&path).unwrap())),
        }
    }
    files
}

fn variables(text: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words = text.split(|letter| !is_name(letter));
    words
        .filter(|word| word.starts_with("WXREPLY_") && word.len() > 8)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_variable_that_a_packaged_file_sets_is_one_of_the_server() {
    let help = support::program(&["serve", "--help"]).output().unwrap();
    let known = variables(&String::from_utf8(help.stdout).unwrap());
    let mut named = 0;
    for (path, text) in packaged() {
        for variable in variables(&text) {
            assert!(known.contains(&variable), "{}: {variable}", path.display());
            named += 1;
        }
    }
    assert!(named > 12, "only {named}");
}

#[test]
fn the_systemd_unit_gives_away_as_little_as_is_said() {
    let mut analyze = Command::new("systemd-analyze");
    analyze
        .args(["security", "--offline=true", "--threshold=15"])
        .arg(root().join("packaging/systemd/wxreply.service"));
    match analyze.output() {
        // Beyond the threshold, which is in tenths, it fails.
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        ),
        Err(error) => requirements::absent("systemd-analyze", error),
    }
}
