//! The list for a person at a terminal.

use std::io::{Result, Write};

use jiff::tz::TimeZone;

use crate::cli::list::row::{Row, local_time};
use crate::i18n::phrase;
use crate::report::display_width;

/// All but the value, which is last and as wide as it likes.
const COLUMNS: usize = 4;

/// A line of the table.
#[derive(Clone)]
struct Line {
    columns: [String; COLUMNS],
    value: String,
}

pub(super) struct Table {
    zone: TimeZone,
    /// Waiting until it is known how wide the columns are.
    first: Vec<Line>,
    widths: Option<[usize; COLUMNS]>,
}

/// How many rows say how wide the columns are: not all of them, as they may be millions.
const MEASURED: usize = 1000;

impl Table {
    pub(super) fn new(zone: TimeZone) -> Table {
        Table {
            zone,
            first: Vec::new(),
            widths: None,
        }
    }

    pub(super) fn add(&mut self, out: &mut impl Write, row: &Row) -> Result<()> {
        let line = Line {
            columns: [
                local_time(row.stored_at, &self.zone),
                shown(&row.follower),
                shown(&row.account),
                shown(&row.key),
            ],
            value: shown(&row.value),
        };
        if let Some(widths) = &self.widths {
            return line.write(out, widths);
        }
        self.first.push(line);
        if self.first.len() == MEASURED {
            self.begin(out)?;
        }
        Ok(())
    }

    pub(super) fn end(&mut self, out: &mut impl Write) -> Result<()> {
        match self.widths {
            Some(_) => Ok(()),
            None if self.first.is_empty() => writeln!(out, "{}", phrase!(list_empty)),
            None => self.begin(out),
        }
    }

    fn begin(&mut self, out: &mut impl Write) -> Result<()> {
        let head = Line {
            columns: [
                phrase!(list_stored_at),
                phrase!(list_follower),
                phrase!(list_account),
                phrase!(list_key),
            ]
            .map(|head| head.to_string()),
            value: phrase!(list_value).to_string(),
        };
        let lines = [vec![head], std::mem::take(&mut self.first)].concat();
        let mut widths = [0; COLUMNS];
        for line in &lines {
            for (width, column) in widths.iter_mut().zip(&line.columns) {
                *width = display_width(column).max(*width);
            }
        }
        self.widths = Some(widths);
        lines.iter().try_for_each(|line| line.write(out, &widths))
    }
}

impl Line {
    fn write(&self, out: &mut impl Write, widths: &[usize; COLUMNS]) -> Result<()> {
        for (column, width) in self.columns.iter().zip(widths) {
            let gap = width.saturating_sub(display_width(column)) + 2;
            write!(out, "{column}{:gap$}", "")?;
        }
        writeln!(out, "{}", self.value)
    }
}

/// On one line, and without what would command the terminal or turn the direction of writing.
fn shown(text: &str) -> String {
    let commands = |letter: char| {
        let turns = matches!(letter, '\u{61C}' | '\u{200E}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        letter.is_control() || turns
    };
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match commands(letter) {
            true => shown.extend(letter.escape_default()),
            false => shown.push(letter),
        }
    }
    shown
}
