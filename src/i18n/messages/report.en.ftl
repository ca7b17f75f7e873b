# How outcomes are shown.

level-error = error
level-warning = warning
level-note = note
level-help = help

## Why rules are not taken, besides errors in them. These are codes, too, which are never renamed.

test-failed = test failed: { $name }
test-required = the rule file has no tests, and --require-tests demands some
file-unreadable = cannot read { $path }: { $problem }

count-errors = { $count ->
    [one] 1 error
   *[other] { $count } errors
}
count-warnings = { $count ->
    [0] no problems
    [one] 1 warning
   *[other] { $count } warnings
}
count-rules = { $count ->
    [one] 1 rule
   *[other] { $count } rules
}
count-tests = { $count ->
    [one] 1 test
   *[other] { $count } tests
}
count-accounts = { $count ->
    [one] 1 account
   *[other] { $count } accounts
}
accounts-summary = { $accounts }, { $warnings }
check-summary = { $rules }, { $tests }, { $warnings }

test-turn = turn
test-sent = sent
test-wanted = wanted
test-got = got
test-stored = stored
test-stored-difference = { $key }: wanted { $wanted }, got { $got }
passed-over = passed over:
passed-over-more = and { $count } more; `wxreply try` shows all
test-not-run = { $errors }; no tests were run
test-unreached = no test reaches the rule { $rule }
test-untimed = the test { $test } has no `at`, but the rule { $rule } answers only at certain times; add the time that is meant, such as at: 10:00
test-none = there are no tests; write some under `tests:`
test-summary = { $passed } passed, { $failed } failed{ $skipped ->
    [0] {""}
   *[other] , { $skipped } skipped
}; { $reached } of { $rules } reached
no-rule = no rule
rule-named = rule { $rule }
any-rule = any rule
rule-and-reply = { $rule }, { $reply }

try-text = text
try-rule = rule
try-reply = reply
try-sent = sent
try-stores = stores
try-none = none
try-file-first = the rule file comes before the text: wxreply try rules.yaml { $text }
invalid-at = --at is not a local time; write it like 2026-01-02 03:04:05 or 03:04
nothing-to-send = say what is sent: a text, --type or --event
nothing-typed = the message has no type; add --type, or --event for an event
not-a-pair = write it as NAME=VALUE
watching = watching; Ctrl-C ends
no-signals = cannot catch signals: { $error }

stored-nothing = nothing
change-set = set { $key } = { $value }
change-set-for = set { $key } = { $value }, for { $seconds } s
change-add = add { $item } to { $key }
change-remove = remove { $item } from { $key }
change-clear = clear { $key }
change-clear-all = clear all

## Why WeChat gets less than the rule says

degraded-long-text = the text has more than { $limit } bytes; the end is cut off
degraded-long-part = the { $part } has more than { $limit } bytes; the end is cut off
degraded-long-address = the { $part } has more than { $limit } bytes, so nothing is sent
degraded-articles = { $limit ->
    [one] only 1 article can be shown here
   *[other] only { $limit } articles can be shown here
}
degraded-blank-text = the text is blank, so nothing is sent
degraded-no-article = there are no articles, so nothing is sent
degraded-empty = the { $part } is empty, so nothing is sent
degraded-event = events cannot be transferred to customer service, so nothing is sent

## Why a rule did not answer

reason-unless = unless: { $conditions }
reason-disabled = switched off by `enabled: false`
reason-needs-user = depends on what is stored for the follower
reason-type = type is { $found }, not { $wanted }
reason-event = event is { $found }, not { $wanted }
reason-no-event = not an event, so not { $wanted }
reason-hours = it is { $now }, not within { $wanted }
reason-days = it is { $today }, not { $wanted }
reason-dates = it is { $today }, not within { $wanted }
reason-any = none of any: { $each }
reason-stored = something is stored under { $key }
reason-text = { $subject } { $value } { $test }
reason-no-text = there is no text
reason-not-stored = nothing is stored under { $key }
reason-missing = there is no { $name }
condition-type = type is { $wanted }
condition-event = event is { $wanted }
condition-hours = the time is within { $wanted }
condition-days = the day is { $wanted }
condition-dates = the date is within { $wanted }
condition-any = one of ({ $each })
condition-not-stored = nothing is stored under { $key }
condition-content = text { $test }
condition-text = { $subject } { $test }
subject-content = text
subject-stored = stored { $key }
does-equal = is { $wanted }
does-not-equal = is not { $wanted }
does-begin = begins with { $wanted }
does-not-begin = does not begin with { $wanted }
does-end = ends with { $wanted }
does-not-end = does not end with { $wanted }
does-contain = contains { $wanted }
does-not-contain = does not contain { $wanted }
does-match = matches { $wanted }
does-not-match = does not match { $wanted }
either = { $first } or { $second }
both = { $first } and { $second }
listed = { $first }; { $second }
count-more = { $count } more
weekday = { $day ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}

## Dialogues

step-of = step { $step } of { $rule }
step-for = { $step }, for { $seconds } s
test-step = step
test-step-difference = wanted { $wanted }, got { $got }
step-named = step { $step }
no-step = no step
at-step = at step { $step } of { $rule }
within-dialogue = within { $rule }
after-tries = { $place } after { $tries } tries
reason-elsewhere = at step { $step } of { $rule }, not { $wanted }
reason-not-at = not { $wanted }
condition-stored = something is stored under { $key }
at-least = is at least { $number }
not-at-least = is not at least { $number }
below = is below { $number }
not-below = is not below { $number }
