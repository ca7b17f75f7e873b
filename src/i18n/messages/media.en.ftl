# Files that replies name: `image: ./poster.png`. Each id is the code of the error, but for those
# that begin with `help-` or `content-`. Codes are public and never renamed.

media-not-found = there is no file { $path }
media-unreadable = cannot read { $path }: { $reason }
media-outside = { $path } is a link that leads to another folder
media-empty = { $path } is empty
media-cut-off = { $path } is cut off: its end is missing
media-too-large = { $path } is too large: { $size }
media-wrong-format = WeChat does not take { $path } as { $kind ->
    [image] a picture
    [voice] a voice message
    [video] a video
   *[thumb] the small picture of a music card
}: { $content }
media-gif = WeChat shows no GIF in an answer
media-without-app-secret = { $path } cannot be uploaded: the account has no app secret
media-not-uploaded = { $path } could not be uploaded: { $reason }
placeholder-in-path = the path of a file has no placeholders
content-is = it is { $format } inside
content-unknown = it is neither a picture nor sound nor a film

## Help

help-media-not-found = the path starts at the folder of the file that it stands in
help-media-unreadable = name a file, and let wxreply read it
help-media-outside = put the file itself there; links within { $folder } are fine
help-media-empty = save the file again, or copy it again
help-media-cut-off = copy the file again, as a whole
help-media-too-large = { $kind ->
    [image] a picture may have { $limit }
    [voice] a voice message may have { $limit }
    [video] a video may have { $limit }
   *[thumb] the small picture of a music card may have { $limit }
}
help-media-wrong-format = save it as { $kind ->
    [image] JPEG, PNG or BMP
    [voice] MP3, AMR, WMA or WAV
    [video] MP4
   *[thumb] JPEG
}; its content counts, not its name
help-media-gif = save it as PNG or JPEG, or as a video
help-media-without-app-secret = give it with --app-secret-file, or as `app_secret` in the accounts file; without one, write a media id
help-placeholder-in-path = name one file in each reply; `random` chooses among several
