# `import` 的提示，以及它写进规则文件里的说明。

## 为什么导入不了

import-not-utf8 = 这不是 UTF-8 文本；请另存为 UTF-8（在表格软件里选“CSV UTF-8”），再导入一次
import-not-the-answer = 这不是 get_current_autoreply_info 返回的内容：{ $reason }；请把微信返回的内容原样保存（微信文档里的示例带有 // 注释和断行，不是合法的 JSON）
import-refused = 微信拒绝了请求，errcode { $code } { $message }：{ $help }
import-no-replies = 这段 JSON 里没有自动回复；请导入 get_current_autoreply_info 返回的全部内容，包括 keyword_autoreply_info 以及和它并列的字段
import-quote-never-closed = 第 { $row } 行第 { $column } 列的引号没有结束，下面所有的行都会算进这一格；请补上引号，或者把它删掉
import-text-after-quote = 第 { $row } 行第 { $column } 列，引号结束之后还有文字；请把整格内容放进引号，格里的每个引号写两遍
import-cells-beyond-header = { $rows }的格子比表头多，表头只有 { $named } 列；格子里有逗号时要加引号："周一至周五, 9 点到 18 点"
import-column-twice = 第一行的 { $header } 列前面已有含义相同的一列，只会读取其中一列；请把两列合并，或给其中一列换个名字
import-empty-header = 第一行是空的；要有“关键词”（keyword）和“回复”（answer）两列
import-no-column = 第一行要有“关键词”（keyword）和“回复”（answer）两列，现在是 { $found }；列与列之间用逗号分隔
import-unknown-match = 第 { $row } 行的“匹配”写的是 { $found }；请写“包含”（contain）或“完全”（equal），不写就是“包含”

import-help-token = 没有带 access_token，或者它不对，或者已经过了两小时；请取一个新的再试
import-help-add-csv = 如果是另存为 CSV 的表格，请加上 --csv
import-help-save-as-csv = 请在表格软件里另存为“CSV UTF-8”，再加上 --csv 导入

## 没能原样保留的内容

import-note-of-rule = 规则“{ $rule }”：{ $note }
import-follows-off = 公众号后台没有开启被关注回复（is_add_friend_reply_open），所以它只写成了注释
import-replies-off = 公众号后台没有开启消息自动回复（is_autoreply_open），所以它们只写成了注释
import-nothing-set = 公众号后台没有设置自动回复
import-reply-all = 原来会接连发出 { $count } 条回复（reply_all）；服务器对一条消息只能回复一条，所以只保留第一条，其余的写成了注释
import-keyword-of-type = 有一个类型为 { $kind } 的关键词没有保留：关键词只能是文字
import-unknown-match-mode = 关键词 { $keyword } 的 match_mode { $mode } 无法识别，按“完全匹配”处理
import-keyword-without-text = 有一个关键词没有文字，没有保留
import-reply-without-content = 有一条类型为 { $kind } 的回复没有内容，没有保留
import-reply-of-unknown-type = 有一条回复没有保留：类型 { $kind } 无法识别
import-video-by-address = 微信给出的是视频的网址，不是 media id，而且可能会失效；规则里先把网址当作文字发出。请把视频上传为永久素材，再写成 {"reply: { video: { media_id: … } }"}
import-temporary-image = 三天后微信会删除这张图片：请上传为永久素材，再把 media id 填在这里
import-temporary-voice = 三天后微信会删除这段语音：请上传为永久素材，再把 media id 填在这里
import-temporary-video = 三天后微信会删除这个视频：请上传为永久素材，再把 media id 填在这里
import-article-without-title = 有一篇图文没有标题，没有保留
import-news-without-articles = 有一条图文回复里没有文章，没有保留
import-too-many-articles = 这条回复有 { $count } 篇图文，微信只显示 { $shown } 篇，其余的写成了注释
import-long-answer = 有一条回复长 { $bytes } 字节，微信最多接受 { $limit } 字节：请缩短
import-no-answer-left = 它的回复都没法写成规则，所以只写成了注释
import-covered = 含有关键词 { $keyword } 的文字会被上面的规则“{ $rule }”先回答，因为那里有 { $by }；要由这条规则回答，请把它移到上面
import-no-keyword-left = 它的关键词一个也不剩，所以只写成了注释
import-old-name = 它原来叫 { $name }
import-line-breaks = { $rows }里的 \n 或 <br> 已经换成了换行
import-control-characters = { $rows }里不可见的控制字符没有保留
import-rewritten = { $rows }有格子被表格软件改写过，例如把一长串数字变成了 1.38E+10；请把这一列设为“文本”格式，重新输入后再导入
import-row-left-out = 第 { $row } 行没有保留：关键词和回复缺一不可
import-no-rows = 没有一行同时有关键词和回复

import-row = 第 { $row } 行
import-rows = 第 { $first }、{ $last } 行
import-rows-and-others = 第 { $shown } 行以及另外 { $count } 行
import-rows-joined = { $first }、{ $next }

## 规则文件

import-from-console = 由 `wxreply import` 根据 get_current_autoreply_info 返回的内容生成
import-from-sheet = 由 `wxreply import` 根据关键词和回复的表格生成
import-how-it-reads = 规则从上到下依次判断，由第一条符合的规则回复
import-how-it-compares = 微信没有公开它怎样比较关键词和消息。在这里每个字都要一致。如果不想区分大小写、全角半角和前后的空格，请去掉下面的 #：
import-second-half = 回复与上一条相同：关键词出现在文字中的任何位置
import-once-an-hour = 在公众号后台，这条回复对每个关注者一小时最多发一次；在这里每条消息都会回复。要改成一小时一次，请去掉下面的 #（需要数据库）：
import-full-stop = 。
import-test-greeting = 欢迎新关注的人
import-test-silence = 图片不回复
import-test-image = 图片也会回复
import-test-no-keyword = 没有关键词的文字
