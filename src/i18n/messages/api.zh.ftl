# 调用微信接口失败的原因和处理办法，其中不含 AppSecret 和 access_token。

api-failed = { $call }：{ $why }
api-failed-and-help = { $call }：{ $why }；{ $help }

log-pushes-not-granted = 一天之内不再主动发送迟到的答案，关注者仍可取：{ $why }
log-pushed = 迟到的答案已经发出
log-push-refused = 迟到的答案没有发出，关注者仍可取：{ $why }
log-push-unknown = 迟到的答案已经发出，不知道是否送达：{ $why }

api-refused = 微信返回 { $code }（{ $message }）
api-unreached = 连不上微信接口 { $site }：{ $why }
api-no-tls = 与微信接口 { $site } 无法建立 TLS 连接：{ $why }
api-cut = 微信接口没有应答：{ $why }
api-late = 微信接口超时未应答
api-status = 微信接口返回状态码 { $status }
api-not-json = 微信接口返回的不是 JSON
api-odd = 微信接口返回的内容不完整

api-no-connection = 请检查本机网络，以及能否访问 { $site }
api-not-wechat = 应答的多半不是微信，请检查 --api 和中间的代理

## 公众号

api-help-busy = 微信系统繁忙，请过一分钟再试
api-help-secret = AppSecret 与 AppID 不匹配，请到公众平台重新复制或重置（设置与开发 → 基本配置 → AppSecret）
api-help-token = 有别的程序用 /cgi-bin/token 或 force_refresh 让 access_token 失效了，请让它改用普通模式的 stable_token
api-help-app-id = 没有这个 AppID 的公众号，请从公众平台复制（设置与开发 → 基本配置 → AppID，以 wx 开头）
api-help-address = 在微信看来，本机的地址是 { $address }，请把它加入公众平台的白名单（设置与开发 → 基本配置 → IP白名单）
api-help-this-address = 请把本机的地址加入公众平台的白名单（设置与开发 → 基本配置 → IP白名单）
api-help-confirm = 微信已请公众号管理员确认本机的 IP，请确认后再试
api-help-address-refused = 公众号管理员拒绝了本机的 IP，{ $hours } 小时内不能再请求确认
api-help-host = 微信不再使用这个地址，请去掉 --api，或者写 api.weixin.qq.com
api-help-day = 今天的调用次数已经用完，零点（北京时间）重新计算；公众平台每月可以清零十次
api-help-minute = 一分钟内调用太多，下一分钟恢复
api-help-cleared = 本月的清零次数已经用完
api-help-not-granted = 公众号没有这个接口的权限，多数接口需要认证（设置与开发 → 接口权限 里可以看到）
api-help-protocol = 请先在公众平台同意这个接口的协议
api-help-banned = 公众号或这个接口被微信封禁，原因见公众平台的通知中心
api-help-account-kind = 这类公众号不能用这个接口
api-help-not-understood = 微信看不懂这个请求；如果中间没有代理改动它，那就是 wxreply 的缺陷

## 关注者与消息

api-help-openid = 公众号的关注者里没有这个 openid，AppID 和 AppSecret 可能是别的公众号的
api-help-not-following = 对方已经取消关注
api-help-blacklisted = 对方在公众号的黑名单里
api-help-follower-refuses = 对方关闭了“接收消息”
api-help-window = 关注者太久没有互动，或者已经取消关注：发消息后 48 小时内有效，点菜单、扫码、关注后一分钟内有效
api-help-too-many = 关注者每发一条消息，最多可以下发五条；点菜单、扫码、关注后最多三条
api-help-typing-window = 关注者互动后 30 秒内才能显示“正在输入”
api-help-typing-already = 已经在显示“正在输入”
api-help-message-type = 公众号不能发送这类消息
api-help-too-long = 文本超出微信的限制：一条消息最多 2048 字节
api-help-content = 消息没有内容，或者图文多于一条

## 素材

api-help-media-id = 公众号里没有这个素材：media id 只属于一个公众号，临时素材三天后失效
api-help-file-kind = 图片可用 bmp、png、jpg、gif，语音可用 mp3、wma、wav、amr，视频用 mp4，缩略图用 jpg，文件名的后缀要一致
api-help-file-size = 图片和视频最大 10 MB，语音最大 2 MB、最长 60 秒，缩略图最大 64 KB
api-help-file-empty = 文件是空的
api-help-material-full = 素材已满：图片 100 000 个，其他每种 1000 个，请删掉不用的
api-help-material-used = 菜单或公众平台的自动回复还在用它，请先改掉

## 菜单

api-help-buttons = 菜单有一到三个按钮，每个下面最多五个
api-help-button-type = 菜单里有微信不认识的按钮类型
api-help-button-name = 按钮名太长：一级菜单最多 16 字节，二级菜单最多 60 字节
api-help-button-key = 按钮的 key 为空，或者超过 128 字节
api-help-button-url = 按钮的网址为空，或者超过 1024 字节
api-help-menu-levels = 二级菜单下面不能再有菜单
api-help-no-menu = 公众号没有用接口创建的菜单
api-help-button-domain = 微信不打开按钮的网址，请写完整的、没有被微信封禁的 https:// 地址
api-help-mini-program = 请先在公众平台关联这个小程序（小程序管理）

## 二维码

api-help-scene = 场景值不对：数字为 1 到 100000，文本为 1 到 64 个字符
api-help-qr-full = 公众号的 100 000 个永久二维码已经用完，请改用临时二维码

api-help-look-up = 请到 https://developers.weixin.qq.com/doc/oplatform/developers/errCode/errCode.html 查这个编号
