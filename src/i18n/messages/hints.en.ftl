# What stands beside a diagnostic: labels, notes and help.

## Anywhere

label-first = first here
help-did-you-mean = did you mean `{ $meant }`?
help-write-it-as = write it as { $meant }
note-text-is-comment = # after a space starts a comment; put the text in quotes: { $quoted }
help-fix-those-first = fix the ones above first

## Keys and types

help-comma-in-braces = within {"{ }"} a comma ends a text: put the whole text in quotes
help-known-keys = the keys allowed here are { $keys }
help-no-merge = merge keys are not supported: repeat the keys here
help-merge-into-first = move its contents into the first one
help-several-values = keep one; several values under one key are a list: [a, b]
help-keep-one = keep one of them
help-write-a-list = a list is written in [ ], or with `-` before each item
help-example = for example { $example }
help-write-expected = write { $expected } here
help-multiplied-aliases = each alias (*name) counts as all that it stands for; repeat only short things, and no aliases within aliases
help-quote-key = put a key that begins with [, {"{"} or ? in quotes

## Includes and options

help-no-rules = write at least one under `rules:`, for example `{"- { name: 其他, reply: success }"}`
help-include-alone = an include has no other keys: - include: keywords/*.yaml
help-empty-include = name a file or a pattern: - include: keywords/*.yaml
help-include-failed = paths start at the folder of the file with the `include`
help-circular-include = remove this include, or make its pattern narrower
help-options-in-include = move them to the main file; they apply to all rules
help-unknown-time-zone = use a name such as Asia/Shanghai, Asia/Tokyo or UTC
help-on-error-not-fixed = it is sent when a rule has failed: write a reply without placeholders and without random

## Rules

help-missing-name = { $entry ->
    [test] say what it shows: name: replies to a greeting
   *[rule] add a name: it identifies the rule in logs, metrics and tests
}
help-name-after-effect = name the rule after what it does: logs, metrics and tests show the name
help-name-too-long = a name has at most { $limit } characters
help-reserved-name = `rule: none` in a test means that no rule answers
help-duplicate-name = give each rule its own name
help-missing-reply = answer with a text, or with nothing: reply: success
help-clear = name what to forget: clear: [step, price], or clear: all
help-changes = name what to store: { $key }: {"{ threshold: <rest> }"}
help-expires-without-set = it sets how long the values under `set` are kept
help-expiry = write a number with s, m, h or d, such as 30s, 10m, 2h or 7d, at most 3650d; or day, for local midnight
help-expires-by-key = for a value that is increased, name its key: expires: {"{"} { $key }: day {"}"}
help-expires-without-value = name a key of the `set` or `increase` next to it
help-number = use digits, such as 10, -5 or 12.5: at most { $digits } before the point and { $decimals } after it
help-reserved-dialogue-key = use another key; `clear: dialogue` ends a dialogue
help-dialogue-without-when = add what starts it: when: {"{ equals: 预约 }"}
help-dialogue-without-steps = add at least one: steps: {"[{ ask: 请问几位？, store: people }]"}
help-cancel-without-reply = add what the follower gets: reply: 好的，已取消
help-dialogue-reply = it is what the follower gets after the last step
help-missing-question = add the question: ask: 请问几位？
help-duplicate-step = give one of them its own `name`
help-taken-placeholder = store the answer under another name, such as people
help-skip-without-store = add `store`: the step is skipped when something is stored under that name
help-tries = use a number from 1 to { $most }
help-tries-without-give-up = next to `steps`, add what the follower gets at last: give_up: 请稍后再试
help-empty-choices = add answers and what each means: choices: {"{ 是: next, 否: restart }"}
help-choices-together = to give several answers one meaning, write a list: [是, 对]: next
help-no-cancel = give the dialogue the key `cancel`, with what is replied then; or write another word
help-unknown-step = use next, restart, cancel or the name of a step; with `store`, other words are kept
help-expected-step = name a step of a dialogue, or null for none
help-stored-key = use letters, digits, _ and -, at most { $limit } of them; `all` is reserved
help-no-condition = add at least one, such as {"{ type: text }"}, or remove this to match everything
help-any = write at least one: {"any: [{ equals: 订购 }, { event: CLICK, key: ORDER }]"}
help-nested-any = move its alternatives into the list around it
help-empty-mapping = name what to look at, or remove `{ $key }`
help-no-operator = add an operator, such as {"{ prefix: buy_ }"}
help-empty-list = write at least one text, or remove the key
help-empty-text = write the text, or remove the key
help-blank-text = invisible characters do not count, and with `options.trim` neither does white space; write some words
help-ignored-punctuation = to compare the text as it was sent, write {"fields: { content: { "}{ $operator }: "{ $text }"{" } }"}
help-hours = use the 24-hour clock, such as "09:00-18:00"
help-whole-day = the whole day is "00:00-24:00"
help-days = use mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri
help-several-days = write several days as a list: [mon, wed]
help-dates = use a day such as 2027-10-01 or 12-25, or a range such as 2027-02-15..2027-02-23
help-several-dates = write several dates as a list: [2027-10-01, 12-25]
help-reversed-dates = write the earlier day first: { $meant }
help-both-years = write a year with each date, or two dates without a year for every year
help-invalid-regex = to match . * + ? ( ) [ ] {"{ }"} | ^ $ literally, put a backslash before them
help-regex-too-large = use smaller repetitions such as {"{1,20}"}, and [0-9] or [a-z] instead of \d or \w
help-regexes-too-large = use [0-9] or [a-z] instead of \d or \w, or keywords instead of regexes

## Replies

help-empty-reply = to answer nothing, write reply: success
help-empty-part = write the text, or answer nothing: reply: success
help-reply-kinds = use text, image, voice, video, music, news, transfer_customer_service or random
help-mixed-reply = WeChat accepts one reply to a message: keep one, or list them under `random`
help-no-article = write at least one: {"news: [{ title: 标题, url: 'https://example.com/' }]"}
help-too-many-articles = WeChat shows at most { $limit } for an event and 1 for a message
help-random = write at least one reply: random: [你好, 您好]
help-missing-key = WeChat requires it: add { $key }: …

## Placeholders

help-did-you-mean-placeholder = did you mean <{ $meant }>? To show it as text, write `<<{ $name }>`
help-placeholders = the placeholders are { $names }, user.KEY, and elements of the message such as media_id; to show it as text, write `<<{ $name }>`
help-unclosed-default = a default is plain text without <, closed by >: <{ $name }|text>
help-rest = add a `prefix` under `when`, or use <content> for the whole text
help-groups = groups are the ( ) in the `regex` under `when`, counted from 1; to show it as text, write `<<{ $group }>`
help-no-format = only <time:FORMAT> takes a format
help-nothing-to-encode = write the name of a placeholder after it: <url:rest>, <url:1>
help-time-format = write it like <time:%H:%M> or <time:%Y-%m-%d %H:%M:%S>
help-half-width-colon = use a plain colon: <time:{ $format }>
help-stored-placeholder = after `user.` come letters, digits, _ and -; to show it as text, write `<<{ $name }>`
help-new-outside-reply = only replies can show it; <user.{ $key }> is what was stored before

## Tests

help-missing-send = say what the follower sends: send: 你好
help-send-with-talk = `send` is one message, `talk` is a list of them: keep one
help-expect-with-talk = in a talk, each turn has its own `expect`
help-missing-expect = say which rule answers: {"expect: { rule: 你好 }"}, or rule: none
help-missing-message-type = add the type: text, image, voice, video, location, link, event, …
help-unknown-rule = name a rule of this file, or none
help-expected-silence = if the follower gets nothing, write reply: success
help-invalid-expected-reply = write exactly what the follower gets, such as {"{ image: M1 }"}
help-invalid-time = write it like 2026-01-02 03:04:05, 2026-01-02 03:04 or 03:04
help-later = use a number with s, m, h or d, such as 30s, 11m, 2h or 1d
help-later-with-at = keep `at` for a certain time, or `later` for one after the previous turn
