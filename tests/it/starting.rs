//! What it takes to start the server, and what is said when it does not.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::geteuid;
use wxreply::wechat::{Mode, push};

use crate::server::{Server, serve_exactly};
use crate::support::{Folder, Outcome, run_in};
use crate::{http, wechat};

const RULES: &str = "\
rules:
  - { name: hello, when: { type: text }, reply: hello }
tests:
  - { name: greets, send: x, expect: { rule: hello } }
";

const SIGNED: [&str; 2] = ["--token", wechat::TOKEN];

fn ended(command: &mut Command) -> Outcome {
    let output = command.stdout(Stdio::piped()).output().unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What the server says when it does not start, and with which code it ends.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let outcome = ended(&mut serve_exactly(folder, arguments, variables));
    assert_eq!(outcome.stdout, "");
    for secret in [wechat::TOKEN, wechat::AES_KEY, "hunter2"] {
        assert!(!outcome.stderr.contains(secret), "{}", outcome.stderr);
    }
    (outcome.code, outcome.stderr)
}

#[test]
fn without_a_token_nothing_starts() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let sentence = "error: no token given; set the one of WeChat's console with --token, \
                    --token-file or WXREPLY_TOKEN\n";
    let nothing = (2, sentence.to_owned());
    assert_eq!(refused(folder.path(), &[], &[]), nothing);
    assert_eq!(
        refused(folder.path(), &[], &[("WXREPLY_TOKEN", "")]),
        nothing
    );
    folder.write("token", "\n\n");
    assert_eq!(
        refused(folder.path(), &["--token-file", "token"], &[]),
        nothing
    );
}

#[test]
fn a_token_that_wechat_refuses_is_refused_and_one_that_can_be_guessed_is_warned_of() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for (token, said) in [
        (
            "ab",
            "the token has 2 characters; WeChat's page takes 3 to 32",
        ),
        (&"a".repeat(33), "the token has 33 characters"),
        (
            "my-token-of-2026",
            "something else than the letters a to z and digits",
        ),
    ] {
        let (code, stderr) = refused(folder.path(), &["--token", token], &[]);
        assert!(code == 2 && stderr.contains(said), "{stderr}");
        assert!(!stderr.contains(token), "{stderr}");
    }
    for (token, warning) in [
        ("test", "the token is a word from examples"),
        ("abcdefg", "the token is short"),
    ] {
        let server = Server::start_exactly(folder.path(), &["--token", token], &[]);
        let line = server.logged(warning);
        assert!(
            line.contains("WARN") && line.contains("openssl rand -hex 16"),
            "{line}"
        );
    }
    let server = Server::start_exactly(folder.path(), &SIGNED, &[]);
    assert!(!server.log().contains("the token is"), "{}", server.log());
}

#[test]
fn pages_of_the_operator_that_others_can_reach_are_warned_of() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let warning = "the operator's pages have no password and listen beyond this machine";
    let wide = ["--token", wechat::TOKEN, "--admin", "0.0.0.0:0"];
    let server = Server::start_exactly(folder.path(), &wide, &[]);
    assert!(server.logged(warning).contains("WARN"));
    let narrow = ["--token", wechat::TOKEN, "--admin", "127.0.0.1:0"];
    let server = Server::start_exactly(folder.path(), &narrow, &[]);
    server.logged("listening on");
    assert!(!server.log().contains(warning), "{}", server.log());
}

#[test]
fn a_variable_that_is_empty_counts_as_not_set() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let empty: Vec<(&str, &str)> = [
        "AES_KEY",
        "AES_KEY_FILE",
        "APP_ID",
        "CLIENT_TIMEOUT",
        "DATABASE",
        "DATABASE_FILE",
        "DEADLINE",
        "KEEP_ALIVE",
        "LANG",
        "LAST_GOOD",
        "LOG_FORMAT",
        "MAX_AGE",
        "MAX_CONNECTIONS",
        "MODE",
        "PATH",
        "REQUIRE_TESTS",
        "RULES",
        "TLS_CERT",
        "TLS_KEY",
        "TOKEN_FILE",
    ]
    .map(|name| (&*format!("WXREPLY_{name}").leak(), ""))
    .to_vec();
    let server = Server::start_exactly(folder.path(), &SIGNED, &empty);
    server.logged("plain mode, ");
    assert_eq!(server.says("o1", "x"), "hello");
    for name in ["WXREPLY_LISTEN", "WXREPLY_ADMIN"] {
        let (code, stderr) = refused(folder.path(), &["--token", "ab"], &[(name, "")]);
        assert!(
            code == 2 && stderr.contains("2 characters"),
            "{name}: {stderr}"
        );
    }
}

#[test]
fn what_cannot_work_is_said_before_the_start() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let key = wechat::AES_KEY;
    let short = key.trim_end_matches('J');
    let app_id = wechat::APP_ID;
    for (arguments, said) in [
        (
            &["--rules", "nowhere.yaml"][..],
            "error: cannot read nowhere.yaml: No such file or directory (os error 2); \
             name another with --rules; a relative path begins in ",
        ),
        (
            &["--rules", "."],
            "error: cannot read .: it is a folder, not a file",
        ),
        (&["--listen", &taken], "choose another with --listen"),
        (
            &["--listen", "nonsense"],
            "error: cannot listen on nonsense: ",
        ),
        (
            &["--listen", "127.0.0.1:99999"],
            "error: cannot listen on 127.0.0.1:99999: ",
        ),
        (
            &["--path", "wx"],
            "error: --path wx is not a path; it begins with /",
        ),
        (&["--path", "/{x}"], "error: --path /{x} is not a path"),
        (
            &["--aes-key", short, "--app-id", app_id],
            "error: the EncodingAESKey has 42 characters",
        ),
        (
            &["--aes-key", "", "--mode", "secure"],
            "error: secure mode needs the EncodingAESKey",
        ),
        (
            &["--aes-key", key],
            "error: secure mode needs the account's app id",
        ),
        (
            &["--aes-key", key, "--mode", "compat"],
            "error: compat mode needs the account's app id",
        ),
        (
            &["--mode", "safe"],
            "unknown mode; give plain, compat or secure",
        ),
        (&["--database", "nonsense"], "error: --database: "),
        (
            &["--database", "mongodb://u:hunter2@h/d"],
            "error: --database: ",
        ),
        (
            &["--database", "postgres://u:hunter2@h:port/d"],
            "error: --database: ",
        ),
        (
            &["--database-file", "nowhere"],
            ": cannot read nowhere: No such file",
        ),
        (
            &["--token-file", "nowhere"],
            ": cannot read nowhere: No such file",
        ),
        (
            &["--deadline", "soon"],
            "write a number and ms or s, such as 4500ms",
        ),
        (
            &["--deadline", "6s"],
            "WeChat waits five seconds and no longer",
        ),
        (&["--deadline", "0ms"], "it must be greater than zero"),
        (&["--deadline=-1s"], "write a number and ms or s"),
        (&["--frobnicate"], "unexpected argument '--frobnicate'"),
    ] {
        let arguments = [&SIGNED[..], arguments].concat();
        let (code, stderr) = refused(folder.path(), &arguments, &[]);
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn the_log_says_what_was_understood_at_the_start() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let arguments = ["--database", "postgres://u:hunter2@h/d", "--require-tests"];
    let arguments = [&SIGNED[..], &arguments].concat();
    let server = Server::start_exactly(folder.path(), &arguments, &[]);
    let line = server.logged("plain mode, times in Asia/Shanghai, database postgres://");
    assert!(line.contains(", tests required"), "{line}");
    assert!(!server.log().contains("hunter2"));

    let nowhere = [("TZ", "Nowhere/X")];
    let server = Server::start_exactly(folder.path(), &SIGNED, &nowhere);
    server.logged("the time zone of this machine is unknown, so times are in UTC");
    folder.write(
        "rules.yaml",
        format!("options: {{ timezone: Asia/Tokyo }}\n{RULES}"),
    );
    let server = Server::start_exactly(folder.path(), &SIGNED, &nowhere);
    server.logged("times in Asia/Tokyo");
    assert!(!server.log().contains("unknown"), "{}", server.log());
}

#[test]
fn wrong_rules_are_told_all_at_once() {
    let rules = "\
rules:
  - { name: a, when: { type: text, prefx: x }, reply: <tme> }
  - { name: a, reply: '' }
";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    let (code, stderr) = refused(folder.path(), &SIGNED, &[]);
    assert_eq!(code, 1, "{stderr}");
    let check = folder.run(&["check", "rules.yaml"]);
    assert_eq!(check.code, 1);
    for place in ["rules.yaml:2:", "rules.yaml:3:"] {
        assert!(stderr.contains(place), "{stderr}");
    }
    for help in ["`prefix`", "<time>"] {
        assert!(stderr.contains(help), "{help}: {stderr}");
    }
    assert!(!stderr.contains("listening"), "{stderr}");
}

#[test]
fn rules_whose_tests_fail_can_be_refused() {
    let failing = RULES.replace("send: x", "send: { type: image }");
    let untested = RULES.split("tests:").next().unwrap();
    let folder = Folder::with(&[
        ("rules.yaml", &failing),
        ("untested.yaml", untested),
        ("fine.yaml", RULES),
    ]);
    let required = [&SIGNED[..], &["--require-tests"]].concat();
    let (code, stderr) = refused(folder.path(), &required, &[]);
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stderr.contains("rules.yaml:4:") && stderr.contains("greets"),
        "{stderr}"
    );

    for value in ["1", "true", "yes"] {
        let variables = [
            ("WXREPLY_REQUIRE_TESTS", value),
            ("WXREPLY_RULES", "untested.yaml"),
        ];
        let (code, stderr) = refused(folder.path(), &SIGNED, &variables);
        assert_eq!(code, 1, "{stderr}");
        assert!(
            stderr.contains("has no tests, and --require-tests demands some"),
            "{stderr}"
        );
    }
    let fine = [&required[..], &["--rules", "fine.yaml"]].concat();
    assert_eq!(
        Server::start_exactly(folder.path(), &fine, &[]).says("o1", "x"),
        "hello"
    );
    // Without the flag, tests are the author's own business.
    let off = [("WXREPLY_REQUIRE_TESTS", "false")];
    assert_eq!(
        Server::start_exactly(folder.path(), &SIGNED, &off).says("o1", "x"),
        "hello"
    );
}

#[test]
fn old_and_new_tokens_and_keys_are_good_wherever_they_come_from() {
    let other_key = "A".repeat(43);
    let (token, key, app_id) = (wechat::TOKEN, wechat::AES_KEY, wechat::APP_ID);
    let token_file = format!("{token}\r\n\n  olderTok3n \n");
    let key_file = format!("{key}\n{other_key}");
    let folder = Folder::with(&[
        ("rules.yaml", RULES),
        ("token", &token_file),
        ("key", &key_file),
    ]);
    let in_variable = (format!("{token},olderTok3n"), format!("{key},{other_key}"));
    let mode = [("WXREPLY_MODE", "secure"), ("WXREPLY_APP_ID", app_id)];
    let flags = [
        "--token",
        token,
        "--token",
        "olderTok3n",
        "--aes-key",
        key,
        "--aes-key",
    ];
    let flags = [&flags[..], &[&other_key]].concat();
    let variables = [
        ("WXREPLY_TOKEN", in_variable.0.as_str()),
        ("WXREPLY_AES_KEY", &in_variable.1),
    ];
    let files = ["--token-file", "token", "--aes-key-file", "key"];
    let mixed = ["--token", "olderTok3n", "--aes-key", &other_key];
    let file_variables = [
        ("WXREPLY_TOKEN_FILE", "token"),
        ("WXREPLY_AES_KEY_FILE", "key"),
    ];
    for (flags, variables) in [
        (&flags[..], &[][..]),
        (&[], &variables),
        (&files, &[]),
        (&mixed, &file_variables),
    ] {
        let server = Server::start_exactly(folder.path(), flags, &[&mode[..], variables].concat());
        for token in [token, "olderTok3n"] {
            for key in [key, other_key.as_str()] {
                let credentials = wechat::credentials_with(Mode::Secure, token, key);
                let xml = push::message_xml(&wechat::text("o1", "x"));
                let said = server.post(&wechat::sealed(&credentials, &xml));
                assert_eq!(said.status, 200);
                let answer = push::read_answer(&credentials, &said.body);
                assert!(answer.is_ok_and(|answer| answer.encrypted));
            }
        }
        let strange = wechat::credentials_with(Mode::Secure, "strange", key);
        let xml = push::message_xml(&wechat::text("o1", "x"));
        assert_eq!(server.post(&wechat::sealed(&strange, &xml)).status, 403);
    }
}

#[test]
fn the_callback_is_where_it_was_told_to_be() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for path in ["/", "/a/b.c", "/微信", "/with/slash/"] {
        let arguments = [&SIGNED[..], &["--path", path]].concat();
        let server = Server::start_exactly(folder.path(), &arguments, &[]);
        assert!(server.log().contains(path));
        let query = push::handshake(&wechat::credentials(Mode::Plain), "1", &wechat::stamp());
        let encoded = path.replace("微信", "%E5%BE%AE%E4%BF%A1");
        let status = |target: &str| {
            let said = http::request(server.address(), "GET", &format!("{target}?{query}"), b"");
            said.unwrap().status
        };
        assert_eq!(status(&encoded), 200, "{path}");
        assert_eq!(status("/wx_flask"), 404, "{path}");
    }
}

#[test]
fn too_few_threads_are_told_before_the_start() {
    const NOBODY: u32 = 65534;
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let serve = serve_exactly(folder.path(), &SIGNED, &[]);
    for limit in 2..=11 {
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--nproc={limit}"));
        limited.arg(serve.get_program()).args(serve.get_args());
        limited.current_dir(folder.path());
        // The limit does not bind root.
        if geteuid().is_root() {
            limited.uid(NOBODY).gid(NOBODY);
        }
        let outcome = ended(&mut limited);
        assert_eq!(outcome.code, 2, "{limit}: {}", outcome.stderr);
        let told = outcome.stderr.contains("raise the limit for processes");
        assert!(told, "{limit}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    }
}

#[test]
fn it_ends_when_told_to() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for signal in ["TERM", "INT"] {
        let server = Server::start(&folder, &[]);
        assert_eq!(server.says("o1", "x"), "hello");
        server.hears_signals();
        server.signal(signal);
        assert_eq!(server.ended().code(), Some(0), "{signal}");
    }
}

#[test]
fn help_tells_every_flag_and_no_secret() {
    let folder = Folder::with(&[]);
    let variables = [
        ("WXREPLY_TOKEN", wechat::TOKEN),
        ("WXREPLY_AES_KEY", wechat::AES_KEY),
        ("WXREPLY_DATABASE", "postgres://u:hunter2@h/d"),
    ];
    let outcome = ended(&mut serve_exactly(folder.path(), &["--help"], &variables));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    for flag in [
        "rules",
        "listen",
        "path",
        "token",
        "token-file",
        "app-id",
        "aes-key",
        "aes-key-file",
        "mode",
        "max-age",
        "database",
        "database-file",
        "deadline",
        "require-tests",
    ] {
        assert!(
            outcome.stdout.contains(&format!("--{flag} "))
                || outcome.stdout.contains(&format!("--{flag}\n")),
            "{flag}"
        );
        let variable = format!("WXREPLY_{}", flag.to_ascii_uppercase().replace('-', "_"));
        assert!(outcome.stdout.contains(&variable), "{variable}");
    }
    for secret in [wechat::TOKEN, wechat::AES_KEY, "hunter2"] {
        assert!(!outcome.stdout.contains(secret), "{secret}");
    }
    let plain = run_in(folder.path(), &["serve", "--help"]);
    assert!(
        plain.stdout.contains("sqlite:wxreply.db"),
        "{}",
        plain.stdout
    );
}
