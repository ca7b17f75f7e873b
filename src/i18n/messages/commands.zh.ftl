# 各个命令在终端里说的话。

## explain

no-such-code = 没有 `{ $code }` 这个错误或警告；`wxreply explain` 列出全部代码
no-such-code-but = 没有 `{ $code }` 这个错误或警告；是不是想写 `{ $meant }`？

## list 显示的内容

list-stored-at = 存储时间
list-follower = 关注者
list-account = 公众号
list-key = 键
list-value = 值
list-empty = 什么都没有存储
invalid-since = 请写成数字加 s、m、h 或 d，例如 7d
bom-without-csv = --bom 只用于 --format csv
