//! The certificate that the callback shows: what is taken, and how it is renewed under way.

use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::{fs, thread};

use rustls::ALL_VERSIONS;

use crate::admin::{metric, operators};
use crate::authority::{Authority, Certified, connect, presented};
use crate::ending::Over;
use crate::requirements;
use crate::server::{Server, eventually, said_text, serve};
use crate::support::Folder;
use crate::tls::{FLAGS, RULES, folder, post, say};
use crate::wechat;

#[test]
fn renewed_under_load_new_connections_get_the_new_certificate_and_no_message_fails() {
    let authority = Authority::new();
    let old = authority.certify_until(2098);
    let new = authority.certify_until(2099);
    let pointed_to = authority.certify_until(2100);
    let folder = folder(&authority, &old);
    let arguments = [&FLAGS[..], &["--admin", "127.0.0.1:0"]].concat();
    let server = Server::start(&folder, &arguments);
    let config = authority.client(ALL_VERSIONS);
    let answered = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for client in 0..3 {
            let (config, server, is_over, answered) = (&config, &server, &is_over, &answered);
            scope.spawn(move || {
                let openid = format!("o{client}");
                let mut lasting = connect(config, server.address()).unwrap();
                while !is_over.load(Ordering::Relaxed) {
                    let hello = wechat::text(&openid, "hello");
                    for said in [
                        say(config, server, &hello),
                        post(&mut lasting, &hello, "keep-alive"),
                    ] {
                        assert_eq!(said_text(&said.expect("an answer")), format!("hi {openid}"));
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let _over = Over(&is_over);
        let get = |certified: &Certified| {
            let before = answered.load(Ordering::Relaxed);
            eventually("new connections get the certificate", || {
                let stream = connect(&config, server.address()).unwrap();
                presented(&stream) == certified.der()
            });
            eventually("messages are answered", || {
                answered.load(Ordering::Relaxed) > before + 20
            });
        };
        get(&old);
        new.write(&folder);
        get(&new);
        server.logged("new connections get the certificate of cert.pem, valid until 2099-01-01");
        let expiry = "wxreply_tls_certificate_expiry_timestamp_seconds";
        assert_eq!(metric(operators(&server), expiry), 4_070_908_800.0);

        // As certbot and Kubernetes do: both files are links through one that is pointed elsewhere.
        let path = folder.path();
        folder.write("first/cert.pem", &new.certificate);
        folder.write("first/key.pem", &new.key);
        folder.write("second/cert.pem", &pointed_to.certificate);
        folder.write("second/key.pem", &pointed_to.key);
        symlink("first", path.join("current")).unwrap();
        for name in ["cert.pem", "key.pem"] {
            symlink(format!("current/{name}"), path.join("link")).unwrap();
            fs::rename(path.join("link"), path.join(name)).unwrap();
        }
        get(&new);
        symlink("second", path.join("link")).unwrap();
        fs::rename(path.join("link"), path.join("current")).unwrap();
        get(&pointed_to);
    });
}

#[test]
fn a_broken_renewal_is_told_once_and_changes_nothing() {
    let authority = Authority::new();
    let old = authority.certify_until(2099);
    let other = authority.certify_until(2100);
    let folder = folder(&authority, &old);
    let server = Server::start(&folder, &FLAGS);
    let config = authority.client(ALL_VERSIONS);
    let goes_on = || {
        let stream = connect(&config, server.address()).unwrap();
        presented(&stream) == old.der()
    };
    let refused = "the certificate is not replaced, the old one goes on: ";
    folder.write("cert.pem", &other.certificate);
    server.logged(&format!(
        "{refused}the certificate in cert.pem was not made for the key in key.pem"
    ));
    assert!(goes_on());
    folder.write("cert.pem", &old.certificate.as_bytes()[..100]);
    server.logged(&format!("{refused}cert.pem has no certificate"));
    assert!(goes_on());
    old.write(&folder);
    server.logged("new connections get the certificate of cert.pem");
    fs::remove_file(folder.path().join("key.pem")).unwrap();
    server.logged(&format!("{refused}cannot read key.pem: No such file"));
    assert!(goes_on());
    assert_eq!(server.log().matches(refused).count(), 3);
    folder.write("key.pem", &old.key);
    server.logged_times("new connections get the certificate of cert.pem", 2);
    assert!(!server.log().contains("PRIVATE"), "{}", server.log());
}

#[test]
fn a_pipe_is_read_at_the_start_and_never_waited_for_later() {
    let authority = Authority::new();
    let old = authority.certify_until(2099);
    let new = authority.certify_until(2100);
    let folder = folder(&authority, &old);
    let path = folder.path().join("cert.pem");
    let put_a_pipe = || {
        let pipe = folder.path().join("pipe");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        fs::rename(&pipe, &path).unwrap();
    };
    put_a_pipe();
    let writer = thread::spawn({
        let (path, text) = (path.clone(), old.certificate.clone());
        move || fs::write(path, text).unwrap()
    });
    let server = Server::start(&folder, &FLAGS);
    writer.join().unwrap();
    let config = authority.client(ALL_VERSIONS);
    let shows = |certified: &Certified| {
        presented(&connect(&config, server.address()).unwrap()) == certified.der()
    };
    assert!(shows(&old));
    folder.write("key.pem", "spoilt");
    server.logged("the old one goes on: key.pem has no key that can be read");
    fs::remove_file(&path).unwrap();
    new.write(&folder);
    server.logged("new connections get the certificate of cert.pem, valid until 2100-01-01");
    assert!(shows(&new));
    for replace in [&put_a_pipe as &dyn Fn(), &|| {
        fs::remove_file(&path).unwrap();
        symlink("/dev/ptmx", &path).unwrap();
    }] {
        let before = server
            .log()
            .matches("the old one goes on: cannot read")
            .count();
        replace();
        let refused =
            "the old one goes on: cannot read cert.pem: it is a pipe, a socket or a device";
        server.logged_times(refused, before + 1);
        assert!(shows(&new));
        fs::remove_file(&path).unwrap();
        old.write(&folder);
        eventually("the next renewal is seen", || shows(&old));
        new.write(&folder);
        eventually("and the one after it", || shows(&new));
    }
}

#[test]
fn an_expired_certificate_is_served_with_a_warning() {
    let authority = Authority::new();
    let folder = folder(&authority, &authority.certify_until(2024));
    let server = Server::start(&folder, &FLAGS);
    server.logged(
        "WARN  wxreply::server::tls::certificate] clients get the certificate of cert.pem, \
         which expired at 2024-01-01T00:00:00Z: WeChat does not take it; renew it",
    );
    let error = connect(&authority.client(ALL_VERSIONS), server.address()).unwrap_err();
    assert!(error.to_string().contains("certificate expired"), "{error}");
}

#[test]
fn a_pair_that_cannot_work_is_told_before_the_start() {
    let authority = Authority::new();
    let certified = authority.certify_until(2100);
    let folder = folder(&authority, &certified);
    folder.write("other.pem", authority.certify_until(2100).key);
    folder.write("empty.pem", "");
    let (begin, rest) = certified.key.split_once('\n').unwrap();
    let rest = rest.replace(|letter: char| letter.is_ascii_digit(), "*");
    let damaged = format!("{begin}\n{rest}");
    folder.write("damaged.pem", damaged);
    let locked = certified.key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    folder.write("locked.pem", locked);
    for (certificate, key, said) in [
        (
            "nowhere.pem",
            "key.pem",
            "error: cannot read nowhere.pem: No such file or directory (os error 2); --tls-cert and --tls-key name two PEM files",
        ),
        (
            "cert.pem",
            "nowhere.pem",
            "error: cannot read nowhere.pem: ",
        ),
        ("cert.pem", ".", "error: cannot read .: "),
        (
            "empty.pem",
            "key.pem",
            "error: empty.pem has no certificate that can be read; it must be a PEM file with -----BEGIN CERTIFICATE-----",
        ),
        (
            "key.pem",
            "key.pem",
            "error: key.pem has no certificate that can be read",
        ),
        (
            "cert.pem",
            "cert.pem",
            "error: cert.pem has no key that can be read; it must be a PEM file with -----BEGIN PRIVATE KEY-----",
        ),
        (
            "cert.pem",
            "damaged.pem",
            "error: damaged.pem has no key that can be read",
        ),
        (
            "cert.pem",
            "locked.pem",
            "error: locked.pem has no key that can be read",
        ),
        (
            "cert.pem",
            "other.pem",
            "error: the certificate in cert.pem was not made for the key in other.pem; give the two that were made together",
        ),
    ] {
        let flags = [
            "--token",
            wechat::TOKEN,
            "--tls-cert",
            certificate,
            "--tls-key",
            key,
        ];
        let output = serve(folder.path(), &flags, &[]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{certificate} {key}: {stderr}"
        );
        assert!(stderr.contains(said), "{certificate} {key}: {stderr}");
        let secret = certified.key.lines().nth(1).unwrap();
        assert!(!stderr.contains(secret), "{stderr}");
    }
    for (flags, variables) in [
        (&["--tls-cert", "cert.pem"][..], &[][..]),
        (&["--tls-key", "key.pem"], &[]),
        (&[], &[("WXREPLY_TLS_CERT", "cert.pem")]),
    ] {
        let flags = [&["--token", wechat::TOKEN], flags].concat();
        let output = serve(folder.path(), &flags, variables).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {stderr}");
        let other = "the following required arguments were not provided:\n  --tls-";
        assert!(stderr.contains(other), "{flags:?}: {stderr}");
    }
}

#[test]
fn keys_are_taken_in_every_form_that_tools_write() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let openssl = |command: &str| {
        let arguments = command.split(' ');
        let run = Command::new("openssl")
            .args(arguments)
            .current_dir(folder.path())
            .output();
        match run {
            Ok(output) => {
                assert!(output.status.success(), "{command}: {output:?}");
                true
            }
            Err(error) => {
                requirements::absent("openssl", error);
                false
            }
        }
    };
    let make = "req -x509 -nodes -days 3 -subj /CN=x -addext subjectAltName=IP:127.0.0.1 \
                -addext basicConstraints=critical,CA:FALSE -keyout pkcs8.pem -out cert.pem -newkey";
    for (kind, convert, begins) in [
        (
            "rsa:2048",
            "pkey -in pkcs8.pem -out key.pem",
            "-----BEGIN PRIVATE KEY-----",
        ),
        (
            "rsa:2048",
            "rsa -traditional -in pkcs8.pem -out key.pem",
            "-----BEGIN RSA PRIVATE KEY-----",
        ),
        (
            "ec -pkeyopt ec_paramgen_curve:P-384",
            "ec -in pkcs8.pem -out key.pem",
            "-----BEGIN EC PRIVATE KEY-----",
        ),
        (
            "ed25519",
            "pkey -in pkcs8.pem -out key.pem",
            "-----BEGIN PRIVATE KEY-----",
        ),
    ] {
        if !openssl(&format!("{make} {kind}")) || !openssl(convert) {
            return;
        }
        let key = fs::read_to_string(folder.path().join("key.pem")).unwrap();
        assert!(key.starts_with(begins), "{kind}");
        let variables = [
            ("WXREPLY_TLS_CERT", "cert.pem"),
            ("WXREPLY_TLS_KEY", "key.pem"),
        ];
        let server = Server::start_with(folder.path(), &["--token", wechat::TOKEN], &variables);
        let url = format!("https://{}/wx_flask", server.address());
        let pinned = [
            "send",
            &url,
            "hello",
            "--token",
            wechat::TOKEN,
            "--cacert",
            "cert.pem",
        ];
        let sent = folder.run(&pinned);
        assert_eq!(sent.code, 0, "{kind}: {sent:?}");
    }
}
