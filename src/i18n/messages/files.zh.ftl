# 文件为什么读不了。

cannot-read = 无法读取 { $path }：{ $reason }
no-such-file = 没有文件 { $path }
no-such-folder = 没有文件夹 { $path }
cannot-list = 无法列出 { $path }：{ $reason }
include-of-folder = { $path } 是文件夹；要包含其中的文件，请写 { $path }/*.yaml
pattern-in-folder = { $path } 里只有最后一段可以用通配符
invalid-pattern = { $path } 不是正确的通配模式
no-match = 没有文件匹配 { $path }
io-not-utf8 = 它不是 UTF-8（第 { $line } 行）；请另存为 UTF-8
io-include-too-deep = 包含最多嵌套 { $limit } 层，它超过了
io-too-many-files = 在它之前已经包含了 { $limit } 个文件，不再读取
io-folder = 它是文件夹，不是文件
io-device = 它是管道、套接字或设备，不是文件
io-too-large = 它超过 { $limit } MiB
io-leads-nowhere = 它是指向 { $target } 的符号链接，而目标所在的文件夹不存在

## 系统的说法

io-not-found = 没有这个文件或文件夹（os error { $code }）
io-permission-denied = 没有权限（os error { $code }）
io-already-exists = 文件已经存在（os error { $code }）
io-is-a-directory = 它是文件夹（os error { $code }）
io-not-a-directory = 它不是文件夹（os error { $code }）
io-storage-full = 磁盘没有空间了（os error { $code }）
io-read-only = 文件系统是只读的（os error { $code }）
io-address-in-use = 地址已被占用（os error { $code }）
io-address-not-available = 本机没有这个地址（os error { $code }）
io-connection-refused = 连接被拒绝（os error { $code }）
io-connection-reset = 对方断开了连接（os error { $code }）
io-broken-pipe = 管道的另一头已经关闭（os error { $code }）
io-network-unreachable = 网络不通（os error { $code }）
io-host-unreachable = 到不了这台主机（os error { $code }）
io-timed-out = 连接超时（os error { $code }）
