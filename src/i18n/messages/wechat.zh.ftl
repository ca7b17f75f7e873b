# 收到的请求或给出的应答哪里不符合协议。
answer-malformed = 应答既不是 success 也不是 XML：{ $why }
answer-in-the-clear = 应答没有加密，而模式是 secure
answer-encrypted = 应答加了密，而模式是 plain
answer-signature = 应答没有 MsgSignature，或者它不对；两边的令牌相同吗？
answer-envelope = 应答解不开；两边的密钥和 AppID 相同吗？
answer-type = 微信没有应答的这种类型
answer-element = 应答的 { $name } 没有、是空的或者不对

## 拒绝的请求

request-forbidden = 禁止：{ $why }
request-malformed = 格式不对：{ $why }
forbidden-query = 查询参数重复，或者不能解码
forbidden-signature = 没有签名，或者签名不对
forbidden-stale = 时间戳和现在相差太多
forbidden-mode = 请求没有按模式的要求加密
forbidden-envelope = 加密的部分解不开
forbidden-echostr = URL 验证没有 echostr
malformed-not-utf8 = 不是 UTF-8
malformed-not-xml = 不是根元素为 <xml> 的正确 XML
malformed-entity = 含有文档类型声明或自定义实体
malformed-too-much = 层数、元素数或元素名的长度超过任何消息
malformed-duplicate = 消息里只该有一个的元素出现了两次
malformed-mixed = 一个元素里既有文本又有元素
hint-signature = 令牌和公众平台上的相同吗？
hint-mode = --mode 和公众平台上的“消息加解密方式”相同吗？
hint-envelope = EncodingAESKey 和 AppID 是公众平台上的吗？
hint-stale = 这台机器的时钟准吗？--max-age 够长吗？
hint-query = 微信不会这样请求：是别人发来的，或者代理改了查询参数
hint-malformed = 微信不会这样写：是不是代理改了请求体？
