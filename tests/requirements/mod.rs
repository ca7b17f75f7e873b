//! What tests need that not every machine has. A test that cannot run says so here: it passes, and
//! stands in the list that ends the run (`tests/summary.rs`), or fails if `WXREPLY_TEST_REQUIRE`
//! names what is absent: `WXREPLY_TEST_REQUIRE=postgres,mysql,browser`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::{env, thread};

/// What can be required, and what it is.
pub(crate) const KNOWN: [(&str, &str); 21] = [
    ("browser", "chromium and chromedriver"),
    ("caddy", "the reverse proxy"),
    ("curl", "a client for the reverse proxies"),
    ("editors", "programs that save files in ways of their own"),
    ("faketime", "a library that shows a program another time"),
    ("kubectl", "for `kubectl kustomize`"),
    ("llmock", "a server of language models, from PyPI"),
    (
        "mounts",
        "root, and a kernel that mounts file systems of files",
    ),
    ("mysql", "a server whose URL is in WXREPLY_TEST_MYSQL"),
    ("namespaces", "a kernel that makes namespaces of processes"),
    ("nginx", "the reverse proxy"),
    ("node", "for the webhook in the documents"),
    ("openssl", "keys and certificates"),
    ("pgbouncer", "the connection pooler"),
    ("postgres", "a server whose URL is in WXREPLY_TEST_POSTGRES"),
    (
        "postgres-binaries",
        "initdb and postgres, for a server that a test may stop",
    ),
    ("promtool", "tests of Prometheus' alerts"),
    ("python3", "for the webhook in the documents"),
    ("script", "a terminal"),
    ("systemd-analyze", "what the systemd unit gives away"),
    ("wechatpy", "python3 with wechatpy and cryptography"),
];

/// Says that the running test, or a part of it, does not run. Fails if it has to.
#[track_caller]
pub(crate) fn absent(what: &str, why: impl Display) {
    assert!(is_known(what), "{what} is not among the known requirements");
    assert!(!required().contains(what), "{what} is required: {why}");
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    let why = why.to_string().replace(['\t', '\n'], " ");
    let file = OpenOptions::new().create(true).append(true).open(file());
    let written =
        file.and_then(|mut file| file.write_all(format!("{what}\t{test}\t{why}\n").as_bytes()));
    assert!(
        written.is_ok(),
        "cannot note that a test did not run: {written:?}"
    );
}

/// The server of this kind that the environment names.
#[track_caller]
pub(crate) fn server(what: &str, variable: &str) -> Option<String> {
    let url = env::var(variable).ok();
    if url.is_none() {
        absent(what, format!("{variable} is not set"));
    }
    url
}

/// Where this run of all tests notes what does not run: cargo starts every test binary.
pub(crate) fn file() -> PathBuf {
    let run = std::os::unix::process::parent_id();
    env::temp_dir().join(format!("wxreply-tests-not-run-{run}"))
}

/// What is noted there, for people.
pub(crate) fn list(noted: &str) -> String {
    let mut absent: BTreeMap<&str, (BTreeSet<&str>, &str)> = BTreeMap::new();
    for line in noted.lines() {
        let mut parts = line.splitn(3, '\t');
        if let (Some(what), Some(test), Some(why)) = (parts.next(), parts.next(), parts.next()) {
            absent
                .entry(what)
                .or_insert((BTreeSet::new(), why))
                .0
                .insert(test);
        }
    }
    if absent.is_empty() {
        return "every test had what it needs\n".to_owned();
    }
    let mut text = "not run, because this machine lacks something:\n".to_owned();
    for (what, (tests, why)) in &absent {
        let tests = match tests.len() {
            1 => "1 test".to_owned(),
            several => format!("{several} tests"),
        };
        let _ = writeln!(text, "  {what:17}  {tests:8}  {why}");
    }
    let names: Vec<&str> = absent.into_keys().collect();
    let _ = writeln!(
        text,
        "to fail instead: WXREPLY_TEST_REQUIRE={}",
        names.join(",")
    );
    text
}

/// Names in `WXREPLY_TEST_REQUIRE` that mean nothing: what they are for would not be required.
pub(crate) fn unknown() -> Vec<String> {
    required()
        .into_iter()
        .filter(|what| !is_known(what))
        .collect()
}

fn required() -> BTreeSet<String> {
    let list = env::var("WXREPLY_TEST_REQUIRE").unwrap_or_default();
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn is_known(what: &str) -> bool {
    KNOWN.iter().any(|(name, _)| *name == what)
}
