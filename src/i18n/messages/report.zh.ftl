# 结果怎样显示。

level-error = 错误
level-warning = 警告
level-note = 说明
level-help = 提示
