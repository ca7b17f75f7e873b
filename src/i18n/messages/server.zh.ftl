# 服务器的日志，以及它为什么没有启动。
error-and-help = { $error }；{ $remedy }
cannot-listen = 无法监听 { $address }：{ $reason }；请用 { $flag } 换一个
no-path = --path { $path } 不是路径；路径以 / 开头，例如 /wx_flask
flag-of-one-account = { $flag } 不能和 --accounts 一起用：文件里的每个公众号各有自己的
server-ended = 服务器停了：{ $reason }
socket-of-supervisor = 进程管理器给的第 { $place } 个套接字不是正在监听的 TCP 套接字：{ $reason }；请改正它的 unit
help-rules-default = 请用 --rules 指定规则文件
help-rules-relative = 请用 --rules 换一个；相对路径从 { $folder } 算起
help-rules = 请用 --rules 换一个

## 启动和结束

log-settings = { $mode } 模式，{ $times }，规则用到时打开数据库 { $database }，不要求测试
log-settings-tests = { $mode } 模式，{ $times }，规则用到时打开数据库 { $database }，要求测试
times-in = 时间按 { $zone } 算
times-of-machine = 时间按这台机器的时区算
log-zone-unknown = 不知道这台机器的时区，所以时间按 UTC 算；请改正 TZ，或者在规则文件里写上 options.timezone
log-backlog = 无法加长等待连接的队列：{ $reason }
log-descriptors = 最多同时 { $connections } 个连接：只能打开 { $files } 个文件；请提高这个限制（ulimit -n），或者调低 --max-connections
log-panic = wxreply 有缺陷，请报告：panicked at { $place }
log-no-signals = 信号会立即结束服务器，也不会重新加载：{ $reason }
log-end-before-start = 规则还没有读完就收到了结束信号
log-sighup = SIGHUP：重新读取规则
log-end = 收到结束信号：先答完手头的请求
log-end-twice = 第二次收到结束信号：没答完的请求就此中断
log-worker-stuck = 有一个工作线程卡住了；不再向进程管理器报告正常
log-supervisor = 没能通知进程管理器：{ $reason }
status-fine = 生效的规则和文件一致
status-refused = 文件没有生效，仍按原来的规则回复；请看日志
status-slow = 重新加载用时较长
