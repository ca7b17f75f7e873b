# 规则文件里的菜单。错误和警告的 id 就是公开的代码。

## 菜单

menu-in-include = 被包含的文件里写了 `menu`
help-menu-in-include = 请移到主文件里
no-buttons = 这里没有按钮
help-no-buttons = 菜单有一到三个按钮，例如 - 今日推荐: {"{ key: TODAY }"}
too-many-buttons = 这里只能放 { $limit } 个按钮
help-too-many-buttons = 微信的菜单最多三个按钮，每个下面最多五个；请把一些移到别的按钮下面
not-one-button = 菜单的每一项是一个按钮
help-not-one-button = 请每个按钮另起一项，先写名字：- 今日推荐: {"{ key: TODAY }"}
invalid-button-name = { $bytes ->
    [0] 这个按钮没有名字
   *[other] 按钮的名字有 { $bytes } 字节，最多 { $limit } 字节
}
help-invalid-button-name = 微信按字节数算，一个汉字 3 字节，一个英文字母 1 字节；这里最多写 { $limit ->
    [16] 5
   *[other] 20
} 个汉字
third-menu-level = 二级菜单下面还有按钮
help-third-menu-level = 菜单只有两级，请上移一级
button-without-action = 点这个按钮没有任何作用
help-button-without-action = 由规则回复就写 `key: TODAY`，打开网页就写 `url: https://…`，也可以在下面列出子按钮
unknown-button-type = 微信没有 `{ $kind }` 这种按钮
help-button-types = 可以写 { $types }
part-of-other-button = { $kind } 按钮没有 `{ $key }`
help-part-of-other-button = 它可以写 { $keys }
button-key-too-long = 这个 key 有 { $bytes } 字节
help-button-key-too-long = 微信最多接受 { $limit } 字节
invalid-button-url = 按钮打不开这个网址
help-invalid-button-url = 请写完整的网址，以 https:// 开头，最多 { $limit } 字节
unknown-button = 菜单里没有叫 `{ $name }` 的按钮
help-unknown-button = `tap` 后面写 `menu` 里按钮的名字
button-without-event = 点 `{ $name }` 不会产生事件
help-button-without-event = 有 `key` 的按钮、打开网页或小程序的按钮才会；请去掉这个测试

## 警告

button-without-rule = 没有规则回复按钮 `{ $name }`
help-button-without-rule = 请写一条规则，条件是 when: {"{"} event: { $event }, key: { $key } {"}"}
key-without-button = 菜单里没有按钮会发出 `{ $key }` 这个 key
help-key-without-button = 手机上的旧菜单还会显示一阵子；过后请改正 key，或者删掉这条规则
button-name-cut-off = 手机上显示不完 `{ $name }`
help-button-name-cut-off = 这里大约能显示 { $shown } 个汉字，英文字母加倍
