# 服务器的日志，以及它为什么没有启动。
error-and-help = { $error }；{ $remedy }
cannot-listen = 无法监听 { $address }：{ $reason }；请用 { $flag } 换一个
no-path = --path { $path } 不是路径；路径以 / 开头，例如 /wx_flask
flag-of-one-account = { $flag } 不能和 --accounts 一起用：文件里的每个公众号各有自己的
too-few-threads = 服务器要启动 { $threads } 个线程，系统给不了这么多：{ $reason }；请调高进程数上限：`ulimit -u`、systemd 的 TasksMax，或容器的 pids
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
log-lines-missing = 这里缺少 { $lines } 行日志：读取日志的程序太慢
log-panic = wxreply 有缺陷，请报告：panicked at { $place }
log-no-signals = 信号会立即结束服务器，也不会重新加载：{ $reason }
log-end-before-start = 规则还没有读完就收到了结束信号
log-no-reload = SIGHUP 不会重新加载：无法启动所需的线程：{ $reason }
log-no-secrets = 服务拿不到机密：无法启动读取机密的线程：{ $reason }
log-no-watchdog = 不向看门狗报告：无法启动所需的线程：{ $reason }
log-sighup = SIGHUP：重新读取规则
log-end = 收到结束信号：先答完手头的请求
log-end-twice = 再次收到结束信号：立即退出，没答完的请求就此中断
log-worker-stuck = 有一个工作线程卡住了；不再向看门狗报告正常
log-supervisor = 没能通知进程管理器：{ $reason }
status-fine = 生效的规则和文件一致
status-refused = 文件没有生效，仍按原来的规则回复；请看日志
status-slow = 重新加载用时较长

## 规则

log-loaded = 从 { $path } 读取了 { $rules }
log-reloaded = 重新加载了 { $path }：{ $rules }（第 { $generation } 代：新增 { $new }，修改 { $changed }，删除 { $gone }；{ $milliseconds } 毫秒）
log-last-good = 规则没有通过检查，按 { $path } 里最近一次正确的规则回复：
log-no-last-good = { $path } 里没有最近一次正确的规则：{ $why }
last-good-unreadable = 无法读取：{ $reason }
last-good-damaged = 文件已损坏：{ $why }
last-good-inconsistent = 文件已损坏：其中包含的文件不存在
last-good-included = include `{ $pattern }` 会把它当作规则读取；请用 --last-good 指明一个 include 匹配不到的文件
last-good-foreign = 那里已有别的文件；请给 --last-good 一个专用的文件名
last-good-of-another = 其中是另一个文件 { $path } 的规则
last-good-refused = 这个版本不接受它们：{ $why }
log-no-watcher = 规则改动后要重启才生效：无法启动监视线程：{ $reason }
log-as-live = 文件又和生效的规则一致，不用重新加载
log-not-replaced = 规则没有替换，仍按原来的回复：
log-not-uploaded = 规则用到的文件，微信还没有全部保存；在那之前相关规则按 on_error 回复，稍后会再试：
log-all-uploaded = 规则用到的文件，微信都已经保存
log-upload-not-kept = media id { $media_id } 还没有存下：{ $why }；用到它的规则最多等数据库一分钟
upload-changed = 读取之后它又变了
upload-elsewhere = 另一个 wxreply 副本正在上传它，一直没有完成
log-unchanged = 没有改动，仍按第 { $generation } 代回复
log-drive-hangs = 无法读写 { $path }：它所在的磁盘 { $limit } 秒没有响应。需要它的都在等；如果它和规则有关，所有重新加载和启动也都在等
log-drive-answers = { $path } 所在的磁盘恢复了响应
log-still-refused = 没有改动，文件仍然没有通过检查
log-cannot-keep = 最近一次正确的规则不能存进 { $path }：{ $reason }
log-no-events = 系统不能通知文件的改动，改为定时检查：{ $why }
log-restless = { $path } 一直在写入；按现在的内容读取
log-stalled = 写入 { $path } 的程序一直没有关闭它，也有 10 秒没有写入；按现在的内容读取
and-more-shown-by = 另外还有 { $more } 个；`wxreply { $command } { $path }` 会全部列出

## 请求和应答

log-admin = 管理页面在 { $url }
log-admin-live = 演练场可以真的去问服务（--live）
log-admin-open = 管理页面没有密码，而且从别的机器也能访问（{ $address }）；请用防火墙或网络策略挡住别人
log-no-randomness = 系统没有提供随机数：日志里关注者的化名可以猜到
log-no-metrics = 写不出指标：{ $why }
log-refused = 拒绝了 { $method }：{ $why }
stored-text = { $key } 里存的不是数字
added-text = 要加到 { $key } 上的不是数字
file-not-uploaded = 微信还没有保存 { $file }
too-many-digits = { $key } 的和位数太多
commit-unreadable = 以前的版本存的应答，这个版本读不了
over-budget = 决定回复用了超过 { $limit } 的处理器时间，大部分用在规则 { $rules }

## 证书

log-no-renewal = 证书续期后要重启才生效：无法启动监视线程：{ $reason }
log-certificate-kept = 证书没有替换，继续用原来的：{ $why }
log-certificate = 客户端收到的证书是 { $path }
log-certificate-new = 新连接收到的证书是 { $path }
log-certificate-until = ，有效期到 { $expires }
log-certificate-over = ，已于 { $expires } 过期：微信不接受；请续期

## 推送

log-listening = 正在监听 { $url }
log-listening-for = 正在监听 { $url }，有 { $count } 个公众号
log-request-refused = 拒绝了一个请求，{ $why }；{ $hint }
log-request-of-account-refused = 拒绝了 { $name } 的一个请求，{ $why }；{ $hint }
log-other-account = 拒绝了 { $name } 的一条消息，它是发给别的公众号的；id 是公众平台上的原始ID吗？那里填的 URL 是这个公众号的吗？
log-follower = 关注者 { $name }
log-follower-of = { $account } 的关注者 { $name }
log-delivered = { $follower }：{ $outcome }，{ $micros } 微秒
log-delivered-by = { $follower }：{ $outcome }，规则 { $rule }，{ $micros } 微秒
log-not-carried-out = { $follower } 收到了 on_error：规则 { $rule } 无法执行，{ $why }
log-not-completed = 规则 { $rule } 无法按 { $service } 的回答执行，{ $why }；关注者收到的是 on_error
log-unusable = { $service } 的回答规则 { $rule } 用不了，{ $why }；关注者收到的是 failed
log-given-up = 规则 { $rule } 不再询问 { $service }：先后三个副本都没等到回答就结束了；关注者收到的是 failed
log-asks-no-longer = 不再询问 { $service }：副本没等到回答就结束了，而现在的规则对那条消息不再提问；关注者收到的是现在的规则给出的回复，没有回复则是 on_error
log-degraded = { $follower } 收到的比规则 { $rule } 回复的少：{ $why }
log-failed = { $follower } 收到了 on_error：{ $why }
log-left-out = （上一条这样的日志以来还有 { $count } 次）
log-left-out-at-end = 另有 { $count } 行重复的日志没有写出
commit-contended = 这位关注者前面的消息占用了全部时间
question-gone = 它的问题已不在数据库里：这位关注者的数据被删除了，或者数据库换了一个

## 数据库

log-old-answers = 旧的应答暂时留在数据库里
log-expired-values = 过期的内容暂时留在数据库里
log-old-questions = 旧的提问暂时留在数据库里
log-wal-grows = 别的程序读 { $database } 已经十分钟，它的 -wal 文件越来越大，删除的文本还留在里面
log-wal-stays = 删除的文本暂时留在 -wal 文件里：{ $error }
log-database-clock = { $database } 的时钟和这台机器相差 { $seconds } 秒，存储的内容会在错误的时间过期；请用 NTP 校准两边
log-database-usable = 数据库 { $database } 可以使用
log-database-unusable = 要用数据库的规则暂时按 on_error 回复：{ $error }

## 多个公众号

log-accounts = 重新加载了 { $path } 里的公众号（新增 { $added }，修改 { $changed }，删除 { $removed }；{ $milliseconds } 毫秒）
log-accounts-as-live = 账号文件又和生效的一致，不用重新加载
log-accounts-not-replaced = 公众号没有替换，仍按原来的回复：
log-accounts-no-watcher = 公众号改动后要重启才生效：无法启动监视线程：{ $reason }
