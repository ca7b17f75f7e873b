# What a database cannot do, why, and what to do about it. Nothing here is of a follower.
store-unavailable = the database { $database } cannot be reached; start it, or correct --database
store-crowded = the database { $database } has no connection left for wxreply, which takes up to nine; raise its limit, or end programs that use it
store-broken-disk = the file of the database { $database } cannot be read or written; it must be an ordinary file on a disk that works
store-no-files-left = the database { $database } stays closed, as the system gives this program too few files or threads; raise its limits (ulimit -n and -u; LimitNOFILE and TasksMax of systemd), or lower --max-connections
store-no-file = the file of the database { $database } cannot be opened; its folder must exist and be writable, and the file itself readable and writable
store-nothing-there = the database { $database } holds nothing of wxreply yet; say with --database where `wxreply serve` keeps what it stores
log-of-another-database = the -wal file next to { $database } is not of what is there now, as the database was moved, replaced or emptied; it is kept as { $kept }. To get what it holds of a database that was moved, stop what uses that one, and rename this file to its name with -wal
store-replaced = the file of the database { $database } was removed, moved or replaced while it was in use; what is there now is used from here on, without what was stored last
store-denied = the database { $database } refuses this login; correct the user, the password or the name of the database
store-forbidden = the user of the database { $database } lacks a right; it needs CREATE in the schema for the first start and after an upgrade, and SELECT, INSERT, UPDATE and DELETE on the tables
store-no-schema = the database { $database } has no schema to make tables in; create the one that the user's search_path names
store-encoding = the database { $database } keeps texts in { $encoding }, which cannot hold what followers write; create one with ENCODING 'UTF8'
store-shared-session = the pooler in front of the database { $database } gives one session to several connections; set its pool_mode to session
store-timeout = the database { $database } did not finish within { $limit }; look for locks held by other programs and for slow disks
store-unknown = the database { $database } did not say within { $limit } whether it has stored a change; look for slow disks and networks, and for standby servers that are away
store-busy = the database { $database } is locked by another program; let it finish
store-read-only = the database { $database } is read-only; check its permissions
store-full = the database { $database } has no room left; free some space
store-copy = its disk is full or broken
store-corrupt = the database { $database } is damaged or is not a database; restore it from a backup
store-refused = the database { $database } refused a statement of the store
store-unstorable = { $what } cannot be stored: { $why }

## What the cause is

cause-replaced = its files are not those that were opened
cause-shared-session = two connections have the same session
cause-no-room = less than 1 MiB of its disk is free
cause-no-thread = the system has no thread left for this program
cause-no-files-left = connections and other databases have the rest
cause-too-many-files = its disk has no inode left for another file; delete some files
cause-read-only-beside = { $path } next to it cannot be written to
cause-left-log = { $log } is next to a link, and has what was stored last if the database was moved to where the link leads: rename it to { $target } then, while nothing uses the database; otherwise move it away
cause-no-index = { $path } next to it is missing and cannot be made; copy the database and its -wal file to a folder that can be written to, and name that copy with --database
cause-log-in-use = the -wal file next to it is of another database, or of what it was before it was emptied, and a program is using that file
cause-code = error { $code }
cause-foreign-column = a column holds what the store never wrote

## What does not fit

the-account = the account
the-delivery-key = the delivery's key
the-openid = the openid
the-app-id = the app id
the-media-id = the media id
the-address = the address
the-answer = the answer
the-message = the message
the-service = the name of the service
the-key = the key
the-value = the value
the-item = the item
one-more-item = one more item
unstorable-space = it ends in a space
unstorable-length = it is too long
unstorable-nul = it holds the character U+0000
unstorable-list-full = this follower's list is full

## The URL

url-unknown-scheme = the database URL has no known scheme; write sqlite:FILE, postgres://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE
url-no-file = the database URL names no file; write sqlite:FILE, for instance sqlite:wxreply.db
url-in-memory = a database in memory forgets everything when the program ends; write sqlite:FILE, for instance sqlite:wxreply.db
url-sqlite-path = in the path of a SQLite file, write % as %25 and ? as %3F; after a ? only mode=ro, mode=rw or mode=rwc is understood
url-malformed = the database URL cannot be read: { $why }; characters such as @ : / ? # in a user name or password are written as %40 %3A %2F %3F %23
url-at-after-host = an @ stands behind the host
url-is-none = it is not a URL

## Where it is

database-flag = --database: { $error }
database-not-a-file = --database: cannot read { $path }: { $reason }
database-missing = the database { $database } is not there or cannot be opened; say with --database where `wxreply serve` keeps it
database-runtime = cannot wait for the database: { $reason }
