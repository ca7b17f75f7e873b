# How outcomes are shown.

level-error = error
level-warning = warning
level-note = note
level-help = help

## Why rules are not taken, besides errors in them

test-failed = test failed: { $name }
test-required = the rule file has no test, and --require-tests wants them
file-unreadable = cannot read { $path }: { $problem }
