# 诊断旁边的标注、说明和建议。

note-text-is-comment = 空格后面的 # 会开始一段注释；请给文本加上引号：{ $quoted }
