# What is likely a mistake in a rule file. Each id is the code of the warning:
# `warning[never-answers]`. Codes are public and never renamed.

never-answers = rule `{ $rule }` never answers: { $reason }
keyword-never-answers = rule `{ $rule }` never answers this: `{ $earlier }` does first
repeated-keyword = this is already in the list
one-keyword = this is a single keyword
quoted-keyword = these quotes are part of the keyword
needless-regex = this regex is just plain text
control-character-in-regex = this regex contains a control character
unknown-type = WeChat sends no messages of type `{ $name }`
unknown-event = WeChat sends no event `{ $name }`
unknown-field = WeChat sends no element `{ $name }`
never-stored = no rule stores anything under `{ $key }`
value-never-stored = no rule stores this under `{ $key }`
never-read = no rule reads what is stored under `{ $key }`
text-cut-at-comment = this # starts a comment, so the text ends before it
empty-included-file = this included file has no rules and no tests
invalid-media-id = this is not a media id
text-too-long = this text is always cut off: WeChat allows { $limit } bytes
literal-reply-word = followers will see this word
literal-backslash-n = followers will see `\n`
extra-articles = WeChat drops this: a message is answered with one article
event-to-customer-service = WeChat transfers messages to customer service, not events
reply-to-unsubscribe = followers who have just unsubscribed receive nothing
not-a-placeholder = `{ $written }` is not a placeholder, and followers will see it
always-empty = <{ $name }> is always empty: { $who } has no such element
too-many-warnings = { $count ->
    [one] 1 more warning is not shown
   *[other] { $count } more warnings are not shown
}
