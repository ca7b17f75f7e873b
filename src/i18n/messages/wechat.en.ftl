# What is wrong with a request or an answer of the protocol.
answer-malformed = the answer is neither success nor XML: { $why }
answer-in-the-clear = the answer is in the clear although the mode is secure
answer-encrypted = the answer is encrypted although the mode is plain
answer-signature = the MsgSignature of the answer is missing or wrong; are both tokens the same?
answer-envelope = the answer does not open; are key and app id the same on both sides?
answer-type = the answer is of no type that WeChat knows
answer-element = the answer's { $name } is missing, empty or wrong

## Requests that are refused

request-forbidden = forbidden: { $why }
request-malformed = malformed: { $why }
forbidden-query = a parameter of the query is repeated or cannot be decoded
forbidden-signature = the signature is missing or wrong
forbidden-stale = the timestamp is too far from the time
forbidden-mode = the request is not encrypted as the mode demands
forbidden-envelope = the encrypted part does not open
forbidden-echostr = the handshake has no echostr
malformed-not-utf8 = it is not UTF-8
malformed-not-xml = it is not well-formed XML with the root <xml>
malformed-entity = it has a document type or an entity of its own
malformed-too-much = it has more levels, elements or letters in a name than any message
malformed-duplicate = an element that stands once in a message stands there twice
malformed-mixed = an element has both text and elements in it
hint-signature = is the token the same as on WeChat's page?
hint-mode = is --mode the same as on WeChat's page (消息加解密方式)?
hint-envelope = are the EncodingAESKey and the app id those of WeChat's page?
hint-stale = is the clock of this machine right, and --max-age long enough?
hint-query = WeChat sends no such request: somebody else does, or a proxy changes the query
hint-malformed = WeChat sends no such body: does a proxy change it?
