//! A sheet of keywords and answers, as spreadsheet programs save it: CSV.

use csv::{ReaderBuilder, StringRecord};

use crate::import::ImportError;
use crate::import::draft::{Draft, Keyword, Mode, Rule, When};
use crate::reply::Reply;
use crate::rules::scalar;

pub(super) fn read(text: &str) -> Result<Draft, ImportError> {
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let broken = |error: csv::Error| ImportError::Sheet(error.to_string());
    let headers = reader.headers().map_err(broken)?.clone();
    let column = |names: [&str; 2]| {
        headers
            .iter()
            .position(|header| names.contains(&header.trim().to_lowercase().as_str()))
    };
    let (Some(keyword), Some(answer)) = (column(["keyword", "关键词"]), column(["answer", "回复"]))
    else {
        let names: Vec<String> = headers.iter().map(scalar::inline).collect();
        return Err(ImportError::NoColumn {
            found: names.join(", "),
        });
    };
    let mode = column(["match", "匹配"]);
    let mut draft = Draft {
        origin: "A sheet of keywords and answers",
        rules: Vec::new(),
        notes: Vec::new(),
    };
    for (number, record) in (2..).zip(reader.records()) {
        let record = record.map_err(broken)?;
        let cell = |column: usize| record.get(column).unwrap_or_default();
        if is_blank(&record) {
            continue;
        }
        let mode = read_mode(number, mode.map_or("", cell))?;
        let keywords = keywords(cell(keyword), mode);
        let (Some(first), false) = (keywords.first(), cell(answer).trim().is_empty()) else {
            let note = format!("row {number} is left out: it needs a keyword and an answer");
            draft.notes.push(note);
            continue;
        };
        let mut rule = Rule::new(&first.text.clone(), When::Says(keywords));
        // Spreadsheet programs on Windows end the lines of a cell with two characters.
        let answer = cell(answer).trim().replace("\r\n", "\n");
        rule.replies.push(Reply::Text(answer));
        draft.rules.push(rule);
    }
    if draft.rules.is_empty() {
        draft
            .notes
            .push("no row has a keyword and an answer".to_owned());
    }
    Ok(draft)
}

fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| cell.trim().is_empty())
}

fn read_mode(row: u64, cell: &str) -> Result<Mode, ImportError> {
    match cell.trim().to_lowercase().as_str() {
        "" | "contain" | "contains" | "包含" | "半匹配" => Ok(Mode::Contain),
        "equal" | "equals" | "完全" | "完全匹配" | "全匹配" => Ok(Mode::Equal),
        other => Err(ImportError::UnknownMatch {
            row,
            found: scalar::inline(other),
        }),
    }
}

/// Several keywords in one cell stand on lines of their own or between `|`.
fn keywords(cell: &str, mode: Mode) -> Vec<Keyword> {
    let mut keywords = Vec::new();
    for word in cell.split(['|', '｜', '\n']).map(str::trim) {
        let text = word.to_owned();
        let keyword = Keyword { text, mode };
        if !word.is_empty() && !keywords.contains(&keyword) {
            keywords.push(keyword);
        }
    }
    keywords
}
