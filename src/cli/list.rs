//! `wxreply list`: what is stored of all followers, as a table.

mod csv;
mod row;
mod table;

use std::io;
use std::io::{BufWriter, Write};
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::list::csv::Csv;
use crate::cli::list::row::Row;
use crate::cli::list::table::Table;
use crate::cli::stored_data::StoredArguments;
use crate::cli::{Exit, fail, output};
use crate::i18n::{Phrase, phrase};
use crate::rules;
use crate::server::pseudonym::Pseudonyms;
use crate::store::{Access, ListFilter, Listed};

/// List the stored values of all followers, newest first
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only values under this key
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    key: Option<String>,
    /// Only values stored within this time, such as 7d
    #[arg(long, value_name = "TIME", value_parser = length_of_time)]
    since: Option<Duration>,
    /// Show openids instead of pseudonyms
    #[arg(long)]
    openid: bool,
    #[arg(long, value_enum, default_value_t)]
    format: ListFormat,
    /// Begin the CSV with a byte order mark, without which Excel takes it for another encoding
    #[arg(long)]
    bom: bool,
    #[command(flatten)]
    stored: StoredArguments,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    #[default]
    Table,
    Csv,
    Json,
}

fn length_of_time(text: &str) -> Result<Duration, Phrase> {
    rules::read_length_of_time(text).ok_or_else(|| phrase!(invalid_since))
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    if arguments.bom && arguments.format != ListFormat::Csv {
        return fail(&phrase!(bom_without_csv));
    }
    let pseudonyms = (!arguments.openid).then(Pseudonyms::new);
    let row = |listed: Listed| Row {
        follower: match &pseudonyms {
            Some(pseudonyms) => pseudonyms.long(&listed.openid),
            None => listed.openid,
        },
        account: listed.account,
        key: listed.key,
        value: listed.value,
        stored_at: listed.stored_at,
        expires_at: listed.expires_at,
    };
    let now = Timestamp::now().as_second();
    let mut list = ValueList::new(arguments);
    let stored = &arguments.stored;
    let listed = stored.in_each_store(Access::Read, async |store, account| {
        let each = |listed| written(list.add(&row(listed)));
        store.list(&arguments.filter(account, now), each).await
    });
    match listed {
        Ok(listed) => {
            match listed.done.is_empty() {
                // Nobody shall take what there is for all of it.
                true => written(list.out.flush()),
                false => written(list.end()),
            }
            let exit = listed.tell_the_rest();
            match listed.done.iter().map(|(_, unreadable)| unreadable).sum() {
                0 => exit,
                rows => fail(&phrase!(unreadable_rows, rows)),
            }
        }
        Err(error) => {
            written(list.out.flush());
            error.tell()
        }
    }
}

impl Arguments {
    fn filter(&self, account: Option<&str>, now: i64) -> ListFilter {
        let seconds = |since: Duration| i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        let since = self.since.map(|since| now.saturating_sub(seconds(since)));
        ListFilter {
            key: self.key.clone(),
            account: account.map(str::to_owned),
            since: since.unwrap_or(i64::MIN),
            now,
        }
    }
}

fn written(outcome: io::Result<()>) {
    if let Err(error) = outcome {
        output::fail(&error);
    }
}

/// Millions of rows go through it, one after the other.
struct ValueList {
    out: BufWriter<io::Stdout>,
    layout: Layout,
    is_empty: bool,
}

enum Layout {
    Table(Table),
    Csv(Csv),
    Json,
}

impl ValueList {
    fn new(arguments: &Arguments) -> ValueList {
        let zone = TimeZone::system();
        ValueList {
            out: BufWriter::new(io::stdout()),
            layout: match arguments.format {
                ListFormat::Table => Layout::Table(Table::new(zone)),
                ListFormat::Csv => Layout::Csv(Csv {
                    zone,
                    byte_order_mark: arguments.bom,
                }),
                ListFormat::Json => Layout::Json,
            },
            is_empty: true,
        }
    }

    fn add(&mut self, row: &Row) -> io::Result<()> {
        let is_first = std::mem::replace(&mut self.is_empty, false);
        match &mut self.layout {
            Layout::Table(table) => table.add(&mut self.out, row),
            Layout::Csv(csv) => {
                if is_first {
                    csv.begin(&mut self.out)?;
                }
                csv.add(&mut self.out, row)
            }
            Layout::Json => {
                let start = if is_first { "[" } else { "," };
                write!(self.out, "{start}\n  {}", row.json())
            }
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match &mut self.layout {
            Layout::Table(table) => table.end(&mut self.out)?,
            Layout::Csv(csv) if self.is_empty => csv.begin(&mut self.out)?,
            Layout::Csv(_) => {}
            Layout::Json if self.is_empty => self.out.write_all(b"[]\n")?,
            Layout::Json => self.out.write_all(b"\n]\n")?,
        }
        self.out.flush()
    }
}
