# Calls of WeChat's API that came to nothing, and what to do about each.
# Neither the secret nor the access token is in any of them.

api-failed = { $call }: { $why }
api-failed-and-help = { $call }: { $why }; { $help }

log-pushes-not-granted = late answers are not pushed for a day, and can be fetched: { $why }
log-pushed = a late answer was sent
log-push-refused = a late answer was not pushed, and can be fetched: { $why }
log-push-unknown = a late answer was pushed, and it is unknown whether it arrived: { $why }

api-refused = WeChat refuses it with { $code } ({ $message })
api-unreached = no connection to WeChat's API at { $site }: { $why }
api-no-tls = no TLS with WeChat's API at { $site }: { $why }
api-cut = WeChat's API gave no answer: { $why }
api-late = no answer from WeChat's API in time
api-status = WeChat's API answers with status { $status }
api-not-json = the answer of WeChat's API is not JSON
api-odd = the answer of WeChat's API lacks what belongs in it

api-no-connection = check the network of this machine, and whether it may reach { $site }
api-not-wechat = most likely something else answers there: check --api and what stands between

## The account

api-help-busy = WeChat is busy; try again in a minute
api-help-secret = the app secret is not the one of this app id; copy it again from the console, or reset it there (设置与开发 → 基本配置 → AppSecret)
api-help-token = another program ends the access token, with /cgi-bin/token or with force_refresh; let it use stable_token in normal mode
api-help-app-id = there is no account with this app id; copy it from the console (设置与开发 → 基本配置 → AppID, wx…)
api-help-address = WeChat sees this machine as { $address }; put that on the list of addresses in the console (设置与开发 → 基本配置 → IP白名单)
api-help-this-address = put the address of this machine on the list of addresses in the console (设置与开发 → 基本配置 → IP白名单)
api-help-confirm = the administrator of the account has been asked in WeChat to confirm the address of this machine; confirm it, then try again
api-help-address-refused = { $hours ->
    [one] the administrator of the account refused the address of this machine; WeChat asks again in an hour
   *[other] the administrator of the account refused the address of this machine; WeChat asks again in { $hours } hours
 }
api-help-host = this address of WeChat's is no longer served; leave out --api, or name api.weixin.qq.com
api-help-day = the calls of this day are used up; they start anew at midnight in China, and the console can reset them ten times a month
api-help-minute = too many calls within a minute; it works again in the next one
api-help-cleared = the resets of this month are used up
api-help-not-granted = the account may not use this interface; most need a verified account (设置与开发 → 接口权限 shows what it has)
api-help-protocol = accept the terms of this interface in the console first
api-help-banned = WeChat has blocked the account or this interface; the console says why (通知中心)
api-help-account-kind = this interface is not for this kind of account
api-help-not-understood = WeChat does not understand the request; unless something in between changes it, this is a bug in wxreply

## Followers and messages

api-help-openid = no follower of this account has this openid; app id and app secret may be those of another account
api-help-not-following = the follower no longer follows the account
api-help-blacklisted = the follower is on the blacklist of the account
api-help-follower-refuses = the follower takes no messages from the account
api-help-window = the follower has not been active for too long, or no longer follows the account: 48 hours after a message, a minute after a tap, a scan or following
api-help-too-many = WeChat takes five messages after one of the follower's, and three after a tap, a scan or following
api-help-typing-window = typing is shown only within 30 seconds of what the follower did
api-help-typing-already = typing is shown already
api-help-message-type = the account may not send messages of this type
api-help-too-long = a text is longer than WeChat takes: 2048 bytes for a message
api-help-content = a message without content, or with more articles than one

## Material

api-help-media-id = the account has no such material: media ids belong to one account, and those of temporary uploads end after three days
api-help-file-kind = WeChat takes bmp, png, jpg and gif as pictures, mp3, wma, wav and amr as voices, mp4 as videos, and jpg as thumbs; the name has to end accordingly
api-help-file-size = WeChat takes pictures and videos up to 10 MB, voices up to 2 MB and 60 seconds, and thumbs up to 64 KB
api-help-file-empty = the file is empty
api-help-material-full = the account is full: 100 000 pictures, and 1000 of each other kind; delete what is not used
api-help-material-used = the menu or an auto-reply of the console still uses it; change that first

## The menu

api-help-buttons = a menu has one to three buttons, and each of them at most five below it
api-help-button-type = the menu has a button of a type that WeChat does not know
api-help-button-name = the name of a button is too long: 16 bytes in the bar, 60 in a list above it
api-help-button-key = the key of a button is empty or longer than 128 bytes
api-help-button-url = the address of a button is empty or longer than 1024 bytes
api-help-menu-levels = a list of buttons cannot have another list in it
api-help-no-menu = the account has no menu that was made this way
api-help-button-domain = WeChat does not open the address of a button; it has to be a whole address with https:// that WeChat does not block
api-help-mini-program = link the mini program with the account in the console first (小程序管理)

## QR codes

api-help-scene = the scene is not one that WeChat takes: a number from 1 to 100000, or 1 to 64 characters
api-help-qr-full = the account has all 100 000 QR codes that stay; make one that ends

api-help-look-up = look the number up at https://developers.weixin.qq.com/doc/oplatform/developers/errCode/errCode.html
