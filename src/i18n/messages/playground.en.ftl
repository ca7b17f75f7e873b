# What the playground's requests get instead of an answer.

trial-malformed = this is not JSON: { $reason }
trial-no-expect = `expect` is what comes of it: leave it out
trial-send-or-talk = `send` is one message, `talk` a list of them: keep one
trial-nothing-sent = say what the follower sends: "send": "你好"
trial-silent-turn = a turn of the talk sends nothing
trial-later = `later` is not a length of time: write it like 30s, 11m, 2h or 1d
trial-at = `at` is not a local time: write it like 2026-01-02 03:04:05 or 03:04
trial-no-type = this message has no type: text, image, voice, video, location, event, …
trial-unclear-number = a number with a point, an exponent or very many digits can be spelled in several ways: put it in quotes
trial-far-time = `at` is too far from now
trial-one-message = one message at a time: `talk` is for /case
trial-no-json = send it as JSON, with the header content-type: application/json
trial-large-body = a body has at most { $limit } bytes
trial-cut-body = the body was cut off
trial-slow-body = the body took longer than { $limit }
trial-not-live = nobody is asked: start the server with --live to let the playground ask services
trial-asks-nothing = this message asks no service
trial-one-call = another question is under way; wait for its answer
trial-ended = the server is ending

## The operator's listener

admin-forbidden = use an IP address, localhost or the name given with --admin, and no link or page of another site
admin-panicked = a bug in wxreply, please report it; the log has the place
admin-no-thread = the system has no thread left for this; raise the limit for the processes of the service, or ask again later: { $reason }
admin-reload-under-way = the reload is not over yet; see /readyz for what comes of it
admin-no-account = there is no such account; /readyz lists all
