# How outcomes are shown.

level-error = error
level-warning = warning
level-note = note
level-help = help
