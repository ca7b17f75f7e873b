# Services, the rules that ask them, and the tests of those: errors, warnings and how to fix them.

## Services

services-in-include = `services` in an included file
help-services-in-include = move them to the main file; all rules may ask them
invalid-service-name = `{ $name }` cannot be the name of a service
help-service-name = use letters, digits, _ and -, at most { $limit } of them, and not the word all
service-of-two-kinds = `url` and `llm` in one service
help-service-of-two-kinds = `url` is an endpoint of your own, `llm` a language model: make two services
service-without-address = this service has no address
help-service-without-address = write `url: https://…` for an endpoint, or `llm: https://…` for a language model
key-of-other-kind = { $kind ->
    [webhook] only a service with `url` has `{ $key }`
   *[model] only a service with `llm` has `{ $key }`
}
help-key-of-other-kind = remove it, or make it a service of the other kind
placeholder-in-address = a placeholder in the fixed part of an address
help-placeholder-in-address = only what follows the `?` may have placeholders, so that no follower chooses where a request goes: https://example.com/track?number=<content>
help-placeholder-in-model-address = the address of a language model has no placeholders
invalid-service-address = this is not the address of a service
help-service-address = write it with its scheme and host: https://api.example.com/track
help-address-with-password = a name and a password are secrets: send them in a header, such as Authorization: Basic <secret.NAME>
help-address-end = leave out what follows: a language model takes no `?`, and `#` is never sent
invalid-header-name = `{ $name }` cannot be the name of a header
help-header-name = use letters, digits and -, such as Authorization or X-Shop
reserved-header = the header `{ $name }` is not for rule files
help-reserved-header = wxreply sets it itself; remove it
control-in-header = a control character in a header
help-control-in-header = write the value on one line
placeholder-in-header = <{ $name }> in a header
help-placeholder-in-header = headers take only <secret.NAME>; put everything else into what is sent with `ask`
invalid-secret-name = this is not the name of a secret
help-secret-name = write a name, not the secret itself: letters, digits, _ and -; the value comes from --secrets or WXREPLY_SECRET_<NAME>
help-empty-secret-name = write the name of a secret: letters, digits, _ and -
service-without-model = this language model has no `model`
help-service-without-model = write what it is called there: model: deepseek-chat
extra-not-mapping = `extra` is not a mapping
help-extra-not-mapping = it is merged into the request: extra: {"{ temperature: 0.3 }"}
help-memory-turns = say how many questions with their answers it remembers: turns: 6
timeout-too-long = this timeout is too long
help-timeout-too-long = { $limit } at most
invalid-count = `{ $key }` is not a number that fits here
help-count = a whole number from { $least } to { $most }
invalid-rate = `{ $text }` is not a limit
help-rate = a number for each minute, hour or day: 5/m, 20/h, 100/d
invalid-openid-mode = `openid` is neither plain nor hash
help-openid-mode = plain sends the openid itself; hash, which is the default, a keyed hash of it
openid-to-service = the openid goes out here
help-openid-to-service = write `<openid>` as a value of its own to send a keyed hash of it, or `openid: plain` in the service to send it as it is
help-openid-in-address = put it into what is sent with `ask`, or write `openid: plain` in the service

## Options

invalid-push = `push` is neither auto nor never
help-push = auto, which is the default, sends a late answer by itself where the account may do that; with never, it is fetched
more-too-long = this leaves too little room for the answer above it
help-more-too-long = it has { $bytes } bytes, of at most { $limit } (a Chinese character has 3)
slow-not-fixed = `{ $key }` must be a fixed reply
help-slow-not-fixed = it is a text, or success; only <fetch:TEXT> is filled in
help-more-not-fixed = it is a text; only <fetch:TEXT> is filled in
empty-fetch-link = <fetch:> has no text
help-fetch-link = write what the follower taps: <fetch:tap here>
fetch-outside-slow = <fetch:…> outside of `slow` and `more`
help-fetch-outside-slow = it fetches an answer that is not there yet, which only `options.slow` and `options.more` speak of

## Rules that ask

unknown-service = there is no service named `{ $name }`
help-unknown-service = describe it under `services` in the main file
help-ask = name the service and what is sent: ask: {"{ 快递: { number: <rest> } }"}
several-services = a rule asks one service only
help-several-services = make a rule for each, or one service that asks the others
model-takes-text = a language model is asked with a text
help-model-takes-text = ask: {"{ 小助手: \"translate into English: <rest>\" }"}; its settings go under `services`
failed-without-ask = `failed` without `ask`
help-failed-without-ask = it is the reply when a service fails; remove it, or ask one
unknown-failure = `{ $kind }` is not a kind of failure
help-failed-kinds = use a status such as 404, timeout, refused, busy, too_large, not_json, empty, or other
answer-without-ask = <{ $name }> needs an answer, and there is none here
help-answer-without-ask = it stands in `reply` and in what is stored, of a rule with `ask`

## Warnings

service-without-encryption = what is asked and answered goes through the internet unencrypted
help-service-without-encryption = use https://
model-without-label = nothing says that these answers are generated
help-model-without-label = Chinese law requires a notice: label: 【AI 生成】
model-without-limits = nothing limits how often this language model is asked
help-model-without-limits = limits: {"{ follower: 20/h, day: 3000 }"}
model-without-tokens = nothing limits how long the answers of this language model are
help-model-without-tokens = limits: {"{ tokens: 400 }"}
answer-never-there = no answer in any test has <{ $name }>
help-answer-never-there = correct the path, or write a test whose answer has it
key-in-file = this looks like a key
help-key-in-file = keep it out of the file: write its name, and give the value with --secrets or WXREPLY_SECRET_<NAME>; and replace it if others have seen it
plain-mode-with-model = the account { $account } is in plain mode: anyone who sees one of WeChat's requests can ask this model, too
help-plain-mode-with-model = choose 安全模式 on WeChat's page, and add `aes_key` and `app_id` to the account
slow-without-fetch = nobody can fetch an answer that is late
help-late-without-fetch = name words that fetch it under `options`, such as fetch: ["1"], or give the service a timeout of at most { $limit }s
help-slow-without-fetch = write a link into it, <fetch:tap here>, or name words: fetch: ["1"]

## Tests

invalid-canned = this is not an answer of this service
help-canned-json = write the JSON that comes back; with `after` or `fails`, put it under `json`: {"{ json: { state: 1 }, after: 20s }"}
help-canned-text = a language model answers with a text, {"{ text: 从前, after: 20s }"} or {"{ fails: timeout }"}
invalid-after = this is not a length of time
help-fails = use a status such as 404, timeout, refused, busy, too_large, not_json or empty
invalid-asked = this does not name one service
help-asked = write {"asked: { 快递: { number: 1 } }"}, the name alone, or null when none is asked
test-asked = asked
asked-nothing = no service
test-asked-difference = wanted { $wanted }, got { $got }
test-unanswerable = `{ $service }`, of which this test has no answer: add it under `answers`
try-asks = asks
try-at = at
try-answers = answers
try-took = after
try-seconds = { $seconds } s
try-fails = no answer
try-help = help
try-failed = failed
try-test = As a test, to paste below tests:
