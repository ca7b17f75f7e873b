//! Rules of the house that no compiler checks: layers, first lines, and one place for each
//! foreign crate. Reads the source as text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex::Regex;

/// Lowest first. A module uses only what stands on a line above its own; neighbours on one line
/// never see each other, but for the data types of the first.
const LAYERS: &[&[&str]] = &[
    &[
        "i18n",
        "lock",
        "log_limit",
        "media",
        "menu",
        "message",
        "moment",
        "own_thread",
        "reply",
        "service",
        "user",
        "waiting",
    ],
    &["wechat", "rules", "store", "metrics", "http_client"],
    &["accounts", "engine", "services", "wechat_api"],
    &["conversation"],
    &["case_runner", "case_writer", "import", "uploads"],
    &["report"],
    &["live_rules"],
    &["questions"],
    &["server", "properties"],
    &["cli"],
];

/// Where each foreign crate may be named; a folder ends with a slash.
const CRATES: &[(&str, &[&str])] = &[
    ("actix_http", &["server/listener.rs"]),
    ("actix_service", &["server/listener.rs"]),
    ("actix_tls", &["server/listener.rs"]),
    ("actix_web", &["server/"]),
    ("aes", &["wechat/envelope.rs"]),
    ("annotate_snippets", &["rules/diagnostic.rs"]),
    ("anstyle", &["cli/paint.rs"]),
    ("cbc", &["wechat/envelope.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("fluent_bundle", &["i18n/"]),
    ("glob", &["live_rules/"]),
    ("hmac", &["services/signature.rs", "wechat/credentials.rs"]),
    ("http_body_util", &["http_client/"]),
    ("hyper", &["http_client/"]),
    ("hyper_util", &["http_client/"]),
    ("notify", &["live_rules/"]),
    ("pretty_yaml", &["rules/format.rs"]),
    ("qrcodegen", &["cli/qr/"]),
    ("quick_xml", &["wechat/xml.rs"]),
    (
        "regex",
        &["rules/expression.rs", "rules/compile/patterns.rs"],
    ),
    ("regex_automata", &["rules/expression"]),
    (
        "rustls",
        &[
            "http_client/",
            "server/tls.rs",
            "server/tls/",
            "services/mod.rs",
        ],
    ),
    (
        "schemars",
        &[
            "accounts/file.rs",
            "accounts/schema.rs",
            "rules/file.rs",
            "rules/file/",
        ],
    ),
    ("libyaml_safer", &["rules/yaml/"]),
    (
        "serde",
        &[
            "accounts/file.rs",
            "import/console.rs",
            "live_rules/last_good.rs",
            "media.rs",
            "media/format.rs",
            "message.rs",
            "reply.rs",
            "rules/trial.rs",
            "rules/trial/",
            "rules/file.rs",
            "rules/dialogue.rs",
            "rules/file/",
            "rules/yaml/",
            "store/",
        ],
    ),
    ("serde_yaml", &["rules/yaml/"]),
    ("sqlx", &["store/"]),
    ("strsim", &["rules/nearest.rs"]),
    (
        "tokio",
        &[
            "cli/api_account.rs",
            "cli/asking.rs",
            "cli/doctor/services.rs",
            "http_client/",
            "own_thread.rs",
            "questions/",
            "server/databases.rs",
            "server/listener.rs",
            "server/metered_connection.rs",
            "server/mod.rs",
            "server/receipt.rs",
            "services/",
            "store/",
            "uploads/",
            "wechat_api/",
        ],
    ),
    ("tokio_rustls", &["http_client/"]),
    ("tower_service", &["http_client/connector.rs"]),
    ("webpki_roots", &["http_client/trust.rs"]),
    (
        "url",
        &["http_client/", "rules/compile/web_address.rs", "services/"],
    ),
    ("x509_cert", &["server/tls/certificate.rs"]),
];

/// One file of `src`, its tests cut off: they may name more.
struct Source {
    name: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut waiting: Vec<PathBuf> = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        let is_test = name.ends_with("/tests.rs") || name.contains("/tests/");
        if !name.ends_with(".rs") || is_test {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next();
        sources.push(Source {
            name: name.replace('\\', "/"),
            text: code.unwrap().to_owned(),
        });
    }
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(sources.len() > 40, "only {} files", sources.len());
    sources
}

impl Source {
    /// `rules` of `rules/mod.rs`, `engine` of `engine.rs`; nothing for the roots of the crate.
    fn module(&self) -> Option<&str> {
        let first = self.name.split('/').next().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first);
        Some(module).filter(|module| !["lib", "main"].contains(module))
    }

    /// Every word that stands before `::` in code, with whether `crate::` stands before it.
    fn paths(&self) -> impl Iterator<Item = (bool, &str)> {
        let code = self
            .text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        code.flat_map(|line| {
            line.match_indices("::").filter_map(move |(at, _)| {
                let before = line.get(..at)?;
                let start = before
                    .rfind(|letter: char| !letter.is_alphanumeric() && letter != '_')
                    .map_or(0, |found| found + 1);
                let word = before.get(start..)?;
                let outer = before.get(..start)?;
                if outer.ends_with("crate::") {
                    return Some((true, word));
                }
                (!outer.ends_with("::")).then_some((false, word))
            })
        })
    }

    /// The modules of this crate that it names, as paths or as a whole.
    fn modules_used(&self) -> BTreeSet<&str> {
        let paths = self.paths().filter(|(ours, _)| *ours);
        // `use crate::rules;`, `use crate::{engine, rules};`
        let whole = self.text.lines().filter_map(|line| {
            let list = line.trim().strip_prefix("use crate::")?.strip_suffix(';')?;
            (!list.contains("::")).then(|| list.trim_matches(['{', '}']).split(", "))
        });
        paths
            .map(|(_, module)| module)
            .chain(whole.flatten())
            .collect()
    }
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

#[test]
fn modules_use_only_the_layers_below_their_own() {
    let mut uses = 0;
    for source in sources() {
        let Some(module) = source.module() else {
            continue;
        };
        let own = layer(module);
        assert!(
            own.is_some(),
            "{module} has no layer; give it one in LAYERS"
        );
        for used in source.modules_used() {
            let Some(lower) = layer(used) else { continue };
            uses += 1;
            let data = lower == 0 && own == Some(0);
            assert!(
                used == module || data || Some(lower) < own,
                "src/{}: {module} must not use {used}",
                source.name
            );
        }
    }
    assert!(uses > 60, "only {uses} uses were seen");
}

/// So that a reader need not look up which of two types is meant. Each command has its own
/// `Arguments`.
#[test]
fn no_two_types_share_a_name() {
    let declared =
        Regex::new(r"(?m)^(?:pub(?:\(.+?\))? )?(?:struct|enum|trait|type) (\w+)").unwrap();
    let sources = sources();
    let mut places: BTreeMap<&str, &str> = BTreeMap::new();
    for Source { name, text } in &sources {
        for declaration in declared.captures_iter(text) {
            let (_, [declared]) = declaration.extract();
            if let Some(place) = places.insert(declared, name) {
                assert_eq!(declared, "Arguments", "in src/{place} and src/{name}");
            }
        }
    }
    assert!(places.len() > 400, "only {} types", places.len());
}

#[test]
fn imports_start_at_the_root() {
    let mut imports = 0;
    for Source { name, text } in sources() {
        imports += text.matches("use crate::").count();
        assert!(!text.contains("super::super"), "src/{name}: super::super");
    }
    assert!(imports > 150, "only {imports} imports were seen");
}

#[test]
fn every_file_opens_with_what_it_is() {
    for Source { name, text } in sources() {
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//! ") && first.len() > 20,
            "src/{name} opens with {first:?}"
        );
    }
}

#[test]
fn files_are_short() {
    for Source { name, text } in sources() {
        let lines = text.lines().count();
        assert!(lines <= 500, "src/{name} has {lines} lines");
    }
}

#[test]
fn each_foreign_crate_is_named_in_one_place() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let sources = sources();
    for source in &sources {
        // Tests may name more.
        if source.name.contains("/tests/") {
            continue;
        }
        for (name, homes) in CRATES {
            let derived = format!("use {name};");
            let named =
                source.paths().any(|path| path == (false, *name)) || source.text.contains(&derived);
            if !named {
                continue;
            }
            *seen.entry(name).or_default() += 1;
            let home = homes.iter().any(|home| source.name.starts_with(home));
            assert!(home, "src/{} names the crate {name}", source.name);
        }
    }
    let present = |home: &&str| sources.iter().any(|source| source.name.starts_with(*home));
    for (name, homes) in CRATES {
        let built = homes.iter().any(present);
        assert!(
            !built || seen.contains_key(name),
            "{name} was not seen at all"
        );
    }
    assert!(seen.len() >= 9, "only {seen:?}");
}

#[test]
fn the_architecture_page_names_only_modules_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(page) = std::fs::read_to_string(root.join("docs/architecture.md")) else {
        return;
    };
    // Words in code marks that look like a file or a folder of `src`.
    let named: Vec<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.ends_with(".rs") || (word.ends_with('/') && !word.contains(' ')))
        .collect();
    for word in &named {
        let here = root.join(word).exists() || root.join("src").join(word).exists();
        assert!(
            here,
            "docs/architecture.md names `{word}`, which is not there"
        );
    }
    assert!(named.len() > 10, "only {named:?}");
}
