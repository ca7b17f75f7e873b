# 规则文件里的错误。每个 id 就是错误代码：`错误[unknown-key]`。代码是公开的，文档和搜索引擎都认它，
# 所以永不改名。

## 读取文件

invalid-yaml = YAML 格式不对：{ $problem }
key-not-text = 键必须是普通文本
unknown-key = 没有 `{ $key }` 这个键
duplicate-key = 键 `{ $key }` 写了两次
wrong-type = 这里应该是{ $expected }，写的却是{ $found }
too-many-aliases = 别名展开后的内容太多
too-many-errors = 这里的错误太多，其余的没有列出
more-errors = 还有 { $count } 个错误没有列出

## 包含和选项

no-rules = 一条规则也没有
include-with-other-keys = `include` 旁边写了 `{ $key }`
empty-include = `include` 没有写文件
include-failed = 不能包含：{ $reason }
circular-include = 这里又包含了正在读取的 { $path }
options-in-include = 被包含的文件里写了 `options`
unknown-time-zone = 没有 `{ $name }` 这个时区
on-error-not-fixed = `on_error` 只能是固定的回复

## 规则

missing-name = { $entry ->
    [test] 这个测试没有名字
   *[rule] 这条规则没有名字
}
empty-name = 名字是空的
name-too-long = 名字太长
reserved-name = 规则不能叫 `none`
duplicate-name = 有两条规则都叫 `{ $name }`
missing-reply = 这条规则没有 `reply`
empty-value = `{ $key }` 是空的
empty-list = 这个列表是空的
empty-mapping = 这里什么也没有写
empty-text = 这里缺少文本
blank-text = 这里没有可以比较的内容
ignored-punctuation = 开启 `ignore_punctuation` 后，这里的内容全部不算数
no-condition = 这里没有条件
nested-any = `any` 里面又写了 `any`
invalid-hours = 时间段“{ $text }”的写法不对
empty-hours = 时间段“{ $text }”是空的
invalid-day = 没有“{ $text }”这样的星期写法
invalid-date = 日期“{ $text }”的写法不对
missing-day = “{ $text }”里有不存在的日期
reversed-dates = 日期范围“{ $text }”的结束早于开始
half-yearly-dates = 日期范围“{ $text }”缺少年份
invalid-duration = 时长 `{ $text }` 的写法不对
expires-without-set = 写了 `expires`，却没有 `set`
expires-without-value = 这里没有 set 或 increase `{ $key }`
invalid-number = `{ $text }` 不是数字
reserved-dialogue-key = 只有对话会在 `dialogue` 里存内容
dialogue-without-when = 这个对话永远不会开始
dialogue-without-steps = 这个对话没有步骤
cancel-without-reply = `cancel` 没有 `reply`
missing-question = 这一步没有提问
duplicate-step = 有两个步骤都叫 `{ $name }`
taken-placeholder = <{ $name }> 已经是别的占位符
skip-without-store = 这一步不存内容，也就无从知道
invalid-tries = 次数不对
tries-without-give-up = 写了 `tries`，没有写 `give_up`
empty-choices = 没有可选的回答
unknown-step = 没有叫 `{ $name }` 的步骤
invalid-stored-key = `{ $key }` 不能用作存储的名称
invalid-regex = 正则写错了
regex-too-large = 正则太大
regexes-too-large = 这个文件的正则加在一起太大

## 回复

empty-reply = 回复是空的
reply-without-kind = 这个回复没有内容
mixed-reply = 一个回复里同时有 `{ $first }` 和 `{ $second }`
missing-key = 缺少 `{ $key }`
too-many-articles = 一个回复里有 { $count } 篇图文

## 占位符

unknown-placeholder = 没有 <{ $name }> 这个占位符
unclosed-default = <{ $name }> 的默认值没有写完
rest-without-prefix = <rest> 要和 `prefix` 一起用，而这条规则没有 `prefix`
group-without-regex = <{ $group }> 要和 `regex` 一起用，而这条规则没有 `regex`
unknown-group = 没有 <{ $group }>：{ $groups ->
    [0] 这条规则的正则没有捕获组
   *[other] 这条规则的正则只有 { $groups } 个捕获组
}
format-not-allowed = <{ $name }> 不能带格式
invalid-time-format = 时间格式 <time:{ $format }> 的写法不对
full-width-colon = <time 后面是全角冒号
nothing-to-encode = <url:> 没有写要编码什么
invalid-stored-placeholder = <{ $name }> 不能用作存储的名称
new-outside-reply = <{ $name }> 是规则修改之后存的内容

## 测试

missing-send = { $entry ->
    [turn] 这一轮没有发送任何内容
   *[test] 这个测试没有发送任何内容
}
missing-message-type = 没有写这条消息的类型
send-with-talk = 一个测试里同时有 `send` 和 `talk`
expect-with-talk = `talk` 旁边写了 `expect`
missing-expect = 这个测试没有写期望的结果
unknown-rule = 没有叫 `{ $name }` 的规则
missing-rule = 没有写规则的名字
invalid-expected-reply = 这里要写恰好一个回复
invalid-time = 时间的写法不对
later-with-at = 同一轮里既有 `at` 又有 `later`
