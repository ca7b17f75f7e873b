//! `wxreply media`: pictures, voices and videos that the account keeps at WeChat, beside those that
//! rules name.

mod delete;
mod upload;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::api_account::{ApiAccountArguments, ApiConnection};
use crate::cli::database::DatabaseArguments;
use crate::cli::media::delete::Delete;
use crate::cli::media::upload::Upload;
use crate::cli::{Exit, OutputFormat, fail, print_json};
use crate::i18n::phrase;
use crate::media::MediaKind;
use crate::report::display_width;
use crate::wechat_api::{ApiError, ListedMaterial};

/// Upload, list and delete material of the account; rules that name files need none of it
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: MediaAction,
}

#[derive(Debug, clap::Subcommand)]
enum MediaAction {
    /// Upload files and print their media ids
    Upload {
        /// Pictures, voices or videos
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// What they are kept as [default: by their content]
        #[arg(long, value_name = "KIND", value_parser = one_of(MediaKind::ALL))]
        kind: Option<MediaKind>,
        /// Keep them for three days and not for good
        #[arg(long)]
        temporary: bool,
        /// The title of a video [default: the name of its file]
        #[arg(long, conflicts_with = "temporary")]
        title: Option<String>,
        /// What is said below a video
        #[arg(
            long,
            conflicts_with = "temporary",
            default_value = "",
            hide_default_value = true
        )]
        introduction: String,
        /// Output for people or for programs
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: OutputFormat,
        #[command(flatten)]
        account: ApiAccountArguments,
    },
    /// List what the account keeps for good, newest first
    List {
        /// Only this kind [default: pictures, voices and videos]
        #[arg(long, value_name = "KIND", value_parser = one_of(LISTED))]
        kind: Option<MediaKind>,
        /// Output for people or for programs
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: OutputFormat,
        #[command(flatten)]
        account: ApiAccountArguments,
    },
    /// Delete material, also from the database, so that rules that show it upload it again; asks
    Delete {
        /// The media ids
        #[arg(required = true, value_name = "MEDIA_ID")]
        ids: Vec<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        account: ApiAccountArguments,
        #[command(flatten)]
        database: DatabaseArguments,
    },
}

/// WeChat lists no thumbs.
const LISTED: [MediaKind; 3] = [MediaKind::Image, MediaKind::Voice, MediaKind::Video];

fn one_of<const COUNT: usize>(
    kinds: [MediaKind; COUNT],
) -> impl TypedValueParser<Value = MediaKind> {
    let names = PossibleValuesParser::new(kinds.map(MediaKind::name));
    names.try_map(|name| MediaKind::named(&name).ok_or(name))
}

/// WeChat gives no more at once.
const PAGE: u64 = 20;

pub(super) fn run(arguments: &Arguments) -> Exit {
    match &arguments.action {
        MediaAction::Upload {
            files,
            kind,
            temporary,
            title,
            introduction,
            format,
            account,
        } => {
            let uploads = Upload {
                kind: *kind,
                is_temporary: *temporary,
                title: title.as_deref(),
                introduction,
            };
            uploads.run(files, account, *format)
        }
        MediaAction::List {
            kind,
            format,
            account,
        } => with(account, |connection| list(connection, *kind, *format)),
        MediaAction::Delete {
            ids,
            yes,
            account,
            database,
        } => with(account, |connection| {
            let delete = Delete {
                connection,
                database,
            };
            delete.run(ids, *yes)
        }),
    }
}

fn with(account: &ApiAccountArguments, go_on: impl FnOnce(&ApiConnection) -> Exit) -> Exit {
    match account.connect() {
        Ok(connection) => go_on(&connection),
        Err(error) => error.tell(),
    }
}

fn list(connection: &ApiConnection, kind: Option<MediaKind>, format: OutputFormat) -> Exit {
    let kinds = kind.map_or(LISTED.to_vec(), |kind| vec![kind]);
    let mut all = Vec::new();
    for kind in kinds {
        match listed(connection, kind) {
            Ok(found) => all.extend(found.into_iter().map(|one| (kind, one))),
            Err(error) => return fail(&error),
        }
    }
    match format {
        OutputFormat::Json => print_json(&json!({
            "material": all.iter().map(|(kind, one)| json!({
                "kind": kind.name(),
                "media_id": one.media_id,
                "name": one.name,
                "updated_at": one.updated_at,
                "url": one.url,
            })).collect::<Vec<_>>(),
        })),
        OutputFormat::Human if all.is_empty() => eprintln!("{}", phrase!(media_none)),
        OutputFormat::Human => {
            let width = all.iter().map(|(_, one)| display_width(&one.name)).max();
            let zone = TimeZone::system();
            for (kind, one) in &all {
                let time = Timestamp::from_second(one.updated_at).unwrap_or_default();
                let time = time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M");
                let missing = width.unwrap_or(0).saturating_sub(display_width(&one.name));
                let (name, id) = (&one.name, &one.media_id);
                println!("{time}  {:5}  {name}{:missing$}  {id}", kind.name(), "");
            }
        }
    }
    Exit::Success
}

/// Page after page.
fn listed(connection: &ApiConnection, kind: MediaKind) -> Result<Vec<ListedMaterial>, ApiError> {
    connection.wait(|api| async move {
        let mut all = Vec::new();
        loop {
            let page = api.list_material(kind, all.len() as u64, PAGE).await?;
            let is_last = page.items.is_empty();
            all.extend(page.items);
            if is_last || all.len() as u64 >= page.total {
                return Ok(all);
            }
        }
    })
}
