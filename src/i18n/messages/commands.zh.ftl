# 各个命令在终端里说的话。

## explain

no-such-code = 没有 `{ $code }` 这个错误或警告；`wxreply explain` 列出全部代码
no-such-code-but = 没有 `{ $code }` 这个错误或警告；是不是想写 `{ $meant }`？

## init

init-exists = { $file } 已经存在，不会覆盖；没有写入任何文件
init-unwritable = 无法写入 { $file }：{ $problem }
init-wrote = 已写入 { $file }
init-next = 接下来：
init-test = 运行其中的测试
init-try = 显示哪条规则回复“{ $text }”，以及为什么
init-serve = 启动机器人，在 { $url } 与它对话
init-choose = 选哪一个？输入编号或名称，直接回车选第一个：
init-no-choice = 没有选择，没有写入任何文件

## list 显示的内容

list-stored-at = 存储时间
list-follower = 关注者
list-account = 公众号
list-key = 键
list-value = 值
list-empty = 什么都没有存储
invalid-since = 请写成数字加 s、m、h 或 d，例如 7d
bom-without-csv = --bom 只用于 --format csv

## fmt

format-mistakes = 里面有错误；`wxreply check` 会列出来
format-blanks = 第 { $line } 行末尾的空格是文本的一部分，格式化时保不住；请去掉空格，或者把这段文本用双引号写在一行里
format-changed = 格式化会改变它的含义；请手工调整
not-tidy = { $path }：格式不规范
made-tidy = { $path }：已格式化

## export、forget、backup

forgot-nothing = 没有存过 { $openid } 的任何内容
forgot = 已删除 { $openid } 的 { $rows } 行
not-looked-at = 没有查看（不存在，或者里面没有 wxreply 的内容）：{ $databases }；如果关注者在里面存过内容，文件就在别处
forgot-but-log = 别的程序正在读 { $database }，删除的文本还留在它的 -wal 文件里；等它结束后请再运行一次
unreadable-rows = 有 { $rows } 行没有列出，因为别的程序写进去的内容无法读取
backup-exists = { $path } 已经存在；请换一个文件名
backup-of-server = { $database } 不是 SQLite 数据库；数据库服务器有自己的工具：PostgreSQL 用 pg_dump，MySQL 用 mysqldump --single-transaction
backup-failed = 没有写出 { $path }：{ $error }
wrote = 已写入 { $path }

## healthcheck

nobody-to-ask = 没有管理端口就无处可问；请用 --admin 指定
healthy = { $address } 正常
not-healthy = { $address } 不正常：{ $why }
healthcheck-timeout = 三秒内没有回答
healthcheck-status = 状态码 { $status }：{ $said }

## 几个命令共用的

about-file = { $path }：{ $said }
cannot-write = 无法写入 { $path }：{ $reason }
output-unwritable = 无法写出结果：{ $reason }

## 参数的值

not-a-count = 请写 { $least } 到 { $most } 的整数
not-a-duration = 请写数字加 ms 或 s，例如 4500ms
duration-of-nothing = 必须大于零
not-an-address = 要写主机和端口，例如 127.0.0.1:8081
deadline-too-late = 微信只等五秒；请写短一些，例如 4500ms

## send

send-url-first = URL 写在文本前面：wxreply send http://127.0.0.1:8080/wx_flask { $text }
url-would-be-refused = 微信不会接受这个 URL：{ $why }
handshake-answered = 这个 URL 通过了 URL 验证
handshake-forbidden = 被拒绝：403；两边的令牌相同吗？
wrong-echostr = 它要原样收到 { $wanted }，收到的是 { $got }
refused-rightly = 被拒绝，正该如此：403
not-refused = 没有拒绝：{ $why }
fault-would-be-shown = 微信会显示故障提示：{ $why }
http-status = 状态码 { $status }
status-forbidden = 状态码 403；两边的令牌、密钥、AppID 和模式相同吗？
status-not-found = 状态码 404；这是服务器的 --path 吗？
answered = { $reply }（{ $milliseconds } 毫秒）
answered-encrypted = { $reply }（{ $milliseconds } 毫秒，已加密）
delivery = 第 { $number } 次推送（第 { $at } 秒）：{ $got }
delivery-held = 等了 { $seconds } 秒，没有应答
delivery-answered = { $seconds } 秒后应答 { $reply }
delivery-answered-encrypted = { $seconds } 秒后应答 { $reply }，已加密
delivery-failed = { $seconds } 秒后失败：{ $why }
follower-sees = { $seconds } 秒后，关注者看到 { $reply }
follower-sees-nothing = 关注者什么也看不到
follower-sees-fault = 关注者看到故障提示：该公众号提供的服务出现故障，请稍后再试

## 用法不对

usage-help = 更多说明请看 --help。
usage-value-missing = `{ $argument }` 后面缺少值
usage-value-unknown = `{ $argument }` 的值 `{ $value }` 不对，可以写 { $values }
usage-value-wrong = `{ $argument }` 的值 `{ $value }` 不对：{ $why }
usage-argument-unknown = 没有 `{ $argument }` 这个参数
usage-argument-missing = 缺少参数：{ $argument }
usage-argument-twice = `{ $argument }` 只能写一次
usage-conflict = `{ $argument }` 不能和 `{ $other }` 一起用
usage-number-of-values = `{ $argument }` 的值的个数不对
usage-command-unknown = 没有 `{ $name }` 这个命令
usage-command-missing = 缺少命令
usage-not-utf8 = 有参数不是 UTF-8
usage-wrong = 参数的用法不对
