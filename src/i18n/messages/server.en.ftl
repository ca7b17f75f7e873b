# What the server logs, and why it does not start.
error-and-help = { $error }; { $remedy }
cannot-listen = cannot listen on { $address }: { $reason }; choose another with { $flag }
no-path = --path { $path } is no path; it begins with / such as /wx_flask
flag-of-one-account = { $flag } does not go with --accounts: each account of the file has its own
server-ended = the server ended: { $reason }
socket-of-supervisor = socket { $place } of the supervisor is no listening TCP socket: { $reason }; mend its unit
help-rules-default = say with --rules which file has the rules
help-rules-relative = name another with --rules; a relative path begins in { $folder }
help-rules = name another with --rules

## Start and end

log-settings = { $mode } mode, { $times }, database { $database } once a rule needs it, tests not required
log-settings-tests = { $mode } mode, { $times }, database { $database } once a rule needs it, tests required
times-in = times in { $zone }
times-of-machine = times of this machine
log-zone-unknown = the time zone of this machine is unknown, so times are UTC; mend TZ, or write options.timezone into the rule file
log-backlog = cannot raise the listen backlog: { $reason }
log-descriptors = only { $connections } connections at once: { $files } files may be open; raise that limit (ulimit -n) or lower --max-connections
log-panic = a bug in wxreply, please report it: panicked at { $place }
log-no-signals = signals end the server at once and reload nothing: { $reason }
log-end-before-start = told to end before the rules were read
log-sighup = SIGHUP: reading the rules again
log-end = told to end: answering what is under way
log-end-twice = told twice to end: answers under way are lost
log-worker-stuck = a worker is stuck; the supervisor is not told otherwise
log-supervisor = the supervisor was not told: { $reason }
status-fine = the rules are as their files are
status-refused = the files are refused, older rules answer; see the log
status-slow = the reload takes long
