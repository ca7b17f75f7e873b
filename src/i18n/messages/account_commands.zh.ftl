# 调用微信接口的命令说的话。

## 哪个公众号

api-needs-secret = 需要公众号的 AppID 和 AppSecret；请写 --app-id 和 --app-secret-file，或者 --accounts
api-needs-secret-of = 公众号“{ $name }”没有 `app_id` 和 `app_secret`；请在账号文件里补上

## 菜单

menu-of-console = （在后台设置的）
menu-none = 这个公众号没有菜单
menu-closed = 菜单在后台停用了
menu-ask = 设置成这个菜单吗？[y/N]
menu-needs-yes = 这里无法询问；请先看 `wxreply menu diff`，再加上 --yes
menu-not-set = 没有改动
menu-set = 已设置 { $path } 里的菜单；手机上五分钟内更新，重新关注则立即更新
menu-of-wrong-rules = { $path } 有 { $count } 个错误，请先改正
rules-without-menu = { $path } 里没有 `menu`；`wxreply menu show --as-rules` 输出现在的菜单
import-button-lost = 按钮“{ $name }”的类型是 { $kind }，规则无法照样回复；请为它的 key 写一条规则

## 二维码

qr-invalid-scene = 场景值是一个数字，或者 1 到 { $limit } 字节的文本
qr-invalid-expiry = 请写数字加 s、m、h 或 d，最长 30d，例如 7d
qr-url = 网址  { $url }
qr-ticket = 凭证  { $ticket }
qr-for-ever = 有效期  永久
qr-until = 有效期  到 { $until }
qr-drawn = 图片  { $path }
qr-unknown-picture = { $path } 要以 .png 或 .svg 结尾
qr-unwritable = 不能写 { $path }：{ $reason }
qr-too-long = 二维码的网址太长，画不下

## 素材

media-none = 这个公众号没有素材
media-ask = 从公众号删除这 { $count } 个素材吗？用到它们的规则和菜单会失效。[y/N]
media-needs-yes = 这里无法询问；请先看 `wxreply media list`，再加上 --yes
media-not-deleted = 没有删除
media-deleted = 已删除 { $id }
media-forgotten = 数据库里也已去掉 { $id }；重新加载后，用到这个文件的规则会重新上传
