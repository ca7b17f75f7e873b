# 服务没有给出回答的原因。其中没有问题和回答的内容。

call-failed = 服务 { $service } 没有给出回答：{ $why }
call-resting = 它接连失败，过几秒再试
call-no-slot = 一直有 { $count } 个调用正在进行（at_once）
call-late = { $seconds } 秒内没有回答（timeout）
call-empty = 回答是空的
call-too-large = 回答太长
call-not-json = 回答不是 JSON
call-html = 回答是 HTML 或 XML 页面，不是 JSON；请检查网址的路径
call-no-completion = 回答不是 chat completions 的格式；请检查模型的地址
call-error-object = 状态码是 200，内容却是一个错误
call-cut = 回答还没传完，连接就断了
call-no-http = 对方说的不是 HTTP
call-no-url = 地址不是带主机名的 http:// 或 https:// 网址
call-no-name = 无法解析它的域名
call-no-connection = 连接超时
call-refused = 连不上：{ $reason }
call-tls = TLS 连接失败：{ $reason }
call-internal = 它的地址 { $address } 是内网地址；如果确实要用，请用 --allow HOST:PORT 放行
call-status = 状态码 { $status }
call-redirected = 状态码 { $status }：它要转到别的地址，这里不会跟过去；请直接写那个地址
call-unauthorized = 状态码 { $status }：它不接受密钥或签名
call-too-many = 状态码 { $status }：请求次数超过了它的限制
call-no-secret = 没有名为 { $name } 的机密
call-odd-secret = 机密 { $name } 中有不能发送的字符；是不是放错了文件？
call-odd-header = { $name } 不能作为请求头的名称

## `doctor` 向每个服务各问一次

service-answers = { $name } 有回答，用时 { $milliseconds } 毫秒
service-refuses-empty = { $name } 有回答，不接受空的问题，这没有关系：{ $why }
remedy-run-again = 请再运行一次
remedy-service-path = 如果它不是对每个问题都这样回答，就没有问题；否则请改正 url 的路径
remedy-service-secret = 请改正机密，或者让接口使用同一个机密；用 --secrets 时，它是同名的文件
remedy-service-no-secret = 请把它写进 --secrets 文件夹里同名的文件，或者设置 WXREPLY_SECRET_<NAME>
remedy-service-internal = 请改正地址，或者用 --allow 放行
remedy-service-redirected = 请直接写它要转到的地址
remedy-service-paid = 在这家厂商的账户余额不足
remedy-service-model = 请检查 llm 的地址（写到 /chat/completions 之前为止）和模型的名称
remedy-service-late = 请查找对方慢的原因，或者用 timeout 多给一些时间
remedy-service-address = 请改正地址，启动应在那里监听的程序，或者在防火墙放行
remedy-service-log = 请查看这个服务的日志
