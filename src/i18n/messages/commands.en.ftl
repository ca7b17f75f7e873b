# What commands say on a terminal.

## explain

no-such-code = no error and no warning has the code `{ $code }`; `wxreply explain` lists all codes
no-such-code-but = no error and no warning has the code `{ $code }`; did you mean `{ $meant }`?
