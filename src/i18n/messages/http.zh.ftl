# 作为客户端访问服务器时遇到的情况。
no-url = { $url } 不是 URL；URL 以 http:// 或 https:// 开头
cannot-reach = 连不上 { $url }：{ $why }
cannot-reach-and-help = 连不上 { $url }：{ $why }；{ $help }
no-name-server = 无法解析这个域名
silence = 连接超时
silence-to-tls = 连接或 TLS 握手超时
answer-late = 五秒内没有应答；微信这时会断开
answer-too-large = 应答超过 1 MiB
answer-cut = 应答还没有传完，连接就断了（{ $why }）
answer-no-http = 应答不是 HTTP（{ $why }）
no-authority = { $path } 里没有可以读取的证书；要的是含 -----BEGIN CERTIFICATE----- 的 PEM 文件
connect-no-host = 没有写主机，或者既不是 http 也不是 https
connect-internal = { $address } 是内部地址
connect-late = 连接超时
http-no-url = 这不是 URL
http-too-long = 应答太长
http-late = 没有及时应答
not-an-internal-address = 要写主机和端口，例如 127.0.0.1:11434

## TLS

certificate-expired-on = 证书已于 { $end } 过期
certificate-expired = 证书已经过期
certificate-not-before = 证书到 { $start } 才生效
certificate-not-yet = 证书还没有生效
certificate-without-name = 证书没有写任何域名，对 { $wanted } 无效
certificate-of-others = 证书是 { $names } 的，不是 { $wanted } 的
certificate-authority-unknown = 证书的签发机构不受信任
certificate-is-authority = 证书写明它自己是签发机构
certificate-refused = 证书不被接受：{ $why }
no-tls = 这个端口不支持 TLS
only-tls = 这个端口要用 TLS
help-certificate-expired = 请续期，并让服务器读取新证书；如果证书其实没有过期，请校准这台机器的时钟
help-certificate-not-yet = 请校准这台机器的时钟，或者给服务器换上已经生效的证书
help-certificate-name = 请申请这个域名的证书，或者改正 URL 里的域名
help-certificate-authority = 微信要求公共机构签发的证书，并且带上整条证书链（fullchain.pem）；自己的签发机构请用 --cacert 指明
help-certificate-is-authority = 微信要求公共机构签发的证书；自签名的证书请用 CA:FALSE 生成
help-no-tls = 请写 http://，或者让代理在那里支持 TLS
help-only-tls = 请写 https://
help-tls = 请查看那里的程序的日志；微信要求 TLS 1.2 或 1.3，证书要对应 URL 里的域名
