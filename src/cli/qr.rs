//! `wxreply qr`: a QR code that leads to the account and says by its scene where it was scanned.

mod picture;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::cli::api_account::ApiAccountArguments;
use crate::cli::qr::picture::{Picture, PictureKind};
use crate::cli::{Exit, OutputFormat, fail, print_json};
use crate::i18n::{Phrase, phrase};
use crate::rules;
use crate::wechat_api::{QrCode, QrScene};

/// Make a QR code that leads to the account, with a scene that rules know it by
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What rules compare with `scene`: a number or a text of at most 64 bytes
    scene: String,
    #[command(flatten)]
    lasts: Lasts,
    /// Draw the code into this new file, .png or .svg
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Output for people or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,
    #[command(flatten)]
    account: ApiAccountArguments,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Lasts {
    /// How long the code works, such as 7d; at most 30d
    #[arg(long, value_name = "TIME", value_parser = expiry)]
    expires: Option<Duration>,
    /// The code works for ever; an account has at most 100,000 of them
    #[arg(long)]
    permanent: bool,
}

const MAX_EXPIRY: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Of a number in a permanent code.
const MAX_PERMANENT: u32 = 100_000;
const MAX_TEXT_BYTES: usize = 64;

fn expiry(text: &str) -> Result<Duration, Phrase> {
    let time = rules::read_length_of_time(text);
    let time = time.filter(|time| !time.is_zero() && *time <= MAX_EXPIRY);
    time.ok_or_else(|| phrase!(qr_invalid_expiry))
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let scene = match scene(&arguments.scene, arguments.lasts.permanent) {
        Ok(scene) => scene,
        Err(why) => return fail(&why),
    };
    let connection = match arguments.account.connect() {
        Ok(connection) => connection,
        Err(error) => return error.tell(),
    };
    // A permanent code counts for ever: none is made that cannot be drawn.
    let out = match arguments.out.as_deref().map(NewPicture::create).transpose() {
        Ok(out) => out,
        Err(why) => return fail(&why),
    };
    let expires = arguments.lasts.expires;
    let made = connection.wait(|api| async move { api.create_qr_code(&scene, expires).await });
    let code = match made {
        Ok(code) => code,
        Err(error) => {
            if let Some(out) = out {
                out.remove();
            }
            return fail(&error);
        }
    };
    show(arguments, &code);
    if let Some(mut out) = out
        && let Err(why) = out.write(&code.url)
    {
        out.remove();
        return fail(&why);
    }
    Exit::Success
}

/// A number is sent as one where that makes no difference to rules.
fn scene(text: &str, is_permanent: bool) -> Result<QrScene, Phrase> {
    let most = if is_permanent {
        MAX_PERMANENT
    } else {
        u32::MAX
    };
    let number: Option<u32> = text.parse().ok();
    let number = number.filter(|number| (1..=most).contains(number) && number.to_string() == text);
    match number {
        Some(number) => Ok(QrScene::Number(number)),
        None if text.trim().is_empty() || text.len() > MAX_TEXT_BYTES => {
            Err(phrase!(qr_invalid_scene, limit = MAX_TEXT_BYTES))
        }
        None => Ok(QrScene::Text(text.to_owned())),
    }
}

fn show(arguments: &Arguments, code: &QrCode) {
    let until = code.expires_in.and_then(|time| {
        let now = Timestamp::now();
        now.checked_add(SignedDuration::try_from(time).ok()?).ok()
    });
    match arguments.format {
        OutputFormat::Json => print_json(&json!({
            "scene": arguments.scene,
            "ticket": code.ticket,
            "url": code.url,
            "expires": until.map(|until| until.to_string()),
        })),
        OutputFormat::Human => {
            println!("{}", phrase!(qr_url, url = &code.url));
            println!("{}", phrase!(qr_ticket, ticket = &code.ticket));
            match until {
                None => println!("{}", phrase!(qr_for_ever)),
                Some(until) => {
                    let local = until.to_zoned(TimeZone::system());
                    let until = local.strftime("%Y-%m-%d %H:%M").to_string();
                    println!("{}", phrase!(qr_until, until));
                }
            }
            if let Some(out) = &arguments.out {
                println!("{}", phrase!(qr_drawn, path = out.display()));
            }
        }
    }
}

/// A file that is there already, and empty.
struct NewPicture {
    file: File,
    path: PathBuf,
    kind: PictureKind,
}

impl NewPicture {
    fn create(path: &Path) -> Result<NewPicture, Phrase> {
        let kind = PictureKind::of(path)
            .ok_or_else(|| phrase!(qr_unknown_picture, path = path.display()))?;
        let new = OpenOptions::new().write(true).create_new(true).open(path);
        let file =
            new.map_err(|error| phrase!(qr_unwritable, path = path.display(), reason = &error))?;
        let path = path.to_owned();
        Ok(NewPicture { file, path, kind })
    }

    fn write(&mut self, url: &str) -> Result<(), Phrase> {
        let drawn = Picture::of(url).map(|picture| picture.as_kind(self.kind));
        let drawn = drawn.ok_or_else(|| phrase!(qr_too_long))?;
        let written = self
            .file
            .write_all(&drawn)
            .and_then(|()| self.file.sync_all());
        written.map_err(|error| phrase!(qr_unwritable, path = self.path.display(), reason = &error))
    }

    fn remove(self) {
        // Nothing whole is in it; that it stays does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_only_where_it_reads_the_same_and_fits() {
        let text = |text: &str| Ok(QrScene::Text(text.to_owned()));
        let number = |number| Ok(QrScene::Number(number));
        let id = |scene: Result<QrScene, Phrase>| scene.map_err(|why| why.id());
        for (written, permanent, expected) in [
            ("7", true, number(7)),
            ("100000", true, number(100_000)),
            ("100001", true, text("100001")),
            ("100001", false, number(100_001)),
            ("4294967295", false, number(u32::MAX)),
            ("4294967296", false, text("4294967296")),
            ("007", false, text("007")),
            ("0", false, text("0")),
            ("门口", true, text("门口")),
        ] {
            assert_eq!(id(scene(written, permanent)), expected, "{written}");
        }
        for wrong in ["", "  ", &"a".repeat(65)] {
            assert_eq!(id(scene(wrong, true)), Err("qr-invalid-scene"), "{wrong:?}");
        }
    }

    #[test]
    fn a_code_works_for_thirty_days_at_most() {
        let seconds = |text: &str| expiry(text).ok().map(|time| time.as_secs());
        for (written, expected) in [
            ("7d", Some(604_800)),
            ("30d", Some(2_592_000)),
            ("90s", Some(90)),
            ("31d", None),
            ("0s", None),
            ("7", None),
            ("soon", None),
        ] {
            assert_eq!(seconds(written), expected, "{written}");
        }
    }
}
