//! The samples for Compose and Kubernetes fit together, in plain mode and in secure mode.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;
use wxreply::wechat::{Mode, push};

use crate::operating::packaged;
use crate::pages::root;
use crate::requirements;
use crate::server::Server;
use crate::support::Folder;
use crate::{admin, wechat};

/// What whoever follows packaging/README.md puts beside the samples.
const SECRETS: [(&str, &str); 3] = [
    ("token", wechat::TOKEN),
    ("database", "sqlite:wxreply.db"),
    ("aes-key", wechat::AES_KEY),
];

/// Both samples require tests.
const RULES: &str = "\
rules:
  - { name: all, reply: hello }
tests:
  - { name: answers, send: x, expect: { rule: all } }
";

/// A folder in which the secrets are where a container has them.
fn container() -> Folder {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for (name, text) in SECRETS {
        folder.write(name, text);
    }
    folder
}

/// A server with the variables of a sample takes messages of this mode, and of no other.
#[track_caller]
fn speaks(folder: &Folder, variables: &BTreeMap<String, String>, mode: Mode) {
    let set: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let arguments = ["--admin", "127.0.0.1:0", "--rules", "rules.yaml"];
    let server = Server::start_with(folder.path(), &arguments, &set);
    let xml = push::message_xml(&wechat::text("o1", "x"));
    for sent in [Mode::Plain, Mode::Secure] {
        let said = server.post(&wechat::sealed(&wechat::credentials(sent), &xml));
        let status = if sent == mode { 200 } else { 403 };
        assert_eq!(said.status, status, "{sent:?} {variables:?}");
    }
    for path in ["/healthz", "/readyz"] {
        let said = admin::get_exactly(admin::operators(&server), path);
        assert_eq!(said.status, 200);
    }
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// A variable of Compose without a value in `.env`: its default, or for the one without a
/// default what the account has.
fn substituted(value: &str) -> String {
    let Some(inner) = value.strip_prefix("${").and_then(|v| v.strip_suffix('}')) else {
        return value.to_owned();
    };
    match inner.split_once(":-") {
        Some((_, default)) => default.to_owned(),
        None => {
            assert!(inner.starts_with("WXREPLY_APP_ID:?"), "{value}");
            wechat::APP_ID.to_owned()
        }
    }
}

#[test]
fn the_replicas_of_compose_speak_plain_and_with_the_second_file_secure() {
    let read = |name: &str| fs::read_to_string(root().join("packaging/compose").join(name));
    let files = ["compose.yaml", "secure.yaml"].map(|name| yaml(&read(name).unwrap()));
    let folder = container();
    for (taken, mode) in [(1, Mode::Plain), (2, Mode::Secure)] {
        for replica in ["wxreply-1", "wxreply-2"] {
            let mut variables = BTreeMap::new();
            let mut secrets = Vec::new();
            // Compose puts the later file over the earlier one, and its lists behind.
            for file in &files[..taken] {
                let service = &file["services"][replica];
                for (name, value) in service["environment"].as_object().unwrap() {
                    let value = substituted(value.as_str().unwrap());
                    variables.insert(name.clone(), value.replace("/run/secrets/", ""));
                }
                for secret in service["secrets"].as_array().unwrap() {
                    let from = &file["secrets"][secret.as_str().unwrap()]["file"];
                    let name = secret.as_str().unwrap().to_owned();
                    assert_eq!(*from, format!("secrets/{name}"));
                    secrets.push(name);
                }
            }
            for (name, value) in &variables {
                let is_there = !name.ends_with("_FILE") || secrets.contains(value);
                assert!(is_there, "{name} is no secret of {replica}");
            }
            speaks(&folder, &variables, mode);
        }
    }
}

/// One of what `kubectl kustomize` makes of the folder, by its kind.
fn made<'m>(manifests: &'m [Value], kind: &str) -> &'m Value {
    let mut of_kind = manifests.iter().filter(|one| one["kind"] == kind);
    of_kind.next().unwrap_or_else(|| panic!("no {kind}"))
}

/// What `kubectl kustomize` makes of the samples; nothing without kubectl.
fn kustomized(mode: Mode) -> Option<Vec<Value>> {
    let folder = container();
    let home = root().join("packaging/kubernetes");
    for (path, text) in packaged() {
        if let Ok(name) = path.strip_prefix(&home) {
            folder.write(name.to_str().unwrap(), text);
        }
    }
    if mode == Mode::Secure {
        folder.write("secure/aes-key", wechat::AES_KEY);
        folder.write("secure/app-id", wechat::APP_ID);
        let path = folder.path().join("kustomization.yaml");
        let text = fs::read_to_string(&path).unwrap();
        let switched = text.replace("# components:", "components:");
        assert_ne!(switched, text);
        fs::write(path, switched).unwrap();
    }
    built(&folder)
}

fn built(folder: &Folder) -> Option<Vec<Value>> {
    let mut kubectl = Command::new("kubectl");
    let output = match kubectl.arg("kustomize").arg(folder.path()).output() {
        Ok(output) => output,
        Err(error) => {
            requirements::absent("kubectl", error);
            return None;
        }
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let documents = serde_yaml::Deserializer::from_slice(&output.stdout);
    let manifests = documents.map(|one| Value::deserialize(one).unwrap());
    Some(manifests.collect())
}

/// The variables of the container, with the paths of the container made those of the folder.
fn variables(container: &Value, secret: &Value) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for variable in container["env"].as_array().unwrap() {
        let name = variable["name"].as_str().unwrap();
        let value = match variable.get("value") {
            Some(value) => value.as_str().unwrap(),
            None => {
                let from = &variable["valueFrom"]["secretKeyRef"];
                assert_eq!(from["name"], secret["metadata"]["name"]);
                assert_eq!(from["key"], "app-id");
                wechat::APP_ID
            }
        };
        let value = match value.strip_prefix("/run/secrets/wxreply/") {
            Some(key) => {
                assert!(secret["data"].get(key).is_some(), "no {key} in the secret");
                key
            }
            None => value,
        };
        variables.insert(name.to_owned(), value.to_owned());
    }
    variables
}

#[test]
fn the_kubernetes_manifests_fit_together_in_either_mode() {
    for mode in [Mode::Plain, Mode::Secure] {
        let Some(manifests) = kustomized(mode) else {
            return;
        };
        assert_eq!(manifests.len(), 7);
        let pod = &made(&manifests, "Deployment")["spec"]["template"];
        let volumes = pod["spec"]["volumes"].as_array().unwrap();
        let secret = made(&manifests, "Secret");
        let rules = &made(&manifests, "ConfigMap")["metadata"]["name"];
        assert_eq!(rules, "wxreply-rules", "it keeps its name, and so its pods");
        let names = |name: &Value| {
            let mut sources = volumes.iter();
            sources.any(|one| {
                one["secret"]["secretName"] == *name || one["configMap"]["name"] == *name
            })
        };
        let is_mounted = names(&secret["metadata"]["name"]) && names(rules);
        assert!(is_mounted, "{volumes:?}");
        for kind in ["Service", "PodDisruptionBudget", "NetworkPolicy"] {
            let spec = &made(&manifests, kind)["spec"];
            let mut chosen = [
                "/selector",
                "/selector/matchLabels",
                "/podSelector/matchLabels",
            ]
            .iter()
            .filter_map(|place| spec.pointer(place)?.get("app"));
            assert_eq!(chosen.next(), pod.pointer("/metadata/labels/app"), "{kind}");
        }
        let container = &pod["spec"]["containers"][0];
        let probed = ["livenessProbe", "readinessProbe"].map(|probe| {
            let path = &container[probe]["httpGet"]["path"];
            path.as_str().unwrap()
        });
        assert_eq!(probed, ["/healthz", "/readyz"]);
        speaks(&self::container(), &variables(container, secret), mode);
    }
}

const ACCOUNTS: &str = "\
accounts:
  书店: { path: /wx/books, rules: books.yaml, token: books-token }
  花店: { path: /wx/flowers, rules: flowers.yaml, token: flowers-token }
";

/// The files of two accounts, as they are beside a sample, and the variables that it sets for them
/// answer for both.
#[track_caller]
fn answers_for_both(variables: &BTreeMap<String, String>) {
    let folder = Folder::with(&[
        ("accounts.yaml", &format!("secrets: secrets\n{ACCOUNTS}")),
        ("books.yaml", RULES),
        ("flowers.yaml", RULES),
        ("secrets/books-token", "5f0c1d2e3a4b59687f0e1d2c3b4a5968"),
        ("secrets/flowers-token", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ]);
    let kept = variables
        .iter()
        .filter(|(name, _)| *name != "WXREPLY_DATABASE_FILE");
    let mut set: Vec<(&str, &str)> = kept
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert!(set.contains(&("WXREPLY_ACCOUNTS", "/etc/wxreply/accounts.yaml")));
    set.retain(|(name, _)| *name != "WXREPLY_ACCOUNTS" && *name != "WXREPLY_LAST_GOOD");
    set.push(("WXREPLY_ACCOUNTS", "accounts.yaml"));
    let server = Server::start_with(folder.path(), &[], &set);
    for account in ["书店", "花店"] {
        let url = format!("http://{}", server.address());
        let of = ["send", "--accounts", "accounts.yaml", "--account", account];
        let sent = folder.run(&[&of[..], &[&url, "x"]].concat());
        assert!(
            sent.stdout.contains("hello"),
            "{}{}",
            sent.stdout,
            sent.stderr
        );
    }
}

#[test]
fn compose_with_the_file_of_accounts_answers_for_both() {
    let read = |name: &str| fs::read_to_string(root().join("packaging/compose").join(name));
    for replica in ["wxreply-1", "wxreply-2"] {
        let mut variables = BTreeMap::new();
        for file in ["compose.yaml", "accounts.yaml"] {
            let service = &yaml(&read(file).unwrap())["services"][replica];
            for (name, value) in service["environment"].as_object().unwrap() {
                variables.insert(name.clone(), value.as_str().unwrap().to_owned());
            }
        }
        answers_for_both(&variables);
    }
}

#[test]
fn the_kubernetes_manifests_with_accounts_fit_together() {
    let folder = container();
    let home = root().join("packaging/kubernetes");
    for (path, text) in packaged() {
        if let Ok(name) = path.strip_prefix(&home) {
            let text = text.replace("# components: [secure]", "components: [accounts]");
            folder.write(name.to_str().unwrap(), text);
        }
    }
    for name in ["books.yaml", "flowers.yaml", "books-token", "flowers-token"] {
        folder.write(&format!("accounts/{name}"), "x");
    }
    folder.write("accounts/accounts.yaml", ACCOUNTS);
    let Some(manifests) = built(&folder) else {
        return;
    };
    let data = |kind: &str, key: &str| made(&manifests, kind)["data"].get(key).is_some();
    assert!(data("ConfigMap", "accounts.yaml") && data("ConfigMap", "flowers.yaml"));
    assert!(data("Secret", "books-token") && data("Secret", "database"));
    let deployment = made(&manifests, "Deployment");
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    let variables = container["env"].as_array().unwrap().iter().map(|variable| {
        let text = |key: &str| variable[key].as_str().unwrap_or_default().to_owned();
        (text("name"), text("value"))
    });
    let mut variables: BTreeMap<String, String> = variables.collect();
    variables.retain(|name, _| !["WXREPLY_LISTEN", "WXREPLY_ADMIN"].contains(&name.as_str()));
    answers_for_both(&variables);
    let ingress = &made(&manifests, "Ingress")["spec"]["rules"][0]["http"]["paths"][0];
    assert_eq!(
        (&ingress["path"], &ingress["pathType"]),
        (&"/wx/".into(), &"Prefix".into())
    );
}

/// Runs the script beside which this folder is, as certbot runs it, with a Docker that writes
/// down what it is asked for.
fn renew(folder: &Folder, running: &str) -> String {
    let docker = format!(
        "#!/bin/sh\necho \"$*\" >> {log}\n[ \"$2\" != ps ] || printf '%s' '{running}'\n",
        log = folder.path().join("asked").display(),
    );
    folder.write("bin/docker", docker);
    folder.write("asked", "");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path().join("bin/docker"), executable).unwrap();
    let path = std::env::var("PATH").unwrap();
    let renewed = Command::new("sh")
        .arg(folder.path().join("compose/renew"))
        .current_dir("/")
        .env("RENEWED_LINEAGE", folder.path().join("live"))
        .env("PATH", format!("{}/bin:{path}", folder.path().display()))
        .status();
    assert!(renewed.unwrap().success());
    fs::read_to_string(folder.path().join("asked")).unwrap()
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

#[test]
fn a_renewed_certificate_is_written_over_the_old_one_and_nginx_is_told() {
    let script = fs::read_to_string(root().join("packaging/compose/renew")).unwrap();
    let folder = Folder::with(&[
        ("compose/renew", &script),
        ("compose/secrets/token", "t"),
        ("live/fullchain.pem", "first certificate"),
        ("live/privkey.pem", "first key"),
    ]);
    let asked = renew(&folder, "");
    assert!(!asked.contains("exec"), "nobody runs: {asked}");
    let at = |name: &str| folder.path().join("compose/secrets").join(name);
    let before = ["fullchain.pem", "privkey.pem"].map(|name| inode(&at(name)));

    folder.write("live/fullchain.pem", "second certificate");
    folder.write("live/privkey.pem", "second key");
    let asked = renew(&folder, "0123456789ab");
    let told = "compose exec -T nginx nginx -s reload\n";
    assert!(asked.ends_with(told), "{asked}");
    let read = |name: &str| fs::read_to_string(at(name)).unwrap();
    assert_eq!(read("fullchain.pem"), "second certificate");
    assert_eq!(read("privkey.pem"), "second key");
    let after = ["fullchain.pem", "privkey.pem"].map(|name| inode(&at(name)));
    assert_eq!(before, after, "a container sees the file that it was given");
    let mode = fs::metadata(at("privkey.pem")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o644, "nginx can read it");
}
