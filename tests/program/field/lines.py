"""Lines that are nearly right."""

import json

from field import Gate, check, equal, like, situation


# What an answer's text may hold that is not UTF-8: legacy encodings, cut characters, what UTF-8 forbids.
NOT_UTF8 = (b"// \xc7\xd1\xb1\xdb", b"caf\xe9", b"\xff\xfe", b"cut \xf0\x9f\x98", b"\xc0\x80", b"\xed\xa0\x80 half",
            b"\xe2\x82", b"\xf4\x90\x80\x80", b"\x80\x80\x80", b"ok \xe2\x82\xac then \xe2\x28\xa1", b"\x81\x40\x93\xfa\x96\x7b")
TEXTS = f"TEXTS = {NOT_UTF8!r}\n"


@situation
def bytes_that_are_not_utf8_arrive_as_a_browser_shows_them():
    server = TEXTS + r"""
for m in messages():
    raw(b'{"jsonrpc":"2.0","id":%d,"result":{"text":"' % m["id"] + TEXTS[m["params"]["n"]] + b'"}}\n')
"""
    with Gate(["--timeout", "20s"], server) as gate:
        for n, text in enumerate(NOT_UTF8):
            gate.request(n, "x", {"n": n})
            line = gate.answer_line(n)
            equal(line.decode(), '{"jsonrpc":"2.0","id":%d,"result":{"text":"%s"}}' % (n, text.decode(errors="replace")))
        gate.end()


@situation
def bytes_of_the_client_that_are_not_utf8_are_repaired_and_reach_the_server():
    server = r"""
for line in lines():
    m = json.loads(line.decode())
    answer(m, m["params"])
"""
    with Gate([], server) as gate:
        for n, text in enumerate(NOT_UTF8):
            gate.send(b'{"jsonrpc":"2.0","id":%d,"method":"x","params":{"text":"' % n + text + b'"}}')
            equal(gate.result(n), {"text": text.decode(errors="replace")})
        _, errors = gate.end()
        like(errors, "warn")


@situation
def repaired_bytes_in_a_notification_of_the_server_arrive_too():
    server = r"""
raw(b'{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"\xe9t\xe9"}}\n')
for m in messages(): answer(m)
"""
    with Gate([], server) as gate:
        equal(gate.asked("notifications/message")["params"]["data"], "\ufffdt\ufffd")
        gate.call(1, "x")
        gate.end()


BAD_ANSWERS = (
    ("nan", b'{"jsonrpc":"2.0","id":%d,"result":{"ratio":NaN}}\n'),
    ("infinity", b'{"jsonrpc":"2.0","id":%d,"result":{"ratio":-Infinity}}\n'),
    ("a raw tab", b'{"jsonrpc":"2.0","id":%d,"result":{"text":"a\tb"}}\n'),
    ("a raw escape", b'{"jsonrpc":"2.0","id":%d,"result":{"text":"\x1b[31mred"}}\n'),
    ("no jsonrpc", b'{"id":%d,"result":{"content":[]}}\n'),
    ("another jsonrpc", b'{"jsonrpc":"1.0","id":%d,"result":{}}\n'),
    ("a comma too many", b'{"jsonrpc":"2.0","id":%d,"result":{"a":1,}}\n'),
    ("python's quotes", b'{"jsonrpc":"2.0","id":%d,"result":{\'a\':True}}\n'),
    ("a python value", b'{"jsonrpc":"2.0","id":%d,"result":{"a":None}}\n'),
    ("a doubled result", b'{"jsonrpc":"2.0","id":%d,"result":{},"result":{}}\n'),
    ("a broken escape", b'{"jsonrpc":"2.0","id":%d,"result":{"path":"C:\\users"}}\n'),
    ("a comment", b'{"jsonrpc":"2.0","id":%d,"result":{/* none */}}\n'),
    ("an id at the end", b'{"jsonrpc":"2.0","result":{"ratio":1.5,"path":"ok"},"id":%d,"x":nan}\n'),
    ("an error with NaN", b'{"jsonrpc":"2.0","id":%d,"error":{"code":NaN,"message":"x"}}\n'),
    ("a log line behind", b'{"jsonrpc":"2.0","id":%d,"result":{}}done in 3 ms\n'),
)


def bad_answer(name, line):
    def play():
        server = f"LINE = {line!r}\n" + r"""
for m in messages(): raw(LINE % m["id"])
"""
        with Gate(["--timeout", "20s"], server) as gate:
            gate.request("mine", "tools/call", {"name": "t"})
            error = gate.error("mine")
            equal((error["code"], error["data"]["reason"], error["data"]["retryable"]), (-31008, "invalid-answer", False))
            like(error["message"], "^The answer is not valid: ")
            gate.close()
            gate.end()
    play.__name__ = f"an_answer_with_{name.replace(' ', '_')}_is_answered_at_once"
    situation(play)


for name_, line_ in BAD_ANSWERS:
    bad_answer(name_, line_)


@situation
def an_answer_cut_off_by_the_end_of_the_server_is_answered_as_not_valid():
    server = r"""
for m in messages():
    raw(b'{"jsonrpc":"2.0","id":%d,"result":{"text":"and then' % m["id"])
    os._exit(0)
"""
    with Gate(["--restart", "never"], server) as gate:
        gate.request(1, "x")
        check(gate.error(1)["code"] in (-31008, -31003), "another error")


@situation
def a_byte_order_mark_is_skipped_both_ways():
    server = r"""
for line in lines():
    note("got " + repr(line[:8]))
    m = json.loads(line.decode("utf-8"))
    raw(b"\xef\xbb\xbf" + json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": {}}).encode() + b"\r\n")
"""
    with Gate([], server) as gate:
        for n in (1, 2):
            gate.send(b'\xef\xbb\xbf{"jsonrpc":"2.0","id":%d,"method":"initialize","params":{}}\r' % n)
            equal(gate.answer_line(n), b'{"jsonrpc": "2.0", "id": %d, "result": {}}' % n)
        gate.end()


# What hosts send, and what must be said: the code, and the id if it can be trusted.
BAD_REQUESTS = (
    ("a raw nul", b'{"jsonrpc":"2.0","id":4,"method":"a","params":{"text":"\x00"}}', -32700, 4),
    ("utf 16", b'\xff\xfe{\x00"\x00i\x00d\x00"\x00:\x006\x00}\x00', -32700, None),
    ("two on a line", b'{"jsonrpc":"2.0","id":10,"method":"a"}\r{"jsonrpc":"2.0","id":11,"method":"a"}', -32700, 10),
    ("a nul in front", b'\x00{"jsonrpc":"2.0","id":9,"method":"a"}', -32700, None),
    ("the id behind the fault", b'{"jsonrpc":"2.0","method":"a","params":{"x":NaN},"id":5}', -32700, None),
    ("the id before the fault", b'{"id":"a\\u0062","method":"a","params":{"x":NaN}}', -32700, "ab"),
    ("no jsonrpc", b'{"id":7,"method":"a"}', -32600, 7),
    ("two ids", b'{"jsonrpc":"2.0","id":1,"\\u0069d":2,"method":"a"}', -32600, None),
    ("an array as id", b'{"jsonrpc":"2.0","id":[1],"method":"a"}', -32600, None),
    ("text as params", b'{"jsonrpc":"2.0","id":8,"method":"a","params":"x"}', -32600, 8),
    ("a number as method", b'{"jsonrpc":"2.0","id":8,"method":1}', -32600, 8),
)


@situation
def what_a_client_gets_wrong_is_refused_with_its_id():
    with Gate([], "for m in messages(): answer(m)") as gate:
        for name, line, code, id in BAD_REQUESTS:
            gate.send(line)
            message = json.loads(gate.take(lambda _: True))
            equal((name, message["error"]["code"], message.get("id")), (name, code, id))
            check(id is not None or "id" not in message, "an id of null: " + name)
        gate.call(99, "x")
        gate.end()


@situation
def odd_text_that_is_valid_passes_unchanged():
    texts = ("a\u2028b\u2029c", "nul \\u0000, half \\ud83d, del \x7f", "1e400", "\\u0041\\/")
    server = r"""
for line in lines():
    head, _, rest = line.partition(b'"params":')
    raw(b'{"jsonrpc":"2.0","result":' + rest.rstrip()[:-1] + b',"id":' + head.split(b'"id":')[1].split(b",")[0] + b"}\n")
"""
    with Gate([], server) as gate:
        for n, text in enumerate(texts):
            gate.send('{"jsonrpc":"2.0","id":%d,"method":"a","params":{"text":"%s"}}' % (n, text))
            equal(gate.answer_line(n).decode(), '{"jsonrpc":"2.0","result":{"text":"%s"},"id":%d}' % (text, n))
        gate.end()


@situation
def a_line_with_blanks_around_it_passes():
    with Gate([], "for m in messages(): answer(m)") as gate:
        gate.send(b'  {"jsonrpc":"2.0","id":8,"method":"a"}  \t')
        gate.result(8)
        gate.end()


# Written without a newline, so that it sticks to the next message, or behind one.
AROUND = (
    ("a title", b"\x1b]0;project: ready\x07", b""), ("a title ended otherwise", b"\x1b]2;x\x1b\\", b""),
    ("colours", b"\x1b[32m", b"\x1b[0m"), ("a bracketed paste", b"\x1b[?2004h", b"\x1b[?2004l"),
    ("progress", b"\r\x1b[K\r", b""), ("a bell", b"\x07\x07", b""), ("a prompt", b"> ", b""),
    ("a print", b"loading model... done", b""), ("a nul", b"\x00", b""), ("a cursor", b"\x1b[2J\x1b[1;1H", b""),
)


@situation
def what_a_terminal_program_writes_around_an_answer_is_cut_off():
    server = f"AROUND = {[(front, back) for _, front, back in AROUND]!r}\n" + r"""
for m in messages():
    front, back = AROUND[m["params"]["n"]]
    raw(front + b'{"jsonrpc":"2.0","id":%d,"result":{}}' % m["id"] + back + b"\n")
"""
    with Gate(["--timeout", "20s"], server) as gate:
        for n, (name, *_) in enumerate(AROUND):
            gate.request(n, "x", {"n": n})
            equal((name, gate.answer_line(n)), (name, b'{"jsonrpc":"2.0","id":%d,"result":{}}' % n))
        gate.end()


@situation
def a_print_in_front_of_what_answers_nothing_is_noise():
    server = r"""
raw(b'prompt> {"jsonrpc":"2.0","method":"notifications/x"}\n')
raw(b'prompt> {"jsonrpc":"2.0","id":77777,"result":{}}\n')
for m in messages(): answer(m)
"""
    with Gate([], server) as gate:
        gate.call(1, "x")
        out, errors = gate.end()
        equal(out, "")
        like(errors, "prompt> ")


@situation
def an_escape_in_front_of_a_notification_is_cut_off():
    server = r"""
raw(b'\x1b]0;t\x07{"jsonrpc":"2.0","method":"notifications/x"}\n')
for m in messages(): answer(m)
"""
    with Gate([], server) as gate:
        gate.asked("notifications/x")
        gate.end()
