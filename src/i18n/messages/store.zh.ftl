# 数据库做不到什么、为什么、该怎么办。这里没有关注者写的内容。
store-unavailable = 连不上数据库 { $database }；请启动它，或者改正 --database
store-crowded = 数据库 { $database } 没有空余的连接；wxreply 最多需要九个，请提高数据库的连接数上限，或者停掉占用连接的程序
store-broken-disk = 无法读写数据库文件 { $database }；它必须是普通文件，所在磁盘必须正常
store-no-files-left = 数据库 { $database } 没有打开：系统给本程序的文件数或线程数不够；请调高上限（ulimit -n、ulimit -u；systemd 的 LimitNOFILE、TasksMax），或者调低 --max-connections
store-no-file = 打不开数据库文件 { $database }；它所在的文件夹必须存在，文件和文件夹都要可以读写
store-nothing-there = 数据库 { $database } 里还没有 wxreply 的任何内容；请用 --database 指明 `wxreply serve` 用的是哪一个
log-of-another-database = { $database } 旁边的 -wal 文件与现在的数据库文件不符，因为原来的被移动、替换或清空了；它已保存为 { $kept }。要找回被移走的数据库的内容，请先停止使用那个数据库，再把这个文件改名为它的名称加 -wal
store-replaced = 数据库文件 { $database } 在使用中被删除、移动或替换了；从现在起使用那里现有的文件，最后存储的内容不在里面
store-denied = 数据库 { $database } 拒绝登录；请改正用户名、密码或数据库名
store-forbidden = 数据库 { $database } 的用户权限不够；首次启动和升级之后需要 schema 的 CREATE 权限，平时需要各表的 SELECT、INSERT、UPDATE 和 DELETE 权限
store-no-schema = 数据库 { $database } 里没有可以建表的 schema；请创建该用户的 search_path 所写的 schema
store-encoding = 数据库 { $database } 的编码是 { $encoding }，存不下关注者写的内容；请用 ENCODING 'UTF8' 新建一个
store-shared-session = 数据库 { $database } 前面的连接池让几个连接共用一个会话；请把它的 pool_mode 设为 session
store-timeout = 数据库 { $database } 没有在 { $limit } 内完成；请检查是否有别的程序持有锁、磁盘是否太慢
store-unknown = 数据库 { $database } 没有在 { $limit } 内说明变更是否已经存好；请检查磁盘和网络是否太慢、备用服务器是否在线
store-busy = 数据库 { $database } 被别的程序锁住了；请等它完成
store-read-only = 数据库 { $database } 不能写入；请改正它的权限或模式
store-full = 数据库 { $database } 没有空间了；请腾出一些
store-copy = 它所在的磁盘已满或损坏
store-corrupt = 数据库 { $database } 已经损坏，或者不是数据库；请从备份恢复
store-refused = 数据库 { $database } 拒绝了一条语句
store-unstorable = 不能存储{ $what }：{ $why }

## 原因

cause-replaced = 现在的文件不是当初打开的那些
cause-shared-session = 两个连接的会话相同
cause-no-room = 所在磁盘的剩余空间不到 1 MiB
cause-no-thread = 系统没有线程可以给本程序了
cause-no-files-left = 其余的给了连接和别的数据库
cause-too-many-files = 所在磁盘的 inode 已用完，不能再新建文件；请删除一些文件
cause-read-only-beside = 旁边的 { $path } 不能写入
cause-left-log = { $log } 在链接旁边；如果数据库是被移到链接所指之处的，最后存入的内容就在这个文件里：请在没有程序使用数据库时把它改名为 { $target }；否则请把它移走
cause-no-index = 旁边缺少 { $path }，也无法创建；请把数据库和它的 -wal 文件一起复制到可以写入的文件夹，再用 --database 指明复制的那个
cause-log-in-use = 旁边的 -wal 文件属于另一个数据库，或者属于清空之前的它，并且有程序正在使用
cause-code = 错误代码 { $code }
cause-foreign-column = 有一列的内容不是本程序写的

## 存不下的

the-account = 这个公众号
the-delivery-key = 这次推送的标识
the-openid = 这个 openid
the-app-id = 这个 AppID
the-media-id = 这个 media id
the-address = 这个网址
the-answer = 这个应答
the-message = 这条消息
the-service = 服务的名称
the-key = 这个键
the-value = 这个值
the-item = 列表的这一项
one-more-item = 更多的项
unstorable-space = 它以空格结尾
unstorable-length = 它太长
unstorable-nul = 它含有字符 U+0000
unstorable-list-full = 这个关注者的列表已满

## URL

url-unknown-scheme = 数据库 URL 的开头不认识；请写 sqlite:FILE、postgres://USER:PASSWORD@HOST/DATABASE 或 mysql://USER:PASSWORD@HOST/DATABASE
url-no-file = 数据库 URL 没有写文件；请写 sqlite:FILE，例如 sqlite:wxreply.db
url-in-memory = 内存中的数据库在程序结束时会丢掉一切；请写 sqlite:FILE，例如 sqlite:wxreply.db
url-sqlite-path = SQLite 文件的路径里，% 要写成 %25，? 要写成 %3F；? 之后只能写 mode=ro、mode=rw 或 mode=rwc
url-malformed = 数据库 URL 读不懂：{ $why }；用户名或密码里的 @ : / ? # 要写成 %40 %3A %2F %3F %23
url-at-after-host = 主机名后面出现了 @
url-is-none = 它不是 URL

## 在哪里

database-flag = --database：{ $error }
database-not-a-file = --database：无法读取 { $path }：{ $reason }
database-missing = 数据库 { $database } 不存在或打不开；请用 --database 指明 `wxreply serve` 用的是哪一个
database-runtime = 无法等待数据库：{ $reason }
