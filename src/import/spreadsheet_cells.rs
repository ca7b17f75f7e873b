//! Recognises cells that a spreadsheet program has rewritten.

/// Whether a cell looks rewritten: a long number as a power of ten or without its last digits,
/// `3-4` as a date, a text that begins with `=` or `-` as an error, or a number in too narrow a
/// column.
pub(super) fn is_rewritten(cell: &str) -> bool {
    let cell = cell.trim();
    is_power_of_ten(cell) || has_lost_digits(cell) || is_date(cell) || is_error(cell)
}

/// `1.38E+10`
fn is_power_of_ten(cell: &str) -> bool {
    let Some((number, power)) = cell.split_once(['E', 'e']) else {
        return false;
    };
    let number = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let power = power.strip_prefix(['+', '-']);
    whole.len() == 1 && is_digits(whole) && is_digits(fraction) && power.is_some_and(is_digits)
}

/// Spreadsheet programs keep fifteen digits of a number and replace the others by zeros.
fn has_lost_digits(cell: &str) -> bool {
    let lost = cell.get(15..).unwrap_or_default();
    is_digits(cell) && !lost.is_empty() && lost.bytes().all(|digit| digit == b'0')
}

/// `4-Mar`
fn is_date(cell: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    cell.split_once('-').is_some_and(|(one, other)| {
        [(one, other), (other, one)]
            .iter()
            .any(|(day, month)| day.len() <= 2 && is_digits(day) && MONTHS.contains(month))
    })
}

/// `#NAME?`, and `####` for a number that is wider than its column.
fn is_error(cell: &str) -> bool {
    let errors = [
        "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!",
    ];
    errors.contains(&cell) || cell.len() > 2 && cell.bytes().all(|byte| byte == b'#')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_program_made_is_told_from_what_somebody_typed() {
        for cell in [
            "1.38E+10",
            "1e-5",
            "-4.2E+18",
            "6228480012345670000000",
            "6228480012345670",
            "4-Mar",
            "Mar-04",
            "#NAME?",
            "########",
        ] {
            assert!(is_rewritten(cell), "{cell}");
        }
        for cell in [
            "",
            "E+10",
            "1.38",
            "13800000000",
            "622848001234567",
            "6228480012345678",
            "12E+5",
            "3-4",
            "4-March",
            "#",
            "#话题",
            "E",
            "1E5",
            "5e5号楼",
            "订单号1.38E+10的",
        ] {
            assert!(!is_rewritten(cell), "{cell}");
        }
    }
}
