# 演练场的请求得不到结果时的说明。

trial-malformed = 这不是 JSON：{ $reason }
trial-no-expect = `expect` 是结果，不是输入：请去掉
trial-send-or-talk = `send` 是一条消息，`talk` 是多条消息：请只留一个
trial-nothing-sent = 请写出关注者发送的内容："send": "你好"
trial-silent-turn = `talk` 里有一条什么也没有发送
trial-later = `later` 要写成一段时间，例如 30s、11m、2h 或 1d
trial-at = `at` 要写成当地时间，例如 2026-01-02 03:04:05 或 03:04
trial-no-type = 看不出这条消息的类型：text、image、voice、video、location、event 等
trial-unclear-number = 带小数点、指数或位数太多的数字有多种写法：请加上引号
trial-far-time = `at` 离现在太远
trial-one-message = 一次只能试一条消息：`talk` 用于 /case
trial-no-json = 请以 JSON 发送，并带上请求头 content-type: application/json
trial-large-body = 请求体最多 { $limit } 字节
trial-cut-body = 请求体没有传完
trial-slow-body = { $limit } 内没有传完请求体
trial-not-live = 没有去问：启动服务器时加上 --live，演练场才会问服务
trial-asks-nothing = 这条消息不问任何服务
trial-one-call = 还有一个问题没有得到回答，请等一等
trial-ended = 服务器正在停止

## 管理端口

admin-forbidden = 请使用 IP 地址、localhost 或 --admin 中的名称访问，不要从别的网站的链接或页面打开
admin-panicked = wxreply 有缺陷，请报告；位置见日志
admin-no-thread = 系统已无法再启动线程；请提高该服务的进程数上限，或稍后再试：{ $reason }
admin-reload-under-way = 重新加载还没有结束；结果见 /readyz
admin-no-account = 没有这个公众号；/readyz 列出了全部公众号
