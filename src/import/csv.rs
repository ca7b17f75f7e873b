//! A strict reader of CSV (RFC 4180). A misplaced quote joins several rows into one, which a
//! lenient reader does not report.

/// The cells of each row, with the row number that spreadsheet programs show.
pub(super) fn rows(text: &str) -> Result<Vec<Vec<String>>, QuoteError> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_cell(quoted).map_err(|kind| QuoteError {
                row: rows.len() + 1,
                column: row.len() + 1,
                kind,
            })?,
            None => plain_cell(rest),
        };
        row.push(cell);
        rest = match after.strip_prefix(',') {
            Some(next) => {
                if next.is_empty() {
                    row.push(String::new());
                }
                next
            }
            None => {
                rows.push(std::mem::take(&mut row));
                after_line_end(after)
            }
        };
    }
    rows.extend(Some(row).filter(|row| !row.is_empty()));
    Ok(rows)
}

/// Where a quote is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct QuoteError {
    pub(super) row: usize,
    /// From 1.
    pub(super) column: usize,
    pub(super) kind: QuoteErrorKind,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum QuoteErrorKind {
    /// Everything after it would belong to the cell.
    NeverClosed,
    /// Something follows the closing quote within the cell.
    TextAfterwards,
}

fn plain_cell(text: &str) -> (String, &str) {
    let (cell, after) = text.split_at(text.find([',', '\r', '\n']).unwrap_or(text.len()));
    (cell.to_owned(), after)
}

/// The cell whose opening quote precedes this text. A quote inside it is doubled.
fn quoted_cell(text: &str) -> Result<(String, &str), QuoteErrorKind> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"').ok_or(QuoteErrorKind::NeverClosed)?;
        cell.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None if after.is_empty() || after.starts_with([',', '\r', '\n']) => {
                return Ok((cell, after));
            }
            None => return Err(QuoteErrorKind::TextAfterwards),
        }
    }
}

fn after_line_end(text: &str) -> &str {
    let ends = ["\r\n", "\n", "\r"];
    ends.iter()
        .find_map(|end| text.strip_prefix(end))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_spreadsheet_programs_write_them() {
        for (text, wanted) in [
            ("", &[][..]),
            ("a,b\r\nc,d\r\n", &[&["a", "b"][..], &["c", "d"]]),
            ("a,b\rc,d", &[&["a", "b"], &["c", "d"]]),
            ("a\n\nb", &[&["a"], &[""], &["b"]]),
            ("a,", &[&["a", ""]]),
            (",\n", &[&["", ""]]),
            ("\"a\nb\",\"c,d\"\n", &[&["a\nb", "c,d"]]),
            ("\"\"\"a\"\" b\",\"\"", &[&["\"a\" b", ""]]),
            ("5\" pipe, \"x\"", &[&["5\" pipe", " \"x\""]]),
        ] {
            assert_eq!(rows(text).unwrap(), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_quote_in_the_wrong_place_is_told_with_its_cell() {
        use QuoteErrorKind::{NeverClosed, TextAfterwards};
        for (text, row, column, kind) in [
            ("a,b\nc,\"d\ne,f\n", 2, 2, NeverClosed),
            ("\"", 1, 1, NeverClosed),
            ("a,b\n\nc,\"d\ne,\"f\"\n", 3, 2, TextAfterwards),
            ("\"a\" ,b", 1, 1, TextAfterwards),
        ] {
            let wanted = QuoteError { row, column, kind };
            assert_eq!(rows(text).unwrap_err(), wanted, "{text:?}");
        }
    }
}
