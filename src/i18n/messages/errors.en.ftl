# What is wrong with a rule file. Each id is the code of the error: `error[unknown-key]`. Codes are
# public: documents and search engines know them, so they are never renamed.

## Reading the file

invalid-yaml = invalid YAML: { $problem }
key-not-text = a key must be plain text
unknown-key = unknown key `{ $key }`
duplicate-key = duplicate key `{ $key }`
wrong-type = expected { $expected }, found { $found }
too-many-aliases = aliases expand to far too much data
too-many-errors = too many errors here; the rest are not shown
more-errors = { $count ->
    [one] 1 more error is not shown
   *[other] { $count } more errors are not shown
}

## Includes and options

no-rules = there are no rules
include-with-other-keys = `{ $key }` next to `include`
empty-include = `include` names no file
include-failed = cannot include this: { $reason }
circular-include = this includes { $path }, which is already being read
options-in-include = `options` in an included file
unknown-time-zone = unknown time zone `{ $name }`
on-error-not-fixed = `on_error` must be a fixed reply

## Rules

missing-name = { $entry ->
    [test] this test has no name
   *[rule] this rule has no name
}
empty-name = the name is empty
name-too-long = the name is too long
reserved-name = a rule cannot be named `none`
duplicate-name = two rules are named `{ $name }`
missing-reply = this rule has no `reply`
empty-value = `{ $key }` is empty
empty-list = this list is empty
empty-mapping = this mapping is empty
empty-text = the text is missing here
blank-text = there is nothing to compare here
ignored-punctuation = `ignore_punctuation` ignores all of this
no-condition = there are no conditions here
nested-any = `any` within `any`
invalid-hours = invalid time range "{ $text }"
empty-hours = the time range "{ $text }" is empty
invalid-day = invalid day of the week "{ $text }"
invalid-date = invalid date "{ $text }"
missing-day = "{ $text }" names a day that does not exist
reversed-dates = the date range "{ $text }" ends before it starts
half-yearly-dates = the date range "{ $text }" lacks a year
invalid-duration = invalid duration `{ $text }`
expires-without-set = `expires` without `set`
expires-without-value = `{ $key }` is neither set nor increased here
invalid-number = `{ $text }` is not a number
reserved-dialogue-key = only dialogues store something under `dialogue`
dialogue-without-when = this dialogue never starts
dialogue-without-steps = this dialogue has no steps
cancel-without-reply = `cancel` has no `reply`
missing-question = this step asks nothing
duplicate-step = two steps are named `{ $name }`
taken-placeholder = <{ $name }> is already another placeholder
skip-without-store = this step stores nothing that could be known
invalid-tries = invalid number of tries
tries-without-give-up = `tries` without `give_up`
empty-choices = there is nothing to choose from
unknown-step = there is no step named `{ $name }`
invalid-stored-key = `{ $key }` cannot be the name of a stored value
invalid-regex = this regex is invalid
regex-too-large = this regex is too large
regexes-too-large = the regexes of this file are too large together

## Replies

empty-reply = the reply is empty
reply-without-kind = this reply has no content
mixed-reply = `{ $first }` and `{ $second }` in one reply
missing-key = `{ $key }` is missing
too-many-articles = { $count } articles in one reply

## Placeholders

unknown-placeholder = unknown placeholder <{ $name }>
unclosed-default = the default value of <{ $name }> is not closed
rest-without-prefix = <rest> needs a `prefix`, and this rule has none
group-without-regex = <{ $group }> needs a `regex`, and this rule has none
unknown-group = <{ $group }>: the regex of this rule has { $groups ->
    [0] no groups
    [one] only 1 group
   *[other] only { $groups } groups
}
format-not-allowed = <{ $name }> takes no format
invalid-time-format = invalid time format <time:{ $format }>
full-width-colon = full-width colon after <time
nothing-to-encode = <url:> names nothing to encode
invalid-stored-placeholder = <{ $name }> cannot be the name of a stored value
new-outside-reply = <{ $name }> is what is stored after the rule

## Tests

missing-send = { $entry ->
    [turn] this turn sends nothing
   *[test] this test sends nothing
}
missing-message-type = the type of this message is missing
send-with-talk = `send` and `talk` in one test
expect-with-talk = `expect` next to `talk`
missing-expect = this test expects nothing
unknown-rule = there is no rule named `{ $name }`
missing-rule = the name of the rule is missing
invalid-expected-reply = this is not exactly one reply
invalid-time = invalid local time
later-with-at = `at` and `later` in one turn
