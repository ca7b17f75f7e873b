//! Files that rules name, as `check`, `test` and `serve` see them without WeChat.

use std::fs::File;
use std::os::unix::fs::symlink;

use crate::media_files::{self, PNG};
use crate::server::serve;
use crate::support::{Folder, run_in};
use crate::wechat;

const POSTER: &str =
    "rules:\n  - { name: 海报, when: { equals: 海报 }, reply: { image: ./poster.png } }\n";

#[test]
fn a_file_of_more_than_ten_megabytes_is_refused_without_being_read() {
    let folder = Folder::with(&[("rules.yaml", POSTER), ("poster.png", "")]);
    let file = File::options()
        .write(true)
        .open(folder.path().join("poster.png"));
    // Far more than this machine could read in the time of a test.
    file.unwrap().set_len(1 << 36).unwrap();
    let check = folder.run(&["check", "rules.yaml"]);
    assert_eq!(check.code, 1);
    let told = "error[media-too-large]: poster.png is too large: 65536 MB";
    assert!(check.stdout.contains(told), "{}", check.stdout);
    assert!(
        check.stdout.contains("--> rules.yaml:2:55"),
        "{}",
        check.stdout
    );
}

#[test]
fn a_link_that_leads_out_of_the_folder_is_refused() {
    let folder = Folder::with(&[("shop/rules.yaml", POSTER)]);
    folder.write("private.png", PNG);
    symlink("../private.png", folder.path().join("shop/poster.png")).unwrap();
    let check = run_in(&folder.path().join("shop"), &["check", "rules.yaml"]);
    let told = "error[media-outside]: poster.png is a link that leads to another folder";
    assert!(check.stdout.contains(told), "{}", check.stdout);
    assert_eq!(check.code, 1);

    // As ConfigMaps of Kubernetes have it.
    let files = [("..2027/rules.yaml", POSTER)];
    let folder = Folder::with(&files);
    folder.write("..2027/poster.png", PNG);
    symlink("..2027", folder.path().join("..data")).unwrap();
    for name in ["rules.yaml", "poster.png"] {
        symlink(format!("..data/{name}"), folder.path().join(name)).unwrap();
    }
    let check = folder.run(&["check", "rules.yaml"]);
    assert_eq!(check.code, 0, "{}", check.stdout);
}

#[test]
fn what_is_shown_is_called_by_its_file_name() {
    let test = "tests:\n  - { name: a, send: 海报, expect: { reply: { image: ./other.png } } }\n";
    let folder = Folder::with(&[("rules.yaml", &(POSTER.to_owned() + test))]);
    folder.write("poster.png", PNG);
    let said = folder.run(&["test", "rules.yaml"]);
    assert_eq!(said.code, 1);
    for part in [r#"{"image":"./other.png"}"#, r#"{"image":"./poster.png"}"#] {
        assert!(said.stdout.contains(part), "{}", said.stdout);
    }
    let said = folder.run(&["try", "rules.yaml", "海报"]);
    assert_eq!(said.code, 0);
    assert!(said.stdout.contains("./poster.png"), "{}", said.stdout);
    let said = folder.run(&["try", "--xml", "rules.yaml", "海报"]);
    let element = "<MediaId><![CDATA[./poster.png]]></MediaId>";
    assert!(said.stdout.contains(element), "{}", said.stdout);
}

#[test]
fn without_an_app_secret_the_server_says_where_it_is_needed() {
    let folder = Folder::with(&[("rules.yaml", POSTER)]);
    media_files::put_beside(&folder.path().join("rules.yaml"), POSTER);
    let output = serve(folder.path(), &["--token", wechat::TOKEN], &[])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let told = "error[media-without-app-secret]: poster.png cannot be uploaded: the account has no \
                app secret\n --> rules.yaml:2:55\n";
    assert!(said.contains(told), "{said}");
    assert_eq!(folder.run(&["check", "rules.yaml"]).code, 0);
}
