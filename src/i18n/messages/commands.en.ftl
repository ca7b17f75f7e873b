# What commands say on a terminal.

## explain

no-such-code = no error and no warning has the code `{ $code }`; `wxreply explain` lists all codes
no-such-code-but = no error and no warning has the code `{ $code }`; did you mean `{ $meant }`?

## What `list` shows

list-stored-at = stored
list-follower = follower
list-account = account
list-key = key
list-value = value
list-empty = nothing is stored
invalid-since = write a number and s, m, h or d, such as 7d
bom-without-csv = --bom is for --format csv
