# What `import` says, and what it writes into the rule file.

## Why there is nothing to import

import-not-utf8 = this is not text in UTF-8; save it as UTF-8 (in a spreadsheet program: CSV UTF-8) and import it again
import-not-the-answer = this is not what get_current_autoreply_info answers: { $reason }; save WeChat's answer exactly as it came (the sample in WeChat's documentation is not JSON: it has // comments and broken lines)
import-refused = WeChat refused with errcode { $code } { $message }: { $help }
import-no-replies = this JSON has no auto-replies in it: import the whole answer of get_current_autoreply_info, with keyword_autoreply_info and the fields beside it
import-quote-never-closed = row { $row }: the quote that opens column { $column } is never closed, so that all rows below would belong to this cell; close it, or take it out
import-text-after-quote = row { $row }: text follows the closing quote in column { $column }; put the whole cell in quotes, and write each quote within it twice
import-cells-beyond-header = { $rows }: more cells than the { $named } columns that the first row names; a cell with a comma in it needs quotes: "Monday to Friday, 9 to 18"
import-column-twice = the first row names the column { $header } after another of the same meaning, and only one of them would be read; join the two, or give one another name
import-empty-header = the first row is empty; it must name a column keyword (关键词) and a column answer (回复)
import-no-column = the first row must name a column keyword (关键词) and a column answer (回复); it has { $found }; columns are separated by commas
import-unknown-match = row { $row } says { $found } under match; write contain (包含), equal (完全), or nothing for contain

import-help-token = the access token is missing, wrong or older than two hours; get a new one and call again
import-help-add-csv = add --csv for a spreadsheet saved as CSV
import-help-save-as-csv = save it as CSV UTF-8 in the spreadsheet program, and import that with --csv

## What could not be kept as it was

import-note-of-rule = rule { $rule }: { $note }
import-follows-off = the reply to new followers is switched off in the account (is_add_friend_reply_open): it is only a comment
import-replies-off = the replies to messages are switched off in the account (is_autoreply_open): they are only a comment
import-nothing-set = no auto-reply is set in the account
import-reply-all = the account sent { $count } answers one after another (reply_all); a server gives one answer to a message, so only the first is kept, and the others are comments
import-keyword-of-type = a keyword of type { $kind } is left out: only texts can be keywords
import-unknown-match-mode = the match_mode { $mode } of the keyword { $keyword } is unknown: it is taken as equal
import-keyword-without-text = a keyword without a text is left out
import-reply-without-content = a reply of type { $kind } without content is left out
import-reply-of-unknown-type = a reply of type { $kind } is left out: its type is unknown
import-video-by-address = WeChat gives this video as a URL, which is not a media id and may not last: the rule sends the URL as text; upload the video as permanent material (素材) and write {"reply: { video: { media_id: … } }"}
import-temporary-image = WeChat deletes this image after three days: upload it as permanent material (素材) and write its media id here
import-temporary-voice = WeChat deletes this voice message after three days: upload it as permanent material (素材) and write its media id here
import-temporary-video = WeChat deletes this video after three days: upload it as permanent material (素材) and write its media id here
import-article-without-title = an article without a title is left out
import-news-without-articles = a reply of type news without articles is left out
import-too-many-articles = WeChat shows { $shown } of the { $count } articles in this answer; the others are comments
import-long-answer = an answer has { $bytes } bytes, and WeChat takes { $limit }: shorten it
import-no-answer-left = nothing it answered can be written as a rule, so it is only a comment
import-covered = a text with its keyword { $keyword } is answered by the rule { $rule } above, because of { $by }; to have it answered here, move this rule up
import-no-keyword-left = no keyword is left for it, so it is only a comment
import-old-name = it was called { $name }
import-line-breaks = in { $rows }, \n or <br> became a new line
import-control-characters = in { $rows }, invisible control characters are left out
import-rewritten = in { $rows }, a cell holds what a spreadsheet program made of it, such as 1.38E+10 of a long number; format the column as text (文本), type the cell again and import the sheet again
import-row-left-out = row { $row } is left out: it needs a keyword and an answer
import-no-rows = no row has a keyword and an answer

import-row = row { $row }
import-rows = rows { $first } and { $last }
import-rows-and-others = rows { $shown } and { $count ->
    [one] 1 other
   *[other] { $count } others
}
import-rows-joined = { $first }, { $next }

## The rule file

import-from-console = the answer of get_current_autoreply_info, as `wxreply import` read it
import-from-sheet = a sheet of keywords and answers, as `wxreply import` read it
import-how-it-reads = the rules are asked from top to bottom; the first one that matches answers
import-how-it-compares = how WeChat compares a keyword with a text is not documented. Here every character counts. If case, full-width forms or spaces around a text should not matter, take the # away:
import-second-half = the same answer where the keyword stands anywhere in the text
import-once-an-hour = in the account, this reply went to a follower at most once an hour; here it answers each message. To have it once an hour, which needs a database, take the # away:
import-full-stop = .
import-test-greeting = a new follower is greeted
import-test-silence = an image is not answered
import-test-image = an image is answered too
import-test-no-keyword = a text without a keyword
