# 服务、向服务提问的规则以及它们的测试：错误、警告和改法。

## 服务

services-in-include = 被包含的文件里写了 `services`
help-services-in-include = 请移到主文件里；所有规则都可以用
invalid-service-name = `{ $name }` 不能用作服务的名字
help-service-name = 请用文字、数字、_ 和 -，最多 { $limit } 个，也不能叫 all
service-of-two-kinds = 一个服务里同时有 `url` 和 `llm`
help-service-of-two-kinds = `url` 是自己的接口，`llm` 是大模型，请分成两个服务
service-without-address = 这个服务没有地址
help-service-without-address = 接口写 `url: https://…`，大模型写 `llm: https://…`
key-of-other-kind = { $kind ->
    [webhook] 有 `url` 的服务才能写 `{ $key }`
   *[model] 有 `llm` 的服务才能写 `{ $key }`
}
help-key-of-other-kind = 请去掉，或者换成另一种服务
placeholder-in-address = 地址的固定部分里有占位符
help-placeholder-in-address = 只有 `?` 后面可以写占位符，免得由关注者决定请求发到哪里：https://example.com/track?number=<content>
help-placeholder-in-model-address = 大模型的地址里不能有占位符
invalid-service-address = 这不是服务的地址
help-service-address = 请连同协议和主机一起写：https://api.example.com/track
help-address-with-password = 用户名和密码属于机密，请放在请求头里，例如 Authorization: Basic <secret.NAME>
help-address-end = 请去掉后面的部分：大模型的地址不带 `?`，`#` 之后的内容不会发送
invalid-header-name = `{ $name }` 不能用作请求头的名字
help-header-name = 请用英文字母、数字和 -，例如 Authorization、X-Shop
reserved-header = 规则文件里不能写请求头 `{ $name }`
help-reserved-header = 它由 wxreply 自己设置，请去掉
control-in-header = 请求头里有控制字符
help-control-in-header = 值要写在一行里
placeholder-in-header = 请求头里写了 <{ $name }>
help-placeholder-in-header = 请求头里只能用 <secret.NAME>；其他内容请放进 `ask` 发送的数据里
invalid-secret-name = 这不是机密的名称
help-secret-name = 请写名称，不要写机密本身：文字、数字、_ 和 -；值由 --secrets 或 WXREPLY_SECRET_<NAME> 给出
help-empty-secret-name = 请写机密的名称：文字、数字、_ 和 -
service-without-model = 这个大模型没有写 `model`
help-service-without-model = 请写模型的名称：model: deepseek-chat
extra-not-mapping = `extra` 不是映射
help-extra-not-mapping = 它会并入请求：extra: {"{ temperature: 0.3 }"}
help-memory-turns = 请写记住几轮问答：turns: 6
timeout-too-long = 超时太长
help-timeout-too-long = 最长 { $limit }
invalid-count = `{ $key }` 不是这里能用的数字
help-count = 请写 { $least } 到 { $most } 的整数
invalid-rate = `{ $text }` 不是次数限制
help-rate = 请写每分钟、每小时或每天多少次：5/m、20/h、100/d
invalid-openid-mode = `openid` 既不是 plain 也不是 hash
help-openid-mode = plain 直接发送 openid；hash 是默认值，发送带密钥的散列值
openid-to-service = 这里会把 openid 发出去
help-openid-to-service = 单独写 `<openid>` 作为一个值，就发送它带密钥的散列值；要原样发送，请在服务里写 `openid: plain`
help-openid-in-address = 请放进 `ask` 发送的数据里，或者在服务里写 `openid: plain`

## 选项

invalid-push = `push` 既不是 auto 也不是 never
help-push = auto 是默认值，公众号有权限时，迟到的答案会自动发出；never 则一律由关注者取
more-too-long = 这样留给答案的地方太少了
help-more-too-long = 它有 { $bytes } 字节，最多 { $limit } 字节（一个汉字 3 字节）
slow-not-fixed = `{ $key }` 只能是固定的回复
help-slow-not-fixed = 请写一段文本，或者 success；里面只能有 <fetch:文字>
help-more-not-fixed = 请写一段文本；里面只能有 <fetch:文字>
empty-fetch-link = <fetch:> 后面没有文字
help-fetch-link = 请写关注者要点的文字：<fetch:点这里>
fetch-outside-slow = <fetch:…> 不能写在 `slow` 和 `more` 以外
help-fetch-outside-slow = 它用来取还没有准备好的答案，只有 `options.slow` 和 `options.more` 会提到

## 提问的规则

unknown-service = 没有叫 `{ $name }` 的服务
help-unknown-service = 请在主文件的 `services` 下面写明
help-ask = 请写明问哪个服务、发送什么：ask: {"{ 快递: { number: <rest> } }"}
several-services = 一条规则只能问一个服务
help-several-services = 请分成几条规则，或者用一个服务去问其他服务
model-takes-text = 问大模型要用一段文本
help-model-takes-text = 例如 ask: {"{ 小助手: \"翻译成英文：<rest>\" }"}；参数写在 `services` 下面
failed-without-ask = 写了 `failed`，却没有 `ask`
help-failed-without-ask = 它是服务出错时的回复；请去掉，或者写上要问的服务
unknown-failure = 没有 `{ $kind }` 这种出错
help-failed-kinds = 请写 404 这样的状态码，或 timeout、refused、busy、too_large、not_json、empty，其余的用 other
answer-without-ask = 这里没有答案，不能用 <{ $name }>
help-answer-without-ask = 它只用在有 `ask` 的规则的 `reply` 和存储的内容里

## 警告

service-without-encryption = 提问和回答会不加密地经过互联网
help-service-without-encryption = 请用 https://
model-without-label = 没有标明这些回答是生成的
help-model-without-label = 按规定要标明：label: 【AI 生成】
model-without-limits = 没有限制问这个大模型的次数
help-model-without-limits = 例如 limits: {"{ follower: 20/h, day: 3000 }"}
model-without-tokens = 没有限制这个大模型回答的长度
help-model-without-tokens = 例如 limits: {"{ tokens: 400 }"}
answer-never-there = 所有测试的回答里都没有 <{ $name }>
help-answer-never-there = 请改正路径，或者写一个回答里有它的测试
key-in-file = 这看起来是真正的密钥
help-key-in-file = 不要写在文件里：请写它的名字，值用 --secrets 或 WXREPLY_SECRET_<NAME> 给出；别人看到过的，请换一个
plain-mode-with-model = 公众号“{ $account }”是明文模式：看到一次微信请求的人也能问这个模型
help-plain-mode-with-model = 请在公众平台选安全模式，并给这个公众号写上 `aes_key` 和 `app_id`
slow-without-fetch = 答案来晚了，就没有办法取到
help-late-without-fetch = 请在 `options` 里用 fetch: ["1"] 写明取答案的文字，或者把 timeout 改为不超过 { $limit }s
help-slow-without-fetch = 请在里面写上链接 <fetch:点这里>，或者用 fetch: ["1"] 写明取答案的文字

## 测试

invalid-canned = 这不是这个服务的回答
help-canned-json = 请写服务返回的 JSON；有 `after` 或 `fails` 时放在 `json` 下面：{"{ json: { state: 1 }, after: 20s }"}
help-canned-text = 大模型的回答是一段文本，或者 {"{ text: 从前, after: 20s }"}，或者 {"{ fails: timeout }"}
invalid-after = 这不是时长
help-fails = 请写 404 这样的状态码，或 timeout、refused、busy、too_large、not_json、empty
invalid-asked = 这里没有写明一个服务
help-asked = 请写 {"asked: { 快递: { number: 1 } }"}，或者只写服务的名字；没有提问就写 null
test-asked = 提问
asked-nothing = 没有提问
test-asked-difference = 期望{ $wanted }，实际{ $got }
test-unanswerable = 问了“{ $service }”，而这个测试没有它的回答：请写在 `answers` 下面
try-asks = 提问
try-at = 地址
try-answers = 回答
try-took = 用时
try-seconds = { $seconds } 秒
try-fails = 没有回答
try-help = 建议
try-failed = 失败
try-test = 写成测试，粘贴到 tests: 下面：
