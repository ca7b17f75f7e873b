# What is wrong with an accounts file, and what to do about it. The id of an error or a warning is
# its code, which is public and never renamed.

## The file

no-accounts = there are no accounts
help-no-accounts = write at least one: accounts: {"{ 书店: { path: /wx/books, rules: books.yaml, token: books-token } }"}
invalid-account-name = this cannot be the name of an account
help-account-name = a name has 1 to { $limit } characters, none of them a control character, and no space at either end
missing-account-key = this account has no `{ $key }`
help-missing-path = add the path of the URL that WeChat's console has: path: /wx/books
help-missing-rules = add the file that says what is answered: rules: books/rules.yaml
help-missing-token = add the name of the secret that has the token of WeChat's console: token: books-token
help-empty-account-value = write it, or remove the key
help-path-from-here = paths start at the folder of the accounts file
invalid-address = this is not an address
help-address = write a host and a port, such as 127.0.0.1:11434; an IPv6 address in brackets: [::1]:11434
expected-accounts-file = a mapping with `accounts`
expected-accounts = a mapping of accounts, each with its name
expected-account = a mapping with path, rules and token

## What WeChat and the account know

invalid-account-id = this is not the ID of an account
help-account-id = copy the 原始ID from WeChat's page; it begins with gh_
help-id-is-app-id = this is an AppID: write it under `app_id`; the 原始ID begins with gh_
duplicate-account-id = `{ $first }` has the same id
help-duplicate-account-id = give each account its own 原始ID
invalid-app-id = this is not an AppID
help-app-id = copy the AppID from WeChat's page: wx and 16 digits of 0 to 9 and a to f
help-app-id-is-id = this is the 原始ID: write it under `id`; the AppID begins with wx
invalid-path = this is not the path of a URL
help-path = start with /, and use letters, digits, - and _: /wx/books
help-path-of-url = leave out the host: write only what comes after it, such as /wx/books
duplicate-path = `{ $first }` has the same path
help-duplicate-path = give each account its own, such as /wx/books and /wx/flowers
nested-path = this path is inside the path of `{ $outer }`
help-nested-path = use paths next to each other, such as /wx/books and /wx/flowers
label-outer-path = the outer path
label-account = this account
invalid-mode = this is not a mode
help-modes = use plain (明文模式), compat (兼容模式) or secure (安全模式)
mode-needs = { $mode } mode needs `{ $key }`
help-needs-app-id = add the AppID of WeChat's page: app_id: wx0123456789abcdef
app-secret-without-app-id = `app_secret` without `app_id`
help-needs-aes-key = add the name of the secret that has the EncodingAESKey: aes_key: books-aes

## Secrets. None is ever shown, not even one that stands where its name belongs.

missing-secret = there is no secret with the name that is written here
help-secret-file = write the secret to a file of this name in the folder { $folder }
help-secret-variable = set the variable WXREPLY_SECRET_ followed by this name in upper case, with _ for - and U4E66 for 书; or name a folder of secrets: secrets: /run/secrets/wxreply
note-secret-itself = if this is the secret itself, take it out of the file and renew it: whoever reads the file knows it
empty-secret = the secret `{ $name }` is empty
help-empty-secret = write the secret to its file, as WeChat's page shows it
invalid-secret-text = the secret `{ $name }` is not text
help-secret-not-utf8 = save it as UTF-8
help-unreadable-secret = let the user who runs wxreply read it: chown and chmod 400
invalid-token-character = the token in `{ $name }` has characters other than A-Z a-z 0-9
invalid-token-length = the token in `{ $name }` has { $count } characters; WeChat's page takes 3 to 32
help-token = make one with `openssl rand -hex 16`, and enter it on WeChat's page too
invalid-key-length = the EncodingAESKey in `{ $name }` has { $count } characters instead of 43
invalid-key-character = character { $position } of the EncodingAESKey in `{ $name }` is none of A-Z a-z 0-9 + /
help-aes-key = copy it whole from WeChat's page, without an =
invalid-database = this is not the URL of a database
help-invalid-database = write sqlite:FILE, postgres://USER@HOST/DATABASE or mysql://USER@HOST/DATABASE, or the name of a secret that has the URL; in the path of a SQLite file, % is %25 and ? is %3F
database-password = there is a password in this URL
help-database-password = put the whole URL into a secret, and write the name of the secret here: database: database-url

## Warnings

repeated-app-id = `{ $first }` has the same `app_id`
help-repeated-app-id = an AppID belongs to one account: copy each from its own page
repeated-token = the token is the same as that of `{ $first }`
help-repeated-token = anyone who can post to one account can post to the other: make another with `openssl rand -hex 16`
weak-token = the token in `{ $name }` is easy to guess
plain-mode-with-app-secret = plain mode with an `app_secret`
help-plain-mode-with-app-secret = anyone who sees one request can forge others: choose 安全模式 on WeChat's page, and add `aes_key` and `app_id`
rules-in-two-databases = `{ $first }` has the same rules and keeps what they store in another database
help-rules-in-two-databases = remove this `database`, or give the account rules of its own
