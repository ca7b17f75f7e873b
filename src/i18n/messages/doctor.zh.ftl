# doctor 检查什么、发现了什么、该怎么办。
state-fine = 正常
about-token = 令牌
about-key = 密钥
about-app-id = AppID
about-accounts = 账号文件
about-mode = 模式
about-secret = 机密文件
about-clock = 时钟
about-port = 端口
about-certificate = 证书
about-rules = 规则
about-tests = 测试
about-zone = 时区
about-database = 数据库
about-service = 服务
about-url = 网址
about-handshake = URL 验证
about-signature = 签名
doctor-all-fine = 一切正常
doctor-summary = { $errors }，{ $warnings }

## 令牌、密钥、AppID 和模式

help-secret-unreadable = 请用 { $flag } 指定当前用户可以读取的文件
secret-in-quotes = { $about }写在引号里，引号会算作它的一部分
help-secret-in-quotes = 请去掉引号
key-fine = 43 个字符，符合微信的格式
token-fine = { $count } 个字母和数字
help-new-token = 请用 `openssl rand -hex 16` 生成一个，并在公众平台上也填上它
app-id-fine = wx 加 16 位，符合微信的格式
app-id-of-account = 这是公众号的原始ID（gh_…）
help-app-id-of-account = 请写 AppID，它以 wx 开头
app-id-wrong = AppID 是 wx 加 16 位 0 到 9、a 到 f；这个不是
help-app-id-wrong = 请从公众平台重新复制 AppID
mode-plain-with-key = 明文模式（plain），给出的密钥用不上
help-mode-plain-with-key = 公众平台上是安全模式，就去掉 --mode；是明文模式，就去掉密钥
mode-plain = 明文模式（plain）：看到一个请求的人，就能用它的签名伪造别的请求
help-mode-plain = 请在公众平台上选择安全模式，并给出 --aes-key-file 和 --app-id
help-check-accounts = `wxreply check { $path }` 会逐一列出
help-compat-mode-of-account = 它只用于更换期间；之后请在公众平台上选安全模式，并写 mode: secure
mode-compat = 兼容模式（compat）也接受没有加密的消息
help-mode-compat = 它只用于过渡；之后请在公众平台上选择安全模式，并用 --mode secure

## 机密文件

secret-with-mark = { $path } 以字节顺序标记（BOM）开头；wxreply 会跳过它
help-secret-with-mark = 请另存为不带 BOM 的 UTF-8：别的程序会把它算作内容的一部分
secret-of-lines = { $path } 有 { $lines } 行，每一行都会当作一个{ $about }
help-secret-of-lines = 几行只用于更换期间；平时请只留一行，不写别的
secret-private = { $path } 不是人人可读
secret-public = 这台机器上人人都能读取 { $path }

## 这台机器

clock-wrong = 这台机器的时钟显示 { $time }
help-clock = 请校准时钟，并让 NTP 保持准确：timedatectl set-ntp true
clock-behind = 这台机器比 URL 那里的服务器慢 { $seconds } 秒
clock-ahead = 这台机器比 URL 那里的服务器快 { $seconds } 秒
help-both-clocks = 请校准两边的时钟，并让 NTP 保持准确：timedatectl set-ntp true
admin-reachable = 从别处能访问 --admin { $address }
help-admin-reachable = 不要暴露到互联网：请用 127.0.0.1:8081，或者用防火墙
port-free = { $flag } { $address } 空闲
port-ours = { $flag } { $address }：wxreply 正在那里应答
port-taken = 无法监听 { $flag } { $address }：{ $reason }
help-port-in-use = 请结束占用它的程序（`ss -ltnp` 会列出来），或者用 { $flag } 换一个
help-port-denied = 1024 以下的端口只给 root 用：请用更大的端口，前面放代理，或者给服务 CAP_NET_BIND_SERVICE
help-no-such-address = 这台机器没有这个地址；0.0.0.0 表示它的所有地址
help-listen-address = 请写地址和端口，例如 { $flag } 127.0.0.1:8080

## 证书

help-certificate-unusable = 用它服务器无法启动；请看“运行”那一页
certificate-over = { $path } 已于 { $expires } 过期：微信不接受
certificate-nearly-over = { $path } 快要过期了：{ $expires }
certificate-fine = { $path } 有效期到 { $expires }
certificate-of-key = { $path } 和私钥是一对
help-renew = 请续期；运行中的服务器几秒内就会换上新文件

## 规则、测试和时区

rules-and-warnings = { $path }：{ $rules }，{ $warnings }
help-check-errors = `wxreply check { $path }` 会列出每一个和改法
help-check-warnings = `wxreply check { $path }` 会列出每一条
no-test = 没有测试
help-no-test = 请在 { $path } 的 `tests:` 下写几个；写法见 docs/zh/rules.md
tests-passed = { $passed } 个通过
tests-failed = { $tests }中有 { $failed } 个失败
help-tests-failed = `wxreply test { $path }` 会列出各自的期望和结果
help-zone = 请在 { $path } 里写上 `options: {"{"} timezone: Asia/Shanghai {"}"}`
zone-unknown = 不知道这台机器的时区，所以时间按 UTC 算
zone-utc = 时间按 UTC 算，而规则会显示或判断时间
zone-of-machine = 这台机器的时区

## 数据库

database-needless = 没有规则用到
database-clock = { $database } 的时钟和这台机器相差 { $seconds } 秒
help-database-clock = 请用 NTP 校准两边
database-fine = { $database } 连得上，可以写入
database-later = { $database } 会在规则第一次用到时创建
database-without-tables = { $database } 里还没有 wxreply 的任何内容；规则第一次用到时会建表

## URL

is-no-url = { $url } 不是 URL
help-url = 请写成公众平台上的样子：https://your.domain/wx_flask
url-of-other-path = URL 的路径是 { $of_url }，而 --path 是 { $path }
help-url-of-other-path = 请改成一样的，除非前面的代理会转换路径
address-is-near = { $host } 是微信访问不到的地址
help-address-is-near = 公众平台上要填公网地址
url-with-port = 端口 { $port }：微信只访问 http:// 的 80 端口和 https:// 的 443 端口
help-url-with-port = 请在前面用代理监听那个端口，URL 里不写端口
handshake-untried = 没有试
help-handshake-untried = 请先改好上面的令牌、密钥和模式
handshake-fine = 应答符合微信的要求，用时 { $milliseconds } 毫秒
help-handshake-slow = 微信只等五秒；请查查路上哪里慢

## 连不上的服务器

name-unknown = 无法解析 { $host }
help-name-unknown = 请检查这台机器的域名服务器设置
help-no-connection = 请在防火墙里放行端口，让 DNS 指向这台机器，并看看代理是否还在应答
help-late = 请在防火墙里放行端口，让 DNS 指向这台机器，并让代理转发请求
help-cut = 请查看那里的程序的日志；也可能是防火墙断开的
help-another-program = 应答的是别的程序；请让代理把这个路径转给 wxreply
dns-unknown = DNS 里没有 { $host } 的地址
help-dns-unknown = 请改正 URL 里的域名，或者它的 DNS 记录
nobody-listens = 那里没有程序在监听：连接被拒绝
help-nobody-listens = 请启动代理或 wxreply，并在防火墙里放行端口
help-unreachable = 微信也连不上；请检查 DNS、防火墙和代理

## 不对的应答

redirected-to = 状态码 { $status } 跳转到 { $place }；微信不跟随跳转
redirected = 状态码 { $status } 跳转到别处；微信不跟随跳转
help-redirected = 请在公众平台上填写直接应答的 URL，或者不对这个路径跳转
url-refused = 被拒绝：{ $status }
help-url-refused = 请给服务器相同的令牌并重新启动；如果是防火墙拒绝的，请放行这个路径
url-not-found = 这个路径上什么也没有：404
help-url-not-found = --path（现在是 { $path }）必须是 URL 的路径，代理也不能改它
url-damaged = 请求到达时已经被改坏：400
help-url-damaged = 请让代理原样转发查询参数
url-gateway = 代理连不上后面的程序：{ $status }
help-url-gateway = 请启动 wxreply，并在代理里填写它的地址（--listen）
url-status = 状态码是 { $status }，微信要的是 200
help-url-status = 请查看代理的日志，并让它把这个路径转给 wxreply
body-shown = { $what }：{ $shown }
body-compressed = 应答被压缩了
help-body-compressed = 请对这个路径关闭压缩；nginx 里是 gzip off
body-empty = 应答是空的
help-body-empty = 请让代理原样转发查询参数和应答
body-with-mark = echostr 前面有字节顺序标记（BOM）
body-with-space = echostr 前后有空白，例如换行
body-in-quotes = echostr 带着引号返回
body-is-page = 返回的是 HTML 或 XML 页面
help-body-is-page = 应答的是别的程序或代理自己；请让它把这个路径转给 wxreply
body-with-more = echostr 前后有别的内容
body-of-another = 返回的不是 echostr
help-body-not-ours = wxreply 只返回 echostr：请查查路上的代理或别的程序加了什么

## 陌生人

stranger-answered = 用别的令牌签名的请求也得到了应答
help-stranger-answered = 那里不是 wxreply，或者代理用缓存应答：谁都可以冒充微信
stranger-refused = 用别的令牌签名的请求被拒绝：{ $status }
stranger-unanswered = 这个请求没有得到应答：{ $error }
help-stranger-unanswered = 请再运行一次；如果还是这样，请查看服务器的日志

## 微信接口

about-api = 接口
api-token-fine = 微信给出了 access_token，本机的地址在 IP 白名单里
interface-messages = 过后再发消息（客服消息）
interface-material = 上传图片等素材
interface-menu = 设置自定义菜单
interface-qr-codes = 生成带参数的二维码
api-granted = 公众号可以{ $what }
api-granted-and-left = 公众号可以{ $what }：今天还能调用 { $remain } 次，共 { $limit } 次
api-none-left = 公众号可以{ $what }，但今天的 { $limit } 次已经用完
help-api-none-left = 次数在零点恢复；请找出调用太多的程序
api-not-granted = 公众号没有{ $what }的权限
help-api-not-granted = 规则用到了它：请完成微信认证，或者改用别的办法
