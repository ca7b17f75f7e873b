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
catch-all-answers-events = rule `{ $rule }` also answers events of which followers know nothing: { $events }
no-timezone = `{ $key }` follows the machine's time zone, as `options` names none
step-without-expires = a follower who goes away stays at this step, and their next message counts as the answer however late it comes
step-never-left = nothing leads away from this step: no rule changes `{ $key }` there, and it never expires
line-breaks-lost = followers see this text on one line
too-many-warnings = { $count ->
    [one] 1 more warning is not shown
   *[other] { $count } more warnings are not shown
}
star-in-keyword = `*` is a plain character here, not a wildcard
odd-space = U+{ $code } in this text looks like a space
scene-with-prefix = a scene comes without `qrscene_`, also when somebody follows by the code
emoticon-as-text = a tapped { $name } arrives as `{ $code }`
slashes-in-regex = the slashes are a part of this regex
regex-never-matches = this regex never matches: `^` is the beginning of the text, `$` its end
html-in-text = followers see `{ $written }`: a text has no HTML but links
bare-in-address = <{ $name }> in an address can break it
subscribe-key-without-prefix = when somebody follows by a QR code, the key begins with `qrscene_`
link-without-address = this link does not work: it has no address
link-in-curly-quotes = this link does not work: its quotes are not plain ones
link-without-end = this link does not work: it has no end
link-without-scheme = this link does not work: its address has no https://
