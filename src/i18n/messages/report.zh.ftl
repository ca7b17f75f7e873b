# 结果怎样显示。

level-error = 错误
level-warning = 警告
level-note = 说明
level-help = 提示

## 规则没有错误也不采用的原因

test-failed = 测试没有通过：{ $name }
test-required = 规则文件里没有测试，而 --require-tests 要求有
file-unreadable = 无法读取 { $path }：{ $problem }
