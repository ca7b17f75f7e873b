# What is wrong with a regex.

regex-problem-at = { $problem }, at character { $column }: { $found }
regex-unclosed-class = a [ without its ]
regex-invalid-range = an invalid range of characters
regex-unclosed-group = a ( without its )
regex-unopened-group = a ) without its (
regex-duplicate-name = two groups of the same name
regex-invalid-name = an invalid group name
regex-nothing-to-repeat = nothing before the repetition
regex-invalid-count = an invalid number of repetitions
regex-invalid-escape = an unknown escape
regex-unknown-class = an unknown class of characters
regex-look-around = look-ahead and look-behind are not supported
regex-back-reference = back-references are not supported
regex-invalid-flag = an unknown flag
regex-unsupported = something that is not supported
help-look-around = put what must not match under `unless`, or write `regex` and another condition
note-regex-too-large = compiled, it would take more than { $limit } MiB
note-regexes-too-large = compiled, all of them take more than { $limit } MiB
