# 规则文件里多半写错的地方。每个 id 就是警告代码：`警告[never-answers]`。代码是公开的，永不改名。

never-answers = 规则 `{ $rule }` 永远不会回复：{ $reason }
keyword-never-answers = 规则 `{ $rule }` 永远不会回复它：前面的 `{ $earlier }` 先回复了
repeated-keyword = 列表里已经有了
one-keyword = 这只算一个关键词
quoted-keyword = 这些引号也是关键词的一部分
needless-regex = 这个正则只是普通文本
control-character-in-regex = 这个正则里有控制字符
unknown-type = 微信没有 `{ $name }` 这种消息
unknown-event = 微信没有 `{ $name }` 这个事件
unknown-field = 微信的消息里没有 `{ $name }`
never-stored = 没有规则在 `{ $key }` 里存过内容
value-never-stored = 没有规则在 `{ $key }` 里存过这个值
never-read = 没有规则读取 `{ $key }` 里存储的内容
text-cut-at-comment = 这个 # 开始了一段注释，文本到它前面就结束了
empty-included-file = 被包含的这个文件里没有规则，也没有测试
invalid-media-id = 这不是 media id
text-too-long = 这段文本总会被截断：微信最多允许 { $limit } 字节
literal-reply-word = 关注者会原样看到这个词
literal-backslash-n = 关注者会原样看到 `\n`
extra-articles = 微信会丢掉这一篇：回复消息只能用一篇图文
event-to-customer-service = 微信只能把消息转给客服，不能转事件
reply-to-unsubscribe = 刚取消关注的人什么也收不到
not-a-placeholder = `{ $written }` 不是占位符，关注者会原样看到它
always-empty = <{ $name }> 总是空的：{ $who }没有这项内容
too-many-warnings = 还有 { $count } 条警告没有列出
