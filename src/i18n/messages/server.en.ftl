# What the server logs, and why it does not start.
error-and-help = { $error }; { $remedy }
cannot-listen = cannot listen on { $address }: { $reason }; choose another with { $flag }
no-path = --path { $path } is not a path; it begins with / such as /wx_flask
flag-of-one-account = { $flag } does not go with --accounts: each account of the file has its own
too-few-threads = the server starts { $threads } threads, and the system does not give that many: { $reason }; raise the limit for processes: `ulimit -u`, TasksMax of systemd, or pids of the container
server-ended = the server ended: { $reason }
socket-of-supervisor = socket { $place } of the supervisor is not a listening TCP socket: { $reason }; correct its unit
help-rules-default = say with --rules which file has the rules
help-rules-relative = name another with --rules; a relative path begins in { $folder }
help-rules = name another with --rules

## Start and end

log-settings = { $mode } mode, { $times }, database { $database } once a rule needs it, tests not required
log-settings-tests = { $mode } mode, { $times }, database { $database } once a rule needs it, tests required
times-in = times in { $zone }
times-of-machine = times of this machine
log-zone-unknown = the time zone of this machine is unknown, so times are in UTC; set TZ, or add options.timezone to the rule file
log-backlog = cannot raise the listen backlog: { $reason }
log-descriptors = only { $connections } connections at once: { $files } files may be open; raise that limit (ulimit -n) or lower --max-connections
log-lines-missing = { $lines } lines of the log are missing here: its reader was too slow
log-panic = a bug in wxreply, please report it: panicked at { $place }
log-no-signals = signals end the server at once and reload nothing: { $reason }
log-end-before-start = told to stop before the rules were loaded
log-no-reload = SIGHUP reloads nothing, as its thread cannot start: { $reason }
log-no-secrets = services get no secrets, as the thread that reads them cannot start: { $reason }
log-no-watchdog = the watchdog is not notified, as its thread cannot start: { $reason }
log-sighup = SIGHUP: reading the rules again
log-end = shutting down: finishing requests in progress
log-end-twice = second signal: exiting now; requests in progress are lost
log-worker-stuck = a worker thread is stuck; the watchdog is no longer notified
log-supervisor = the supervisor was not told: { $reason }
status-fine = the live rules match their files
status-refused = the files are refused, older rules answer; see the log
status-slow = the reload takes long

## Rules

log-loaded = { $rules } from { $path }
log-reloaded = reloaded { $path }: { $rules } (generation { $generation }: { $new } new, { $changed } changed, { $gone } gone; { $milliseconds } ms)
log-last-good = the rules are refused, the last good ones from { $path } answer:
log-no-last-good = there are no last good rules in { $path }: { $why }
last-good-unreadable = it cannot be read: { $reason }
last-good-damaged = it is damaged: { $why }
last-good-inconsistent = it is damaged: a file in it includes one that is not there
last-good-included = the include `{ $pattern }` would take it for rules; name a file with --last-good that no include matches
last-good-foreign = something else is there; name a file of its own with --last-good
last-good-of-another = they are those of another file, { $path }
last-good-refused = this version does not take them: { $why }
log-no-watcher = changes of the rules need a restart: no thread to watch them: { $reason }
log-as-live = the files match the live rules again; nothing to reload
log-not-replaced = the rules are not replaced, the old ones go on answering:
log-not-uploaded = WeChat does not keep everything that the rules show; rules answer with on_error until it does, and it is tried again:
log-all-uploaded = WeChat keeps everything that the rules show
log-upload-not-kept = the media id { $media_id } is not stored yet: { $why }; the rules that show it wait up to a minute for the database
upload-changed = it has changed since it was read
upload-elsewhere = another copy of wxreply is uploading it, and does not come to an end
log-unchanged = nothing has changed, generation { $generation } goes on answering
log-drive-hangs = { $path } cannot be read or written: its drive has not answered for { $limit } seconds. Whatever needs it waits; if it is about rules, so do all reloads and the start
log-drive-answers = the drive of { $path } answers again
log-still-refused = nothing has changed, the files are still refused
log-cannot-keep = the last good rules cannot be kept in { $path }: { $reason }
log-no-events = the system cannot report changed files, so they are checked regularly instead: { $why }
log-restless = { $path } is being written all the time; it is read as it is now
log-stalled = { $path } is still open for writing, but nothing was written to it for 10 seconds; it is read as it is now
and-more-shown-by = and { $more } more; `wxreply { $command } { $path }` shows all

## Requests and answers

log-admin = the operator's pages are on { $url }
log-admin-live = the playground asks services when somebody there wants it (--live)
log-admin-open = the operator's pages have no password and listen beyond this machine ({ $address }); keep others away with a firewall or a network policy
log-no-randomness = no randomness from the system: names of followers in logs can be guessed
log-no-metrics = the metrics cannot be written: { $why }
log-refused = refused { $method }: { $why }
stored-text = what is stored under { $key } is not a number
added-text = what is to be added to { $key } is not a number
file-not-uploaded = WeChat does not keep { $file } yet
too-many-digits = the sum under { $key } has too many digits
commit-unreadable = an earlier version stored an answer that this one cannot read
over-budget = deciding took more than { $limit } of processor time, most of it for the rules { $rules }

## Certificates

log-no-renewal = a renewed certificate needs a restart: no thread to watch its files: { $reason }
log-certificate-kept = the certificate is not replaced, the old one goes on: { $why }
log-certificate = clients get the certificate of { $path }
log-certificate-new = new connections get the certificate of { $path }
log-certificate-until = {", "}valid until { $expires }
log-certificate-over = {", "}which expired at { $expires }: WeChat does not take it; renew it

## Deliveries

log-listening = listening on { $url }
log-listening-for = listening on { $url } for { $count ->
    [one] 1 account
   *[other] { $count } accounts
}
log-request-refused = a request is refused, { $why }; { $hint }
log-request-of-account-refused = a request of { $name } is refused, { $why }; { $hint }
log-other-account = a message of { $name } is refused, it is for another account; is the id the 原始ID of WeChat's page, and the URL there that of this account?
log-follower = follower { $name }
log-follower-of = follower { $name } of { $account }
log-delivered = { $follower }: { $outcome }, { $micros } µs
log-delivered-by = { $follower }: { $outcome }, rule { $rule }, { $micros } µs
log-not-carried-out = { $follower } got on_error: rule { $rule } cannot be carried out, { $why }
log-not-completed = rule { $rule } cannot be carried out with the answer of { $service }, { $why }; the follower gets on_error
log-unusable = { $service } answered what rule { $rule } cannot use, { $why }; the follower gets failed
log-given-up = { $service } is not asked again for rule { $rule }: three copies ended before it answered; the follower gets failed
log-asks-no-longer = { $service } is not asked again: a copy ended before it answered, and the rules ask nothing for that message any longer; the follower gets what they reply, or on_error
log-degraded = { $follower } gets less than rule { $rule } replied: { $why }
log-failed = { $follower } got on_error: { $why }
log-left-out = ({ $count } more since the last line like this)
log-left-out-at-end = { $count ->
    [one] 1 repeated log line was left out
   *[other] { $count } repeated log lines were left out
}
commit-contended = the follower's earlier messages took too long
question-gone = its question is gone: the follower was forgotten, or the database is another one now

## The database

log-old-answers = old answers stay in the database for now
log-expired-values = expired values stay in the database for now
log-old-questions = old questions stay in the database for now
log-wal-grows = another program has been reading { $database } for ten minutes, so its -wal file grows and keeps deleted texts
log-wal-stays = deleted texts stay in the -wal file for now: { $error }
log-database-clock = the clock of { $database } differs by { $seconds } s from this machine's, so values expire at the wrong time; let NTP set both
log-database-usable = the database { $database } can be used
log-database-unusable = rules that need the database answer with on_error for now: { $error }

## Several accounts

log-accounts = reloaded the accounts from { $path } ({ $added } new, { $changed } changed, { $removed } gone; { $milliseconds } ms)
log-accounts-as-live = the accounts file matches the live accounts again; nothing to reload
log-accounts-not-replaced = the accounts are not replaced, the old ones go on answering:
log-accounts-no-watcher = changes of the accounts need a restart: no thread to watch them: { $reason }
