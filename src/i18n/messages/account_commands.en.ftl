# What the commands say that call WeChat's API.

## Which account

api-needs-secret = this needs the account's app id and AppSecret; give --app-id and --app-secret-file, or --accounts
api-needs-secret-of = the account `{ $name }` has no `app_id` and `app_secret`; add both to the accounts file

## The menu

menu-of-console = (made in the console)
menu-none = the account has no menu
menu-closed = the menu is switched off in the console
menu-ask = Set this menu? [y/N]
menu-needs-yes = nobody can be asked here; see `wxreply menu diff`, then add --yes
menu-not-set = nothing was changed
menu-set = the menu of { $path } is set; phones show it within five minutes, or at once to those who follow anew
menu-of-wrong-rules = { $path } has { $count ->
    [one] an error
   *[other] { $count } errors
}; correct it first
rules-without-menu = { $path } has no `menu`; `wxreply menu show --as-rules` prints the present one
import-button-lost = the button { $name } sends what a rule cannot: its type is { $kind }. Write a rule for its key

## QR codes

qr-invalid-scene = a scene is a number or a text of 1 to { $limit } bytes
qr-invalid-expiry = write a number and s, m, h or d, at most 30d, such as 7d
qr-url = address  { $url }
qr-ticket = ticket   { $ticket }
qr-for-ever = expires  never
qr-until = expires  { $until }
qr-drawn = drawn    { $path }
qr-unknown-picture = { $path } must end in .png or .svg
qr-unwritable = cannot write { $path }: { $reason }
qr-too-long = the address of the code is too long to draw

## Material

media-none = the account keeps nothing
media-ask = Delete { $count ->
    [one] this from the account? Rules and menus that show it stop working.
   *[other] these { $count } from the account? Rules and menus that show them stop working.
} [y/N]
media-needs-yes = nobody can be asked here; see `wxreply media list`, then add --yes
media-not-deleted = nothing was deleted
media-deleted = deleted { $id }
media-forgotten = { $id } is no longer in the database; after a reload, rules that show the file upload it again
