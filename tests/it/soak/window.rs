//! What the account shows: a poster that changes with the rules, and a menu that is set again and
//! again.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use crate::account_command;
use crate::server::eventually;
use crate::soak::Soak;
use crate::support::Folder;
use crate::wechat;

pub const POSTER: &str = "poster.png";

/// A picture unlike any other.
pub fn poster(edition: u64) -> Vec<u8> {
    let start = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\
                  \0\0\0\0IEND\xaeB`\x82";
    [&start[..], edition.to_string().as_bytes()].concat()
}

/// Looks at the poster every second, and sets another menu every ten.
pub fn look(soak: &Soak, folder: &Folder) {
    let poster = || {
        let said = soak.server.send(&wechat::text("window", "海报"));
        let said = String::from_utf8_lossy(&said.body).into_owned();
        match said.contains("<MediaId><![CDATA[image-") {
            true => Ok(()),
            false => Err(said),
        }
    };
    eventually("the poster is uploaded", || poster().is_ok());
    let mut round: u64 = 0;
    while !soak.is_over.load(Ordering::Relaxed) {
        if let Err(said) = poster() {
            soak.complain(format!("the poster is {said}"));
        }
        soak.counts.posters.fetch_add(1, Ordering::Relaxed);
        if round.is_multiple_of(10) {
            set_menu(soak, folder, round);
        }
        round += 1;
        thread::sleep(Duration::from_secs(1));
    }
}

fn set_menu(soak: &Soak, folder: &Folder, edition: u64) {
    let file = "menu.yaml";
    let text = format!(
        "menu: [{{ 第{edition}版: {{ key: K }} }}]\n\
         rules: [{{ name: k, when: {{ key: K }}, reply: 好 }}]\n"
    );
    folder.write(file, text);
    for (command, code) in [
        (&["menu", "diff", file][..], 1),
        (&["menu", "apply", "--yes", file], 0),
        (&["menu", "diff", file], 0),
    ] {
        let run = account_command::run(&soak.api, folder, command);
        if run.code != code {
            soak.complain(format!("{command:?}: {run:?}"));
        }
    }
    soak.counts.menus.fetch_add(1, Ordering::Relaxed);
}
