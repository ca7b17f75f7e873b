# What stands beside a diagnostic: labels, notes and help.

note-text-is-comment = # after a space starts a comment; put the text in quotes: { $quoted }
