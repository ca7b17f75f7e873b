# What `doctor` checks, what it finds, and what to do about it.
state-fine = ok
about-token = token
about-key = key
about-app-id = app id
about-accounts = accounts
about-mode = mode
about-secret = secret
about-clock = clock
about-port = port
about-certificate = certificate
about-rules = rules
about-tests = tests
about-zone = time zone
about-database = database
about-service = service
about-url = url
about-handshake = handshake
about-signature = signature
doctor-all-fine = nothing is wrong
doctor-summary = { $errors }, { $warnings }

## Token, key, app id and mode

help-secret-unreadable = name with { $flag } a file that this user can read
secret-in-quotes = the { $about } stands in quotes, and they count as a part of it
help-secret-in-quotes = take the quotes out
key-fine = 43 characters, as WeChat makes them
token-fine = { $count } letters and digits
help-new-token = make one with `openssl rand -hex 16`, and enter it on WeChat's page too
app-id-fine = wx and 16 digits, as WeChat makes them
app-id-of-account = this is the account's 原始ID (gh_…)
help-app-id-of-account = give the AppID; it begins with wx
app-id-wrong = an app id is wx and 16 digits of 0 to 9 and a to f; this is something else
help-app-id-wrong = copy the AppID again from WeChat's page
mode-plain-with-key = plain mode, in which the given key is of no use
help-mode-plain-with-key = with 安全模式 on WeChat's page leave out --mode; with 明文模式 leave out the key
mode-plain = plain mode: anyone who sees one request can forge others with its signature
help-mode-plain = choose 安全模式 on WeChat's page, and give --aes-key-file and --app-id
help-check-accounts = `wxreply check { $path }` shows each
help-compat-mode-of-account = it is for a change-over; then choose 安全模式 on WeChat's page, and write mode: secure
mode-compat = compat mode takes messages in the clear, too
help-mode-compat = it is for a change-over; then choose 安全模式 on WeChat's page and --mode secure

## Files of secrets

secret-with-mark = { $path } begins with a byte order mark; wxreply passes it over
help-secret-with-mark = save the file as UTF-8 without BOM: other programs take it for a part of it
secret-of-lines = { $path } has { $lines ->
    [one] 1 line
   *[other] { $lines } lines
}, and each is taken for a { $about }
help-secret-of-lines = that is for a change-over; otherwise leave in it one line with nothing else
secret-private = { $path } is not for everyone
secret-public = everyone on this machine can read { $path }

## The machine

clock-wrong = this machine's clock says { $time }
help-clock = set the clock, and let it be kept by NTP: timedatectl set-ntp true
clock-behind = this machine is { $seconds } s behind the server at the URL
clock-ahead = this machine is { $seconds } s ahead of the server at the URL
help-both-clocks = set both clocks, and let them be kept by NTP: timedatectl set-ntp true
admin-reachable = --admin { $address } can be reached from elsewhere
help-admin-reachable = keep it from the internet: 127.0.0.1:8081, or a firewall
port-free = { $flag } { $address } is free
port-ours = { $flag } { $address }: wxreply answers there
port-taken = cannot listen on { $flag } { $address }: { $reason }
help-port-in-use = end what listens there (`ss -ltnp` names it), or choose another with { $flag }
help-port-denied = ports below 1024 are for root: stay above with a proxy in front, or give the service CAP_NET_BIND_SERVICE
help-no-such-address = this machine has no such address; 0.0.0.0 stands for all that it has
help-listen-address = write an address and a port, such as { $flag } 127.0.0.1:8080

## The certificate

help-certificate-unusable = the server does not start with it; see the page about running it
certificate-over = { $path } expired at { $expires }: WeChat does not take it
certificate-nearly-over = { $path } expires soon, at { $expires }
certificate-fine = { $path } is valid until { $expires }
certificate-of-key = { $path } belongs to its key
help-renew = renew it; the running server takes the new files within seconds

## Rules, tests and time zone

rules-and-warnings = { $path }: { $rules }, { $warnings }
help-check-errors = `wxreply check { $path }` shows each, with a fix
help-check-warnings = `wxreply check { $path }` shows each
no-test = there is no test
help-no-test = write some under `tests:` in { $path }; docs/rules.md says how
tests-passed = { $passed } passed
tests-failed = { $failed } of { $tests } failed
help-tests-failed = `wxreply test { $path }` shows what each wanted and got
help-zone = write `options: {"{"} timezone: Asia/Shanghai {"}"}` into { $path }
zone-unknown = the time zone of this machine is unknown, so times are UTC
zone-utc = times are UTC, and rules show the time or ask for it
zone-of-machine = that of this machine

## The database

database-needless = no rule needs one
database-clock = the clock of { $database } differs by { $seconds } s from this machine's
help-database-clock = let NTP set both
database-fine = { $database } answers and can be written to
database-later = { $database } is made when a rule first needs it
database-without-tables = { $database } holds nothing of wxreply yet; its tables are made when a rule first needs them

## The URL

is-no-url = { $url } is not a URL
help-url = write it as on WeChat's page: https://your.domain/wx_flask
url-of-other-path = the path of the URL is { $of_url }, and --path is { $path }
help-url-of-other-path = make them the same, unless the proxy in front turns one into the other
address-is-near = { $host } is an address that WeChat cannot reach
help-address-is-near = for WeChat's page you need a public one
url-with-port = port { $port }: WeChat calls http:// on port 80 and https:// on 443 only
help-url-with-port = put a proxy on that port in front, and leave the port out of the URL
handshake-untried = it was not tried
help-handshake-untried = first fix what is reported about token, key and mode
handshake-fine = answered as WeChat wants, in { $milliseconds } ms
help-handshake-slow = WeChat waits five seconds; find what is slow on the way

## A server that is not reached

name-unknown = { $host } cannot be resolved
help-name-unknown = check the name servers of this machine
help-no-connection = open the port in the firewall, let DNS lead to this machine, and check that the proxy still answers
help-late = open the port in the firewall, let DNS lead to this machine, and let the proxy pass the request on
help-cut = see the log of what listens there; a firewall may do it, too
help-another-program = another program answers; let the proxy pass this path on to wxreply
dns-unknown = DNS knows no address of { $host }
help-dns-unknown = correct the name in the URL, or its DNS record
nobody-listens = nobody listens there: the connection was refused
help-nobody-listens = start the proxy or wxreply, and open the port in the firewall
help-unreachable = WeChat would not get through either; check DNS, firewall and proxy

## An answer that is wrong

redirected-to = status { $status } sends on to { $place }; WeChat does not follow
redirected = status { $status } sends on to elsewhere; WeChat does not follow
help-redirected = enter on WeChat's page the URL that answers itself, or except this path
url-refused = refused: { $status }
help-url-refused = give the server the same token, and start it again; if a firewall refuses, let this path through
url-not-found = nothing is at this path: 404
help-url-not-found = --path (now { $path }) must be the path of the URL, and the proxy must keep it
url-damaged = the request arrived damaged: 400
help-url-damaged = let the proxy pass the query on unchanged
url-gateway = the proxy reaches nobody behind it: { $status }
help-url-gateway = start wxreply, and give the proxy its address (--listen)
url-status = status { $status }; WeChat expects 200
help-url-status = see the log of the proxy, and let it pass this path on to wxreply
body-shown = { $what }: { $shown }
body-compressed = the answer is compressed
help-body-compressed = switch compression off for this path; in nginx, gzip off
body-empty = the answer is empty
help-body-empty = let the proxy pass the query on unchanged, and the answer too
body-with-mark = a byte order mark stands before the echostr
body-with-space = white space stands around the echostr, such as a line break
body-in-quotes = the echostr comes back in quotes
body-is-page = a page of HTML or XML comes back
help-body-is-page = another program answers, or the proxy itself; let it pass this path on to wxreply
body-with-more = something stands around the echostr
body-of-another = something else comes back than the echostr
help-body-not-ours = wxreply answers the echostr alone: find what adds that on the way, a proxy or another program

## A stranger

stranger-answered = a request signed with another token is answered, too
help-stranger-answered = this is not wxreply, or a proxy answers from its cache: anyone can pose as WeChat there
stranger-refused = a request signed with another token is refused: { $status }
stranger-unanswered = that request got no answer: { $error }
help-stranger-unanswered = run this again; if it stays, see the log of the server

## WeChat's API

about-api = API
api-token-fine = WeChat gives an access token; the address of this machine is on the list
interface-messages = send messages later (客服消息)
interface-material = keep pictures and other material
interface-menu = set the menu
interface-qr-codes = make QR codes with a scene
api-granted = the account may { $what }
api-granted-and-left = the account may { $what }: { $remain } of { $limit } calls are left today
api-none-left = the account may { $what }, but its { $limit } calls of today are used up
help-api-none-left = they come back at midnight in China; find the program that calls too often
api-not-granted = the account may not { $what }
help-api-not-granted = the rules count on it: get the account verified (微信认证), or do without
