//! The account under test as one of many: with `WXREPLY_TEST_ACCOUNTS=100` every server that a test
//! describes by flags gets an accounts file that says the same, among ninety-nine others.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

/// How many accounts there are; without it, flags are taken as they are.
const ACCOUNTS: &str = "WXREPLY_TEST_ACCOUNTS";

/// What the account under test is called.
const NAME: &str = "tested";

/// In the folder of a test, the id of its account: what is stored of it belongs to it alone, also
/// on a database of several tests.
pub const ID: &str = "account-id";

/// How the names of an accounts file and what belongs to it begin.
pub const FILES: &str = ".accounts-";

/// What the others answer; none of the tests may ever hear it.
const NEIGHBOUR: &str = "\
rules: [{ name: all, when: { type: text }, reply: a neighbour }]
tests: [{ name: all, send: x, expect: { reply: a neighbour } }]
";

fn accounts() -> Option<usize> {
    let count = env::var(ACCOUNTS).ok()?;
    Some(count.parse().unwrap())
}

/// The arguments of a server that answers for the account of these among others; as they are where
/// they describe none.
pub fn arguments(folder: &Path, flags: &[&str]) -> Vec<String> {
    let flags: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
    match accounts() {
        Some(count) if flags.iter().any(|flag| flag == "--token") => {
            in_a_file(folder, count, flags)
        }
        _ => flags,
    }
}

/// What the operator's listener has for each account.
const OF_AN_ACCOUNT: &[&str] = &[
    "/",
    "/ask",
    "/case",
    "/readyz",
    "/reload",
    "/rules",
    "/try",
    "/warnings",
];

/// Where the operator's listener has a page about the account.
pub fn target(target: &str) -> String {
    match accounts() {
        Some(_) if OF_AN_ACCOUNT.contains(&target) => format!("{target}?account={NAME}"),
        _ => target.to_owned(),
    }
}

/// As the operator's listener names a series of the account.
pub fn series(name: &str) -> String {
    match (accounts(), name.split_once('{')) {
        (None, _) => name.to_owned(),
        (_, Some((family, labels))) => format!("{family}{{account=\"{NAME}\",{labels}"),
        (_, None) => format!("{name}{{account=\"{NAME}\"}}"),
    }
}

/// Where the last good rules of the account are kept, of what `--last-good` says.
pub fn last_good(file: &str) -> String {
    match accounts() {
        Some(_) => format!("{file}.{NAME}"),
        None => file.to_owned(),
    }
}

fn in_a_file(folder: &Path, count: usize, flags: Vec<String>) -> Vec<String> {
    // Replicas of one folder may be told different things.
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let own = format!("{FILES}{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let write = |name: &str, text: &str| {
        fs::create_dir_all(folder.join(&own)).unwrap();
        fs::write(folder.join(&own).join(name), text).unwrap();
    };
    let (mut left, mut entry, mut allow) = (Vec::new(), String::new(), Vec::new());
    let (mut path, mut rules, mut secrets) = ("/wx_flask".to_owned(), "rules.yaml".to_owned(), 0);
    let mut names = [
        ("token", Vec::new()),
        ("aes_key", Vec::new()),
        ("app_secret", Vec::new()),
    ];
    let mut flags = flags.into_iter();
    while let Some(flag) = flags.next() {
        let mut value = || flags.next().unwrap();
        match flag.as_str() {
            "--path" => path = value(),
            "--rules" => rules = value(),
            "--allow" => allow.push(value()),
            "--mode" => write!(entry, ", mode: {}", value()).unwrap(),
            "--app-id" => write!(entry, ", app_id: {}", value()).unwrap(),
            "--token" | "--aes-key" | "--app-secret" => {
                let key = flag.trim_start_matches('-').replace('-', "_");
                let name = format!("secret-{secrets}");
                write(&name, &value());
                let of_key = names.iter_mut().find(|(it, _)| *it == key);
                of_key.unwrap().1.push(name);
                secrets += 1;
            }
            _ => left.push(flag),
        }
    }
    for (key, names) in names.iter().filter(|(_, names)| !names.is_empty()) {
        let named = match names.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        write!(entry, ", {key}: {named}").unwrap();
    }
    if let Ok(id) = fs::read_to_string(folder.join(ID)) {
        write!(entry, ", id: {id}").unwrap();
    }
    let (allow, token) = (allow.join(", "), &names[0].1[0]);
    let mut file = format!("secrets: {own}\nallow: [{allow}]\naccounts:\n");
    for number in 1..count {
        if number == count / 2 {
            writeln!(file, "  {NAME}: {{ path: {path}, rules: {rules}{entry} }}").unwrap();
        }
        writeln!(
            file,
            "  n{number}: {{ path: /n/{number}, rules: {own}/rules.yaml, token: {token} }}"
        )
        .unwrap();
    }
    write("rules.yaml", NEIGHBOUR);
    write("accounts.yaml", &file);
    fs::rename(
        folder.join(&own).join("accounts.yaml"),
        folder.join(format!("{own}.yaml")),
    )
    .unwrap();
    left.extend(["--accounts".to_owned(), format!("{own}.yaml")]);
    left
}
