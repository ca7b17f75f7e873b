# Token, key, app id, mode and certificates. No message shows a secret.
token-example = the token is a word from examples; anyone who guesses it can pose as WeChat
token-short = the token is short; anyone who guesses it can pose as WeChat
no-token = no token given; set the one of WeChat's console with --token, --token-file or WXREPLY_TOKEN
token-empty = a token is empty; copy it from WeChat's console (服务器配置, Token)
token-characters = the token has something else than the letters a to z and digits; WeChat's page takes only those
token-length = the token has { $count } characters; WeChat's page takes 3 to 32
app-secret-empty = the first line of { $path } is empty; write the AppSecret of WeChat's console there
app-secret-needs-app-id = an AppSecret needs the AppID of its account; set it with --app-id or WXREPLY_APP_ID
invalid-api-url = it wants a URL with http:// or https:// and nothing after the path
no-aes-key = { $mode } mode needs the EncodingAESKey of WeChat's console; set it with --aes-key, --aes-key-file or WXREPLY_AES_KEY
no-app-id = { $mode } mode needs the account's app id (wx…); set it with --app-id or WXREPLY_APP_ID
aes-key-length = the EncodingAESKey has { $count } characters instead of 43; copy it whole, without an =
aes-key-character = character { $position } of the EncodingAESKey is none of A-Z a-z 0-9 + /; copy it again from WeChat's console
unknown-mode = unknown mode; give plain, compat or secure
secret-unreadable = { $flag }: cannot read { $path }: { $reason }
secret-not-utf8 = { $flag }: { $path } is not UTF-8; save it as that, as PowerShell and some editors do not

## Certificates

certificate-unreadable = cannot read { $path }: { $reason }; --tls-cert and --tls-key name two PEM files
certificate-missing = { $path } has no certificate that can be read; it must be a PEM file with -----BEGIN CERTIFICATE-----, the server's own first and those of its issuers after it
key-missing = { $path } has no key that can be read; it must be a PEM file with -----BEGIN PRIVATE KEY-----, RSA PRIVATE KEY or EC PRIVATE KEY, and no passphrase
key-of-strange-kind = the key in { $path } is of a kind that TLS does not use; make one of RSA, ECDSA (P-256 or P-384) or Ed25519
certificate-mismatch = the certificate in { $certificate } was not made for the key in { $key }; give the two that were made together

## One account of many

accounts-wrong = { $path } has { $count ->
    [one] 1 error
   *[other] { $count } errors
}; `wxreply check { $path }` shows each
unknown-account = there is no account { $name } in { $path }; there are { $names }
which-account = name one of the accounts in { $path } with --account: { $names }
account-without-file = name the accounts file, too, with --accounts or WXREPLY_ACCOUNTS
unusable-database-secret = the secret { $name } is not the URL of a database; write it there
