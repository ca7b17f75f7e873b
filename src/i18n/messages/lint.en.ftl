# What stands beside a warning.

label-asked-here = required here
label-answered-here = answered here
label-answers-first = answers first
label-answers-everything = answers everything
label-never-reached = never reached

never-same = `{ $earlier }` before it has the same conditions
never-covered = `{ $earlier }` before it answers everything that it would
never-after-all = `{ $earlier }` before it has no `when` and answers everything
never-lacks = { $who } { $lacks }
never-no-scene = its event has no QR code scene
never-no-text-passes = no text matches both this and its other conditions
never-stored-and-not = it wants the same key to be stored and not stored
never-unless = its `unless` holds whenever its `when` does
who-event = an event
who-text = a text message
who-type = a message of type `{ $name }`
who-types = a message of these types
lacks-text = has no text
lacks-menu = does not come from a menu link
lacks-event = is not an event
lacks-key = has no key
lacks-scene = has no scene
note-rules-after = { $count ->
    [one] the same goes for the rule after it
   *[other] the same goes for the { $count } rules after it
}
help-never-same = remove one of them, or let `{ $rule }` ask for something that `{ $earlier }` leaves
help-never-covered = move `{ $rule }` before `{ $earlier }`, or remove it
help-make-last = make `{ $earlier }` the last rule
help-keyword-taken = remove it here, or move this rule before `{ $earlier }`
help-lacks-text = text comes with `type: text`; for other messages, look at `fields`
help-lacks-menu = a menu link sends a text message: `type: text`; a menu button sends an event with a `key`
help-lacks-event = keep `event` or `type`; events have the type event
help-lacks-key = keys come with events: use `type: event`, or remove `type`
help-lacks-scene = scenes come with events: use `type: event`, or remove `type`
help-no-scene = scenes come with the events SCAN and subscribe; for other events use `key`
help-no-text-passes = keep one of them, or make two rules: all keys of `when` must hold
help-keep-one-of-two = keep one of the two
help-unless = an `unless` excludes some of the messages of the `when` next to it
help-several-keywords = for { $count } keywords write [{ $keywords }]; for this one put it in quotes
help-quote-or-space = put the text in quotes; for a comment, write a space after the #
help-emptied-include = restore its rules, or delete the file
help-unsubscribe = write reply: success; what the rule stores or forgets is done anyway
help-plain-placeholder = use plain brackets: { $meant }
help-media-id = upload the file as material of the account and use the id from WeChat, made of letters, digits, - and _
help-text-too-long = it has { $bytes } bytes without its placeholders (a Chinese character has 3); shorten it, or link to an article
help-reply-word = did you mean { $meant }? For text, use quotes
help-new-line = for a new line put the text in double quotes, or its lines under `|-`
help-one-article = keep one article, or answer only events, which can have up to 8: {"when: { type: event }"}
help-transfer = answer the event with a text that asks the follower to write, and transfer what they write in another rule
help-always-empty = remove it, or name a type of message that has it under `when`
help-without-quotes = write it without them: { $text }
help-single-quotes = in double quotes `\b` is a backspace; put regexes in single quotes
help-plain-operator = write `{ $operator }: { $text }`, which does the same
help-remove-one = remove one
note-same-keyword = with these `options` both spellings are the same keyword
help-english-names = WeChat's names are English, such as `text` or `CLICK`
note-stored-values = rules store { $values } there
help-store-first = store it first: {"set: { "}{ $key }{": … }"}
and-more = { $values } and { $count } more
help-any-text = to match any text, write when: {"{ type: text }"}
help-other-key = write { $key }: { $name }
help-odd-space = it came along when the text was copied; type an ordinary space, or none
help-write-scene = write scene: { $scene }
help-list-both = list both: ["{ $name }", "{ $code }"]
help-no-slashes = write it without them: '{ $regex }'
help-anchor-inside = remove the `^` or `$` in the middle, or put a backslash before it
help-character-itself = write the character itself: { $meant }
help-no-names = WeChat sends no names of followers; what a rule has stored is <user.KEY>
help-write-link = write <a href="https://example.com/">官网</a>
help-whole-address = write the whole address: https://{ $address }
help-url-placeholder = write <url:{ $name }>, so that spaces, quotes, & and # in it stay a part of it
