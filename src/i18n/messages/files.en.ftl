# Why a file cannot be read.

cannot-read = cannot read { $path }: { $reason }
no-such-file = there is no file { $path }
no-such-folder = there is no folder { $path }
cannot-list = cannot list { $path }: { $reason }
include-of-folder = cannot read { $path }: it is a folder, not a file; write { $path }/*.yaml for the files in it
pattern-in-folder = only the last part of { $path } can be a pattern
invalid-pattern = { $path } is not a valid pattern
no-match = no file matches { $path }
io-not-utf8 = it is not UTF-8 (line { $line }); save it as UTF-8
io-include-too-deep = includes may be nested { $limit } deep, and this one is deeper
io-too-many-files = { $limit } files are included before it, and no more are read
io-folder = it is a folder, not a file
io-device = it is a pipe, a socket or a device, not a file
io-too-large = it has more than { $limit } MiB
io-leads-nowhere = it is a symbolic link to { $target }, whose folder is not there

## What the system says

io-not-found = No such file or directory (os error { $code })
io-permission-denied = Permission denied (os error { $code })
io-already-exists = File exists (os error { $code })
io-is-a-directory = Is a directory (os error { $code })
io-not-a-directory = Not a directory (os error { $code })
io-storage-full = No space left on device (os error { $code })
io-read-only = Read-only file system (os error { $code })
io-address-in-use = Address already in use (os error { $code })
io-address-not-available = Cannot assign requested address (os error { $code })
io-connection-refused = Connection refused (os error { $code })
io-connection-reset = Connection reset by peer (os error { $code })
io-broken-pipe = Broken pipe (os error { $code })
io-network-unreachable = Network is unreachable (os error { $code })
io-host-unreachable = No route to host (os error { $code })
io-timed-out = Connection timed out (os error { $code })
