# 结果怎样显示。

level-error = 错误
level-warning = 警告
level-note = 说明
level-help = 提示

## 规则没有错误也不采用的原因。这些也是代码，永不改名。

test-failed = 测试没有通过：{ $name }
test-required = 规则文件里没有测试，而 --require-tests 要求有
file-unreadable = 无法读取 { $path }：{ $problem }

count-errors = { $count } 个错误
count-warnings = { $count ->
    [0] 没有问题
   *[other] { $count } 条警告
}
count-rules = { $count } 条规则
count-tests = { $count } 个测试
count-accounts = { $count } 个公众号
accounts-summary = { $accounts }，{ $warnings }
check-summary = { $rules }，{ $tests }，{ $warnings }

test-turn = 轮次
test-sent = 发送
test-wanted = 期望
test-got = 实际
test-stored = 存储
test-stored-difference = { $key }：期望 { $wanted }，实际 { $got }
passed-over = 前面的规则：
passed-over-more = 另外还有 { $count } 条，`wxreply try` 会全部列出
test-not-run = { $errors }，没有运行测试
test-unreached = 没有测试用到规则 { $rule }
test-untimed = 测试 { $test } 没有写 `at`，而规则 { $rule } 只在某些时间回复；请写上时间，例如 at: 10:00
test-none = 没有测试；请在 `tests:` 下面写几个
test-summary = { $passed } 个通过，{ $failed } 个失败{ $skipped ->
    [0] {""}
   *[other] ，{ $skipped } 个跳过
}；{ $rules }中用到了 { $reached } 条
no-rule = 没有规则
rule-named = 规则 { $rule }
any-rule = 任意规则
rule-and-reply = { $rule }，{ $reply }

try-text = 文本
try-rule = 规则
try-reply = 回复
try-sent = 发出
try-stores = 存储
try-none = 没有
try-file-first = 规则文件要写在文本前面：wxreply try rules.yaml { $text }
invalid-at = --at 的写法不对；请写成 2026-01-02 03:04:05 或 03:04 的样子
nothing-to-send = 请写明发送什么：一段文本、--type 或 --event
nothing-typed = 这条消息没有类型；请加上 --type，事件用 --event
not-a-pair = 请写成“名称=值”
watching = 正在监视文件；按 Ctrl-C 结束
no-signals = 不能接收信号：{ $error }

stored-nothing = 没有内容
change-set = 设置 { $key } = { $value }
change-set-for = 设置 { $key } = { $value }，保留 { $seconds } 秒
change-add = 在 { $key } 里加入 { $item }
change-remove = 从 { $key } 里去掉 { $item }
change-clear = 清除 { $key }
change-clear-all = 清除全部

## 微信为什么收到的比规则写的少

degraded-long-text = 文本超过 { $limit } 字节，超出部分会被截断
degraded-long-part = { $part } 超过 { $limit } 字节，超出部分会被截断
degraded-long-address = { $part } 超过 { $limit } 字节，因此不会发送任何内容
degraded-articles = 对这条消息只能显示 { $limit } 篇图文
degraded-blank-text = 文本是空白的，因此不会发送任何内容
degraded-no-article = 没有图文，因此不会发送任何内容
degraded-empty = { $part } 是空的，因此不会发送任何内容
degraded-event = 事件不能转给客服，因此不会发送任何内容

## 规则为什么没有回复

reason-unless = unless 的条件全部成立：{ $conditions }
reason-disabled = 规则已停用（enabled: false）
reason-needs-user = 要看该关注者已存储的值
reason-type = 类型是 { $found }，不是 { $wanted }
reason-event = 事件是 { $found }，不是 { $wanted }
reason-no-event = 不是事件，规则要求的事件是 { $wanted }
reason-hours = 现在 { $now }，不在 { $wanted } 之内
reason-days = 今天是{ $today }，不是 { $wanted }
reason-dates = 今天是 { $today }，不在 { $wanted } 之内
reason-any = any 的条件都不成立：{ $each }
reason-stored = 已存储 { $key }，规则要求没有存储
reason-text = { $subject } { $value } { $test }
reason-no-text = 没有文本
reason-not-stored = 没有存储 { $key }
reason-missing = 没有 { $name }
condition-type = 类型是 { $wanted }
condition-event = 事件是 { $wanted }
condition-hours = 时间在 { $wanted } 之内
condition-days = 今天是 { $wanted }
condition-dates = 日期在 { $wanted } 之内
condition-any = 以下之一成立（{ $each }）
condition-not-stored = 没有存储 { $key }
condition-content = 文本{ $test }
condition-text = { $subject } { $test }
subject-content = 文本
subject-stored = 存储的 { $key }
does-equal = 是 { $wanted }
does-not-equal = 不是 { $wanted }
does-begin = 以 { $wanted } 开头
does-not-begin = 不以 { $wanted } 开头
does-end = 以 { $wanted } 结尾
does-not-end = 不以 { $wanted } 结尾
does-contain = 包含 { $wanted }
does-not-contain = 不包含 { $wanted }
does-match = 匹配 { $wanted }
does-not-match = 不匹配 { $wanted }
either = { $first } 或 { $second }
both = { $first }，并且{ $second }
listed = { $first }；{ $second }
count-more = 另外 { $count } 个
weekday = { $day ->
    [1] 周一
    [2] 周二
    [3] 周三
    [4] 周四
    [5] 周五
    [6] 周六
   *[7] 周日
}

## 对话

step-of = { $rule } 的步骤 { $step }
step-for = { $step }，保留 { $seconds } 秒
test-step = 步骤
test-step-difference = 期望{ $wanted }，实际{ $got }
step-named = 步骤 { $step }
no-step = 没有步骤
at-step = 在对话 { $rule } 的步骤 { $step }
within-dialogue = 在对话 { $rule } 里
after-tries = { $place }，且答错 { $tries } 次
reason-elsewhere = 在对话 { $rule } 的步骤 { $step }，不{ $wanted }
reason-not-at = 不{ $wanted }
condition-stored = 已存储 { $key }
at-least = 至少是 { $number }
not-at-least = 不到 { $number }
below = 小于 { $number }
not-below = 不小于 { $number }
