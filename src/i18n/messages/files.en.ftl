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
io-too-many-files = { $limit } files are included before it, and no more are read
io-folder = it is a folder, not a file
io-device = it is a pipe, a socket or a device, not a file
io-too-large = it has more than { $limit } MiB
io-not-found = No such file or directory (os error 2)
io-permission-denied = Permission denied (os error 13)
