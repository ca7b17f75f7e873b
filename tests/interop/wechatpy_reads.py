"""Reads answers and messages with wechatpy, an independent implementation, and seals texts with it.

Takes token, key and app id as arguments and a JSON object on standard input:
`answers` are bodies a server sent, `messages` are pushes in the clear, `texts` are to be sealed.
Writes a JSON object with the same keys and what wechatpy makes of each.

By hand: pip install wechatpy cryptography
"""
import json
import sys

import xmltodict
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import deserialize_reply

PARTS = ("content", "image", "voice", "video", "music", "articles")

crypto = WeChatCrypto(*sys.argv[1:4])


def read_answer(body):
    outer = xmltodict.parse(body)["xml"]
    if "Encrypt" in outer:
        signed = outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"]
        body = crypto.decrypt_message(body, *signed)
    reply = deserialize_reply(body)
    parts = {part: getattr(reply, part) for part in PARTS if hasattr(reply, part)}
    return {"to": reply.target, "from": reply.source, "time": reply.time, "type": reply.type, **parts}


def read_message(body):
    message = parse_message(body)
    content = getattr(message, "content", None)
    return {"to": message.target, "from": message.source, "type": message.type, "content": content}


asked = json.load(sys.stdin)
json.dump(
    {
        "answers": [read_answer(body) for body in asked["answers"]],
        "messages": [read_message(body) for body in asked["messages"]],
        "texts": [crypto.encrypt_message(text, "42", "1714112445") for text in asked["texts"]],
    },
    sys.stdout,
)
