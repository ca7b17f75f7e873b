# What commands say on a terminal.

## explain

no-such-code = no error and no warning has the code `{ $code }`; `wxreply explain` lists all codes
no-such-code-but = no error and no warning has the code `{ $code }`; did you mean `{ $meant }`?

## init

init-exists = { $file } is already there and is not overwritten; nothing was written
init-unwritable = cannot write { $file }: { $problem }
init-wrote = wrote { $file }
init-next = next:
init-test = runs its tests
init-try = shows which rule answers { $text }, and why
init-serve = starts the bot; chat with it at { $url }
init-choose = Which one? A number or a name; Enter for the first:
init-no-choice = nothing was chosen and nothing was written

## What `list` shows

list-stored-at = stored
list-follower = follower
list-account = account
list-key = key
list-value = value
list-empty = nothing is stored
invalid-since = write a number and s, m, h or d, such as 7d
bom-without-csv = --bom is for --format csv

## fmt

format-mistakes = it has errors; `wxreply check` lists them
format-blanks = line { $line } ends with blanks that are a part of its text, and the formatter cannot keep them; take them out, or put the text in double quotes on one line
format-changed = formatting would change what it says; format it by hand
not-tidy = { $path }: not formatted
made-tidy = { $path }: formatted

## export, forget, backup

forgot-nothing = nothing was stored of { $openid }
forgot = deleted { $rows ->
    [one] 1 row
   *[other] { $rows } rows
} of { $openid }
not-looked-at = not looked at, as it is not there or holds nothing of wxreply: { $databases }; if followers have stored something there, its file is elsewhere
forgot-but-log = another program is reading { $database }, so deleted texts stay in its -wal file; run this again when that program has finished
unreadable-rows = { $rows ->
    [one] 1 row is left out, as another program has written to it what cannot be read
   *[other] { $rows } rows are left out, as another program has written to them what cannot be read
}
backup-exists = { $path } already exists; choose another file
backup-of-server = { $database } is not a SQLite database; a server has its own tools: pg_dump for PostgreSQL, mysqldump --single-transaction for MySQL
backup-failed = { $path } was not written: { $error }
wrote = wrote { $path }

## healthcheck

nobody-to-ask = without an operator's listener there is nobody to ask; give --admin
healthy = { $address } is healthy
not-healthy = { $address } is not healthy: { $why }
healthcheck-timeout = no answer within three seconds
healthcheck-status = status { $status }: { $said }

## What several commands say

about-file = { $path }: { $said }
cannot-write = cannot write { $path }: { $reason }
output-unwritable = cannot write the output: { $reason }

## Values of arguments

not-a-count = write a whole number from { $least } to { $most }
not-a-duration = write a number and ms or s, such as 4500ms
duration-of-nothing = it must be greater than zero
not-an-address = write a host and a port, such as 127.0.0.1:8081
deadline-too-late = WeChat waits five seconds and no longer; give less, such as 4500ms

## send

send-url-first = the URL comes before the text: wxreply send http://127.0.0.1:8080/wx_flask { $text }
url-would-be-refused = WeChat would refuse this URL: { $why }
handshake-answered = the URL answers the handshake
handshake-forbidden = refused: 403; are both tokens the same?
wrong-echostr = WeChat expects exactly { $wanted } back; the answer was { $got }
refused-rightly = refused, as it must be: 403
not-refused = not refused: { $why }
fault-would-be-shown = WeChat would show a fault: { $why }
http-status = status { $status }
status-forbidden = status 403; are token, key, app id and mode the same on both sides?
status-not-found = status 404; is this the path that the server was given?
answered = { $reply } ({ $milliseconds } ms)
answered-encrypted = { $reply } ({ $milliseconds } ms, encrypted)
delivery = delivery { $number } at { $at } s: { $got }
delivery-held = held for { $seconds } s, no answer
delivery-answered = answered after { $seconds } s with { $reply }
delivery-answered-encrypted = answered after { $seconds } s with { $reply }, encrypted
delivery-failed = failed after { $seconds } s: { $why }
follower-sees = the follower sees { $reply } after { $seconds } s
follower-sees-nothing = the follower sees nothing
follower-sees-fault = the follower sees the fault banner: 该公众号提供的服务出现故障，请稍后再试

## Wrong usage

usage-help = For more information, try '--help'.
usage-value-missing = a value is required for '{ $argument }' but none was supplied
usage-value-unknown = invalid value '{ $value }' for '{ $argument }': the possible values are { $values }
usage-value-wrong = invalid value '{ $value }' for '{ $argument }': { $why }
usage-argument-unknown = unexpected argument '{ $argument }' found
usage-argument-missing = the following required arguments were not provided: { $argument }
usage-argument-twice = the argument '{ $argument }' cannot be used multiple times
usage-conflict = the argument '{ $argument }' cannot be used with '{ $other }'
usage-number-of-values = wrong number of values for '{ $argument }'
usage-command-unknown = unrecognized subcommand '{ $name }'
usage-command-missing = a subcommand is missing
usage-not-utf8 = invalid UTF-8 was detected in one or more arguments
usage-wrong = the arguments cannot be used like this
