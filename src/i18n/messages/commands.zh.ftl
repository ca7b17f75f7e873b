# 各个命令在终端里说的话。

## explain

no-such-code = 没有 `{ $code }` 这个错误或警告；`wxreply explain` 列出全部代码
no-such-code-but = 没有 `{ $code }` 这个错误或警告；是不是想写 `{ $meant }`？
