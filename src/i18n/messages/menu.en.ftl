# The menu of a rule file. Ids of errors and warnings are their codes, which are public.

## The menu

menu-in-include = `menu` in an included file
help-menu-in-include = move it to the main file
no-buttons = there are no buttons
help-no-buttons = a menu has one to three: - 今日推荐: {"{ key: TODAY }"}
too-many-buttons = only { $limit } buttons fit here
help-too-many-buttons = WeChat takes three buttons, and five below each: move some below another
not-one-button = an entry of the menu is one button
help-not-one-button = begin a line for each, with its name: - 今日推荐: {"{ key: TODAY }"}
invalid-button-name = { $bytes ->
    [0] the button has no name
   *[other] the name of this button takes { $bytes } bytes, and { $limit } fit
}
help-invalid-button-name = WeChat counts bytes: a Chinese character takes 3, a Latin letter 1; so { $limit ->
    [16] 5
   *[other] 20
} Chinese characters fit here
third-menu-level = buttons below a button that is below another
help-third-menu-level = a menu has two levels: move these up by one
button-without-action = this button does nothing
help-button-without-action = write `key: TODAY` for an event that a rule answers, `url: https://…` for a page, or a list of buttons
unknown-button-type = WeChat has no button of the type `{ $kind }`
help-button-types = the types are { $types }
part-of-other-button = a button of the type { $kind } has no `{ $key }`
help-part-of-other-button = it takes { $keys }
button-key-too-long = the key takes { $bytes } bytes
help-button-key-too-long = WeChat takes { $limit }
invalid-button-url = this is not an address that a button can open
help-invalid-button-url = write it whole, with https://, in at most { $limit } bytes
unknown-button = the menu has no button `{ $name }`
help-unknown-button = `tap` names a button of `menu`
button-without-event = tapping `{ $name }` sends no event
help-button-without-event = only a button with a `key`, a page or a mini program does; leave this test out

## Warnings

button-without-rule = no rule answers the button `{ $name }`
help-button-without-rule = write a rule with when: {"{"} event: { $event }, key: { $key } {"}"}
key-without-button = no button of the menu sends the key `{ $key }`
help-key-without-button = phones show an old menu for a while; after that, correct the key or remove the rule
button-name-cut-off = phones cut `{ $name }` off
help-button-name-cut-off = about { $shown } Chinese characters are shown here, or twice as many Latin letters
