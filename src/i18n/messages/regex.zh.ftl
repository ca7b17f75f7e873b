# 正则错在哪里。

regex-problem-at = { $problem }，在第 { $column } 个字符：{ $found }
regex-unclosed-class = 有 [ 却没有对应的 ]
regex-invalid-range = 字符范围不对
regex-unclosed-group = 有 ( 却没有对应的 )
regex-unopened-group = 有 ) 却没有对应的 (
regex-duplicate-name = 两个捕获组同名
regex-invalid-name = 捕获组的名称不对
regex-nothing-to-repeat = 重复符号前面没有内容
regex-invalid-count = 重复的次数不对
regex-invalid-escape = 没有这样的转义
regex-unknown-class = 没有这样的字符类
regex-look-around = 不支持前瞻和后顾
regex-back-reference = 不支持反向引用
regex-invalid-flag = 没有这样的标志
regex-unsupported = 这种写法不支持
help-look-around = 不该匹配的内容请写在 `unless` 里，或者在 `regex` 之外再写一个条件
note-regex-too-large = 编译后会超过 { $limit } MiB
note-regexes-too-large = 编译后合计超过 { $limit } MiB
