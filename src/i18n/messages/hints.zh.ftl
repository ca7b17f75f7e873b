# 诊断旁边的标注、说明和建议。

## 到处都用

label-first = 第一次在这里
help-did-you-mean = 是不是想写 `{ $meant }`？
help-write-it-as = 请写成 { $meant }
note-text-is-comment = 空格后面的 # 会开始一段注释；请给文本加上引号：{ $quoted }
help-fix-those-first = 请先改好上面的

## 键和类型

help-comma-in-braces = {"{ }"} 里的半角逗号会把文字断开：请给整段文字加引号
help-known-keys = 这里可以写的有 { $keys }
help-no-merge = 不支持合并键 <<，请在这里把各个键重新写一遍
help-merge-into-first = 请把它的内容移到第一个里
help-several-values = 只留一个；同一个键有几个值，就写成列表：[a, b]
help-keep-one = 只留一个
help-write-a-list = 列表写在 [ ] 里，或者每一项前面写 `-`
help-example = 例如 { $example }
help-write-expected = 这里请写{ $expected }
help-multiplied-aliases = 每个别名（*name）都按它所指的全部内容计算；请只重复简短的内容，别名里不要再套别名
help-quote-key = 以 [、{"{"} 或 ? 开头的键要加引号

## 包含和选项

help-no-rules = 请在 `rules:` 下面至少写一条，例如 `{"- { name: 其他, reply: success }"}`
help-include-alone = `include` 旁边不能有别的键：- include: keywords/*.yaml
help-empty-include = 请写上文件或通配模式：- include: keywords/*.yaml
help-include-failed = 路径从写着 `include` 的文件所在的文件夹算起
help-circular-include = 请去掉这个 include，或者让它的模式匹配更少的文件
help-options-in-include = 请移到主文件里；选项对所有规则生效
help-unknown-time-zone = 请写时区的名称，例如 Asia/Shanghai、Asia/Tokyo 或 UTC
help-on-error-not-fixed = 它在规则出错时发送，请写不含占位符、也不用 random 的回复

## 规则

help-missing-name = { $entry ->
    [test] 请写明它测的是什么：name: 问好时有回复
   *[rule] 请加上名字：日志、指标和测试用它指明规则
}
help-name-after-effect = 请按规则的作用起名：日志、指标和测试里会出现
help-name-too-long = 名字最多 { $limit } 个字符
help-reserved-name = 测试里的 `rule: none` 表示没有规则回复
help-duplicate-name = 请给每条规则起不同的名字
help-missing-reply = 请写上要回复的文本；不想回复就写 reply: success
help-clear = 请写明要清除什么：clear: [step, price]，或者 clear: all
help-changes = 请写明要存储什么：{ $key }: {"{ threshold: <rest> }"}
help-expires-without-set = 它规定 `set` 下面的值保留多久
help-expiry = 请写数字加 s、m、h 或 d，例如 30s、10m、2h、7d，最长 3650d；或者写 day，到当地零点
help-expires-by-key = increase 的值请按键写：expires: {"{"} { $key }: day {"}"}
help-expires-without-value = 请写同一条规则里 `set` 或 `increase` 的键
help-number = 请写数字，例如 10、-5、12.5：小数点前最多 { $digits } 位，后最多 { $decimals } 位
help-reserved-dialogue-key = 请换一个键；`clear: dialogue` 用来结束对话
help-dialogue-without-when = 请写明什么时候开始：when: {"{ equals: 预约 }"}
help-dialogue-without-steps = 至少写一步：steps: {"[{ ask: 请问几位？, store: people }]"}
help-cancel-without-reply = 请写明回复什么：reply: 好的，已取消
help-dialogue-reply = 这是最后一步之后的回复
help-missing-question = 请写上问题：ask: 请问几位？
help-duplicate-step = 请给其中一个写上自己的 `name`
help-taken-placeholder = 请换一个名字保存回答，例如 people
help-skip-without-store = 请写上 `store`：这个名字下已有内容时才跳过
help-tries = 请写 1 到 { $most } 的数字
help-tries-without-give-up = 请在 `steps` 旁边写明最后回复什么：give_up: 请稍后再试
help-empty-choices = 请写上各个回答的意思：choices: {"{ 是: next, 否: restart }"}
help-choices-together = 几个回答意思相同，请写成列表：[是, 对]: next
help-no-cancel = 请给对话写上 `cancel`，注明取消时的回复；或者换一个词
help-unknown-step = 请写 next、restart、cancel 或某个步骤的名字；写了 `store` 才能保存别的词
help-expected-step = 请写对话里某一步的名字，null 表示不在对话里
help-stored-key = 请用字母、数字、_ 和 -，最多 { $limit } 个；不能用 `all`
help-no-condition = 请至少写一个，例如 {"{ type: text }"}；想匹配所有消息就去掉它
help-any = 请至少写一个：{"any: [{ equals: 订购 }, { event: CLICK, key: ORDER }]"}
help-nested-any = 请把里面的各项移到外面的列表里
help-empty-mapping = 请写明要看什么，或者去掉 `{ $key }`
help-no-operator = 请写上比较的方式，例如 {"{ prefix: buy_ }"}
help-empty-list = 请至少写一段文本，或者去掉这个键
help-empty-text = 请写上文本，或者去掉这个键
help-blank-text = 看不见的字符不算数，开启 `options.trim` 后首尾的空白也不算数；请写上文字
help-ignored-punctuation = 要和发来的原文比较，请写 {"fields: { content: { "}{ $operator }: "{ $text }"{" } }"}
help-hours = 请用 24 小时制，例如 "09:00-18:00"
help-whole-day = 全天写作 "00:00-24:00"
help-days = 请写 mon、tue、wed、thu、fri、sat 或 sun（周一到周日），或者范围，例如 mon-fri
help-several-days = 几天请写成列表：[mon, wed]
help-dates = 请写 2027-10-01 或 12-25 这样的日期，或者 2027-02-15..2027-02-23 这样的范围
help-several-dates = 几个日期请写成列表：[2027-10-01, 12-25]
help-reversed-dates = 请把早的日期写在前面：{ $meant }
help-both-years = 每个日期都写年份；要表示每年，就写两个都不带年份的日期
help-invalid-regex = 要匹配 . * + ? ( ) [ ] {"{ }"} | ^ $ 这些符号本身，请在前面加反斜杠
help-regex-too-large = 请把重复次数改小，例如 {"{1,20}"}；用 [0-9]、[a-z] 代替 \d、\w
help-regexes-too-large = 请用 [0-9]、[a-z] 代替 \d、\w，或者用关键词代替正则

## 回复

help-empty-reply = 不想回复就写 reply: success
help-empty-part = 请写上文本；不想回复就写 reply: success
help-reply-kinds = 请写 text、image、voice、video、music、news、transfer_customer_service 或 random
help-mixed-reply = 微信对一条消息只接受一个回复：只留一种，或者在 `random` 下列出几个
help-no-article = 请至少写一篇：{"news: [{ title: 标题, url: 'https://example.com/' }]"}
help-too-many-articles = 微信对事件最多显示 { $limit } 篇，对消息只显示 1 篇
help-random = 请至少写一个回复：random: [你好, 您好]
help-missing-key = 微信要求必须有，请加上 { $key }: …

## 占位符

help-did-you-mean-placeholder = 是不是想写 <{ $meant }>？要原样显示，请写 `<<{ $name }>`
help-placeholders = 占位符有 { $names }、user.KEY，以及 media_id 这样的消息字段；要原样显示，请写 `<<{ $name }>`
help-unclosed-default = 默认值是不含 < 的普通文本，以 > 结束：<{ $name }|文本>
help-rest = 请在 `when` 里加上 `prefix`，或者用 <content> 表示整段文本
help-groups = 捕获组是 `when` 里 `regex` 的 ( )，从 1 数起；要原样显示，请写 `<<{ $group }>`
help-no-format = 只有 <time:FORMAT> 可以带格式
help-nothing-to-encode = 请在后面写占位符的名称：<url:rest>、<url:1>
help-time-format = 请写成 <time:%H:%M> 或 <time:%Y-%m-%d %H:%M:%S> 的样子
help-half-width-colon = 请用半角冒号：<time:{ $format }>
help-stored-placeholder = `user.` 后面只能有字母、数字、_ 和 -；要原样显示，请写 `<<{ $name }>`
help-new-outside-reply = 只能用在回复里；<user.{ $key }> 是修改之前存的内容

## 测试

help-missing-send = 请写明关注者发送什么：send: 你好
help-send-with-talk = `send` 是一条消息，`talk` 是几条消息的列表：只留一个
help-expect-with-talk = 在 `talk` 里，每一轮有自己的 `expect`
help-missing-expect = 请写明由哪条规则回复：{"expect: { rule: 你好 }"}，没有规则回复就写 rule: none
help-missing-message-type = 请加上类型：text、image、voice、video、location、link、event 等
help-unknown-rule = 请写本文件里的规则名，或者 none
help-expected-silence = 如果关注者什么也收不到，请写 reply: success
help-invalid-expected-reply = 请写关注者收到的原样内容，例如 {"{ image: M1 }"}
help-invalid-time = 请写成 2026-01-02 03:04:05、2026-01-02 03:04 或 03:04 的样子
help-later = 请写数字加 s、m、h 或 d，例如 30s、11m、2h、1d
help-later-with-at = 指定时间就留 `at`，比上一轮晚多久就留 `later`
