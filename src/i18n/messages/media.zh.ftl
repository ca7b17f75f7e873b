# 回复里写的文件：`image: ./poster.png`。除 `help-` 和 `content-` 开头的以外，每个 id 就是错误的代码。
# 代码是公开的，不会改名。

media-not-found = 没有文件 { $path }
media-unreadable = 无法读取 { $path }：{ $reason }
media-outside = { $path } 是链接，指到了别的文件夹
media-empty = { $path } 是空文件
media-cut-off = { $path } 不完整，缺了结尾
media-too-large = { $path } 太大：{ $size }
media-wrong-format = { $path } 不能作为{ $kind ->
    [image] 图片
    [voice] 语音
    [video] 视频
   *[thumb] 音乐卡片的缩略图
}发给微信：{ $content }
media-gif = 微信的回复里显示不了 GIF
media-without-app-secret = 没有 AppSecret，无法上传 { $path }
media-not-uploaded = { $path } 没有上传成功：{ $reason }
placeholder-in-path = 文件路径里不能有占位符
content-is = 内容其实是 { $format }
content-unknown = 内容不是图片、声音或视频

## 怎么办

help-media-not-found = 路径从它所在的规则文件的文件夹算起
help-media-unreadable = 请写一个文件，并让 wxreply 有权读取
help-media-outside = 请把文件本身放在那里；指向 { $folder } 之内的链接没有问题
help-media-empty = 请重新保存或重新复制这个文件
help-media-cut-off = 请重新完整地复制这个文件
help-media-too-large = { $kind ->
    [image] 图片最大 { $limit }
    [voice] 语音最大 { $limit }
    [video] 视频最大 { $limit }
   *[thumb] 音乐卡片的缩略图最大 { $limit }
}
help-media-wrong-format = 请另存为 { $kind ->
    [image] JPEG、PNG 或 BMP
    [voice] MP3、AMR、WMA 或 WAV
    [video] MP4
   *[thumb] JPEG
}；看的是内容，不是文件名
help-media-gif = 请另存为 PNG 或 JPEG，或者改发视频
help-media-without-app-secret = 请用 --app-secret-file 提供，或在账号文件里写 `app_secret`；没有 AppSecret 时请写 media id
help-placeholder-in-path = 一个回复写一个文件；要在几个里任选，用 `random`
