//! Colours, where somebody sees them.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};

pub(super) fn stdout_is_colored() -> bool {
    is_colored(&std::io::stdout())
}

/// Whether a stream shows colours: on a terminal that has any, unless `NO_COLOR` is set.
pub(super) fn is_colored(stream: &impl IsTerminal) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    !is_set("NO_COLOR") && !is_dumb && stream.is_terminal()
}

/// What a text is, as far as colours tell.
#[derive(Clone, Copy)]
pub(super) enum Ink {
    /// What one looks for first.
    Good,
    Doubtful,
    Bad,
    /// What one was asked about.
    Mark,
    /// What one may overlook.
    Faint,
}

/// A text in its colour, or as it is.
pub(super) fn paint(colored: bool, ink: Ink, text: &str) -> String {
    if !colored || text.is_empty() {
        return text.to_owned();
    }
    let style = match ink {
        Ink::Good => AnsiColor::Green.on_default().bold(),
        Ink::Doubtful => AnsiColor::Yellow.on_default().bold(),
        Ink::Bad => AnsiColor::Red.on_default().bold(),
        Ink::Mark => AnsiColor::Cyan.on_default().bold().underline(),
        Ink::Faint => Style::new().dimmed(),
    };
    format!("{style}{text}{style:#}")
}
