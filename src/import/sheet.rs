//! A sheet of keywords and answers, as spreadsheet programs save it: CSV.

use crate::i18n::phrase;
use crate::import::csv::{self, QuoteError, QuoteErrorKind};
use crate::import::draft::{Draft, DraftMode, DraftRule, DraftWhen, Keyword};
use crate::import::spreadsheet_cells::is_rewritten;
use crate::import::{ImportError, listed};
use crate::reply::Reply;
use crate::rules::scalar;

pub(super) fn read(text: &str) -> Result<Draft, ImportError> {
    let mut rows = csv::rows(text).map_err(refused)?;
    for cells in &mut rows {
        // Cells of columns without a name may only be empty.
        while cells.pop_if(|cell| cell.trim().is_empty()).is_some() {}
    }
    let headers = rows.first().cloned().unwrap_or_default();
    let column = |names: [&str; 2]| {
        let is_so = |header: &String| names.contains(&header.trim().to_lowercase().as_str());
        let mut columns = (0..).zip(&headers).filter(|(_, header)| is_so(header));
        let first = columns.next().map(|(at, _)| at);
        match columns.next() {
            Some((_, again)) => Err(ImportError::ColumnTwice {
                header: scalar::inline(again.trim()),
            }),
            None => Ok(first),
        }
    };
    if headers.is_empty() {
        return Err(ImportError::EmptyHeader);
    }
    let (keyword, answer) = (column(["keyword", "关键词"])?, column(["answer", "回复"])?);
    let (Some(keyword), Some(answer)) = (keyword, answer) else {
        let names: Vec<String> = headers
            .iter()
            .map(|header| scalar::inline(header))
            .collect();
        return Err(ImportError::NoColumn {
            found: names.join(", "),
        });
    };
    let mode = column(["match", "匹配"])?;
    let rows: Vec<(usize, Vec<String>)> = (1..).zip(rows).skip(1).collect();
    let those = |is_so: &dyn Fn(&[String]) -> bool| -> Vec<usize> {
        let those = rows.iter().filter(|(_, cells)| is_so(cells));
        those.map(|(row, _)| *row).collect()
    };
    let beyond = those(&|cells| cells.len() > headers.len());
    if !beyond.is_empty() {
        return Err(ImportError::CellsBeyondHeader {
            rows: beyond,
            named: headers.len(),
        });
    }
    let used = |cells: &[String], is_so: fn(&str) -> bool| {
        let mut cells = [keyword, answer].into_iter().filter_map(|at| cells.get(at));
        cells.any(|cell| is_so(cell))
    };
    let mut draft = Draft {
        origin: phrase!(import_from_sheet),
        rules: Vec::new(),
        notes: Vec::new(),
    };
    let broken = those(&|cells| used(cells, has_written_line_breaks));
    if !broken.is_empty() {
        draft
            .notes
            .push(phrase!(import_line_breaks, rows = listed(&broken)));
    }
    let rewritten = those(&|cells| used(cells, is_rewritten));
    if !rewritten.is_empty() {
        draft
            .notes
            .push(phrase!(import_rewritten, rows = listed(&rewritten)));
    }
    let controlled = those(&|cells| used(cells, |cell| cell.contains(is_control)));
    if !controlled.is_empty() {
        draft.notes.push(phrase!(
            import_control_characters,
            rows = listed(&controlled)
        ));
    }
    for (row, cells) in &rows {
        let cell = |column: usize| cells.get(column).map_or("", String::as_str);
        if cells.is_empty() {
            continue;
        }
        let mode = read_mode(*row, mode.map_or("", cell))?;
        let keywords = keywords(&text_of(cell(keyword)), mode);
        let reply = text_of(cell(answer)).trim().to_owned();
        let (Some(first), false) = (keywords.first(), reply.is_empty()) else {
            draft.notes.push(phrase!(import_row_left_out, row = *row));
            continue;
        };
        let mut rule = DraftRule::new(&first.text.clone(), DraftWhen::Says(keywords));
        rule.replies.push(Reply::Text(reply));
        draft.rules.push(rule);
    }
    if draft.rules.is_empty() {
        draft.notes.push(phrase!(import_no_rows));
    }
    Ok(draft)
}

fn refused(error: QuoteError) -> ImportError {
    let QuoteError { row, column, kind } = error;
    match kind {
        QuoteErrorKind::NeverClosed => ImportError::QuoteNeverClosed { row, column },
        QuoteErrorKind::TextAfterwards => ImportError::TextAfterQuote { row, column },
    }
}

/// Line breaks in a cell as other systems write them.
const WRITTEN_LINE_BREAKS: [&str; 5] = ["\\r\\n", "\\n", "<br>", "<br/>", "<br />"];

/// No chat shows it, nor can anybody type it.
fn is_control(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\t' | '\r' | '\n')
}

fn has_written_line_breaks(cell: &str) -> bool {
    let mut places = (0..cell.len()).filter_map(|at| cell.get(at..));
    places.any(|rest| written_line_break(rest).is_some())
}

/// What stands behind the line break with which a text begins. HTML is the same in upper case,
/// `\n` is not.
fn written_line_break(text: &str) -> Option<&str> {
    WRITTEN_LINE_BREAKS.iter().find_map(|written| {
        let (begin, rest) = text.split_at_checked(written.len())?;
        let is_tag = written.starts_with('<');
        let is_same = begin == *written || (is_tag && begin.eq_ignore_ascii_case(written));
        is_same.then_some(rest)
    })
}

/// What a cell says. Windows programs end lines within it with two characters.
fn text_of(cell: &str) -> String {
    let cell = cell.replace("\r\n", "\n");
    let (mut text, mut rest) = (String::with_capacity(cell.len()), cell.as_str());
    while let Some(letter) = rest.chars().next() {
        if let Some(behind) = written_line_break(rest) {
            text.push('\n');
            rest = behind;
            continue;
        }
        if !is_control(letter) {
            text.push(letter);
        }
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    text
}

fn read_mode(row: usize, cell: &str) -> Result<DraftMode, ImportError> {
    match cell.trim().to_lowercase().as_str() {
        "" | "contain" | "contains" | "包含" | "半匹配" => Ok(DraftMode::Contain),
        "equal" | "equals" | "完全" | "完全匹配" | "全匹配" => Ok(DraftMode::Equal),
        other => Err(ImportError::UnknownMatch {
            row,
            found: scalar::inline(other),
        }),
    }
}

/// Several keywords in one cell are on separate lines, or separated by `|`.
fn keywords(cell: &str, mode: DraftMode) -> Vec<Keyword> {
    let mut keywords = Vec::new();
    for word in cell.split(['|', '｜', '\n']).map(str::trim) {
        if let Some(keyword) = Keyword::new(word, mode)
            && !keywords.contains(&keyword)
        {
            keywords.push(keyword);
        }
    }
    keywords
}
