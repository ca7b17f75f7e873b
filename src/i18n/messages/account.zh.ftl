# 令牌、密钥、AppID、加解密方式和证书。任何提示都不显示密钥和令牌。
token-example = 令牌是示例里常见的词；谁猜到它，谁就能冒充微信
token-short = 令牌太短；谁猜到它，谁就能冒充微信
no-token = 没有令牌；请用 --token、--token-file 或 WXREPLY_TOKEN 给出公众平台上的那个
token-empty = 有一个令牌是空的；请从公众平台复制（服务器配置里的“令牌(Token)”）
token-characters = 令牌里有英文字母和数字以外的字符；公众平台只接受这两种
token-length = 令牌有 { $count } 个字符；公众平台接受 3 到 32 个
app-secret-empty = { $path } 的第一行是空的；请写上公众平台的 AppSecret
app-secret-needs-app-id = 有 AppSecret 还需要公众号的 AppID；请用 --app-id 或 WXREPLY_APP_ID 给出
invalid-api-url = 请写以 http:// 或 https:// 开头的地址，路径后面不带别的
no-aes-key = { $mode } 模式需要公众平台上的 EncodingAESKey；请用 --aes-key、--aes-key-file 或 WXREPLY_AES_KEY 给出
no-app-id = { $mode } 模式需要公众号的 AppID（wx…）；请用 --app-id 或 WXREPLY_APP_ID 给出
aes-key-length = EncodingAESKey 有 { $count } 个字符，应该是 43 个；请完整复制，末尾不要 =
aes-key-character = EncodingAESKey 的第 { $position } 个字符不是 A-Z a-z 0-9 + / 之一；请从公众平台重新复制
unknown-mode = 没有这种模式；请写 plain、compat 或 secure
secret-unreadable = { $flag }：无法读取 { $path }：{ $reason }
secret-not-utf8 = { $flag }：{ $path } 不是 UTF-8；请另存为 UTF-8，PowerShell 和有些编辑器默认不是

## 证书

certificate-unreadable = 无法读取 { $path }：{ $reason }；--tls-cert 和 --tls-key 要写两个 PEM 文件
certificate-missing = { $path } 里没有可以读取的证书；要的是含 -----BEGIN CERTIFICATE----- 的 PEM 文件，先是服务器自己的，后面是签发者的
key-missing = { $path } 里没有可以读取的私钥；要的是含 -----BEGIN PRIVATE KEY-----、RSA PRIVATE KEY 或 EC PRIVATE KEY 的 PEM 文件，不能有密码
key-of-strange-kind = { $path } 里的私钥不是 TLS 能用的种类；请生成 RSA、ECDSA（P-256 或 P-384）或 Ed25519 的
certificate-mismatch = { $certificate } 里的证书和 { $key } 里的私钥不是一对；请给出一起生成的两个

## 许多公众号中的一个

accounts-wrong = { $path } 里有 { $count } 个错误；`wxreply check { $path }` 会逐一列出
unknown-account = { $path } 里没有公众号 { $name }；有的是 { $names }
which-account = 请用 --account 指明 { $path } 里的一个公众号：{ $names }
account-without-file = 还要用 --accounts 或 WXREPLY_ACCOUNTS 指明账号文件
unusable-database-secret = 机密 { $name } 里没有数据库的 URL；请把它写进去
