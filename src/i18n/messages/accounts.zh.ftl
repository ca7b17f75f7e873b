# 账号文件里的错误和改法。错误和警告的 id 就是代码，代码是公开的，永不改名。

## 文件

no-accounts = 一个公众号也没有
help-no-accounts = 至少写一个：accounts: {"{ 书店: { path: /wx/books, rules: books.yaml, token: books-token } }"}
invalid-account-name = 这不能用作公众号的名字
help-account-name = 名字要有 1 到 { $limit } 个字符，不能有控制字符，首尾不能有空格
missing-account-key = 这个公众号没有 `{ $key }`
help-missing-path = 请写上公众平台里那个 URL 的路径：path: /wx/books
help-missing-rules = 请写上规则文件：rules: books/rules.yaml
help-missing-token = 请写上存放令牌（Token）的机密名称：token: books-token
help-empty-account-value = 请写上内容，或者去掉这个键
help-path-from-here = 路径从账号文件所在的文件夹算起
invalid-address = 这不是地址
help-address = 请写主机和端口，例如 127.0.0.1:11434；IPv6 地址加方括号：[::1]:11434
expected-accounts-file = 含有 `accounts` 的“键: 值”
expected-accounts = 公众号（“名字: 内容”）
expected-account = path、rules 和 token 这几项

## 微信和公众号共知的内容

invalid-account-id = 这不是公众号的原始ID
help-account-id = 请从公众平台复制原始ID，它以 gh_ 开头
help-id-is-app-id = 这是 AppID，请写在 `app_id` 里；原始ID 以 gh_ 开头
duplicate-account-id = 和 `{ $first }` 的 id 相同
help-duplicate-account-id = 每个公众号写自己的原始ID
invalid-app-id = 这不是 AppID
help-app-id = 请从公众平台复制 AppID：wx 加 16 位 0 到 9、a 到 f
help-app-id-is-id = 这是原始ID，请写在 `id` 里；AppID 以 wx 开头
invalid-path = 这不是 URL 的路径
help-path = 请以 / 开头，用字母、数字、- 和 _：/wx/books
help-path-of-url = 不要写主机，只写它后面的部分，例如 /wx/books
duplicate-path = `{ $first }` 用了同一个路径
help-duplicate-path = 每个公众号用自己的路径，例如 /wx/books 和 /wx/flowers
nested-path = 这个路径在 `{ $outer }` 的路径里面
help-nested-path = 路径请并列，例如 /wx/books 和 /wx/flowers
label-outer-path = 外层路径
label-account = 这个公众号
invalid-mode = 没有这种模式
help-modes = 请写 plain（明文模式）、compat（兼容模式）或 secure（安全模式）
mode-needs = { $mode } 模式缺少 `{ $key }`
help-needs-app-id = 请写上公众平台的 AppID：app_id: wx0123456789abcdef
app-secret-without-app-id = 有 `app_secret`，缺少 `app_id`
help-needs-aes-key = 请写上存放 EncodingAESKey 的机密名称：aes_key: books-aes

## 机密。无论何时都不显示，写错地方的也不显示。

missing-secret = 没有这里所写名称的机密
help-secret-file = 请把机密写进文件夹 { $folder } 里同名的文件
help-secret-variable = 请设置环境变量：WXREPLY_SECRET_ 加上这个名称的大写，- 换成 _，汉字换成编码（书是 U4E66）；或者用 secrets: /run/secrets/wxreply 指定存放机密的文件夹
note-secret-itself = 如果这里写的就是机密本身，请从文件里删掉并更换：看过文件的人都知道了
empty-secret = 机密 `{ $name }` 是空的
help-empty-secret = 请把公众平台显示的内容写进它的文件
invalid-secret-text = 机密 `{ $name }` 不是文本
help-secret-not-utf8 = 请另存为 UTF-8
help-unreadable-secret = 请让运行 wxreply 的用户能读它：chown、chmod 400
invalid-token-character = `{ $name }` 里的令牌有 A-Z a-z 0-9 以外的字符
invalid-token-length = `{ $name }` 里的令牌有 { $count } 个字符，公众平台只接受 3 到 32 个
help-token = 用 `openssl rand -hex 16` 生成一个，公众平台也要换成它
invalid-key-length = `{ $name }` 里的 EncodingAESKey 有 { $count } 个字符，应该是 43 个
invalid-key-character = `{ $name }` 里的 EncodingAESKey 第 { $position } 个字符不属于 A-Z a-z 0-9 + /
help-aes-key = 请从公众平台完整复制，不带 =
invalid-database = 这不是数据库的 URL
help-invalid-database = 请写 sqlite:文件、postgres://用户@主机/数据库 或 mysql://用户@主机/数据库，也可以写存放 URL 的机密名称；SQLite 文件的路径里，% 写成 %25，? 写成 %3F
database-password = 这个 URL 里有密码
help-database-password = 请把整个 URL 存为机密，这里写它的名称：database: database-url

## 警告

repeated-app-id = `{ $first }` 的 `app_id` 也是它
help-repeated-app-id = 一个 AppID 只属于一个公众号，请从各自的后台复制
repeated-token = 令牌和 `{ $first }` 的相同
help-repeated-token = 能向一个公众号发消息的人，也能向另一个发：请用 `openssl rand -hex 16` 另外生成一个
weak-token = `{ $name }` 里的令牌容易猜到
plain-mode-with-app-secret = 明文模式下有 `app_secret`
help-plain-mode-with-app-secret = 看到一次请求的人就能伪造别的请求：请在公众平台选安全模式，并写上 `aes_key` 和 `app_id`
rules-in-two-databases = `{ $first }` 用同样的规则，存储的内容却在另一个数据库里
help-rules-in-two-databases = 请去掉这里的 `database`，或者给这个公众号单独的规则
