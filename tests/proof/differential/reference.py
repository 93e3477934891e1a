"""What a line is, by the contract's section on lines from the client, told with Python's parser.

Where Python's json is not what the contract asks for, this makes up for it:

| what                      | json          | contract             | here                      |
| NaN, Infinity, -Infinity  | numbers       | not JSON             | parse_constant refuses    |
| nesting beyond 1024       | valid         | not JSON             | the depth is counted      |
| a name twice in an object | the last wins | refused at the top   | object_pairs_hook         |
| a member that is null     | None          | often absence        | absent                    |
| bytes that are not UTF-8  | decoded first | not JSON             | bytes.decode, strict      |
| numbers of any size       | converted     | kept as text         | parse_int, parse_float    |
| the length of an id       | not told      | 1024 bytes as written | looked up in the line     |
| a result without an id    |               | -32600 by the router | a response, as the parser |
"""

import json
import re
import sys

sys.setrecursionlimit(20000)

SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
ONCE = ("jsonrpc", "id", "method", "params", "result", "error")
MAX_DEPTH = 1024
MAX_ID = 1024
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


class Number(str):
    """A number as it is written."""


class Object(list):
    """An object as its pairs, doubled names and all."""

    def places(self, name):
        return [i for i, pair in enumerate(self) if pair[0] == name]


def refuse_constant(name):
    raise ValueError(name)


DECODER = json.JSONDecoder(object_pairs_hook=lambda pairs: Object(map(list, pairs)),
                           parse_constant=refuse_constant, parse_int=Number, parse_float=Number)


def parse(line):
    """The value, or ValueError."""
    value = DECODER.decode(line.decode("utf-8"))
    if depth_of(value) > MAX_DEPTH:
        raise ValueError("too deep")
    return value


def depth_of(value):
    deepest = 0
    left = [(value, 1)]
    while left:
        value, depth = left.pop()
        if isinstance(value, list):
            deepest = max(deepest, depth)
            inner = [pair[1] for pair in value] if isinstance(value, Object) else value
            left.extend((v, depth + 1) for v in inner)
    return deepest


def is_text(value):
    return isinstance(value, str) and not isinstance(value, Number)


def find(value, *names):
    """The paths to all members of these names, one within the other, in the order of the text."""
    paths = [()]
    for name in names:
        paths = [path + (i, 1) for path in paths if isinstance(at(value, path), Object)
                 for i in at(value, path).places(name)]
    return paths


def at(value, path):
    for step in path:
        value = value[step]
    return value


class Verdict:
    """kind, code, and where each part is in the value: paths by name."""

    def __init__(self, line):
        self.line = line
        self.value = parse(line)
        self.paths = {}
        self.code = 0
        self.kind = self.classify()

    def classify(self):
        value = self.value
        if not isinstance(value, list):
            return self.invalid()
        if not isinstance(value, Object):
            return "batch"
        count = {name: len(value.places(name)) for name in ONCE}
        twice = any(number > 1 for number in count.values())
        self.drop_nulls(count)
        self.has_method = count["method"] > 0
        answers = count["method"] == 0 and count["result"] + count["error"] > 0
        self.has_error = count["error"] > 0
        self.is_tool_error = any(at(value, path) is True for path in find(value, "result", "isError")[-1:])
        ids = find(value, "id") if count["id"] else []
        self.id_is_usable = len(ids) == 1 and is_id(at(value, ids[0]))
        self.id_is_long = self.id_is_usable and self.length(at(value, ids[0])) > MAX_ID
        if twice or self.misses_something(count, answers):
            if self.id_is_usable and not self.id_is_long and not answers:
                self.paths["id"] = ids[0]
            return self.invalid()
        self.note_paths(ids)
        if answers:
            return "response"
        return "request" if ids else "notification"

    def drop_nulls(self, count):
        """Where null is absence, of the last of a name."""
        null = {name for name in ONCE if count[name] and at(self.value, find(self.value, name)[-1]) is None}
        for name in ("method", "params"):
            if name in null:
                count[name] = 0
        if count["method"] and "id" in null:
            count["id"] = 0
        for name, other in (("error", "result"), ("result", "error")):
            if name in null and count[other]:
                count[name] = 0

    def misses_something(self, count, answers):
        member = lambda name: at(self.value, find(self.value, name)[0])
        if count["jsonrpc"] == 0 or not is_text(member("jsonrpc")) or member("jsonrpc") != "2.0":
            return True
        if answers:
            return False
        if count["method"] == 0 or not is_text(member("method")):
            return True
        if count["params"] and not isinstance(member("params"), list):
            return True
        return count["id"] > 0 and (not self.id_is_usable or self.id_is_long)

    def note_paths(self, ids):
        looked_for = {
            "requestId": ("params", "requestId"),
            "params.id": ("params", "id"),
            "progressToken": ("params", "progressToken"),
            "requestedToken": ("params", "_meta", "progressToken"),
            "params.subscription": ("params", "_meta", SUBSCRIPTION),
            "result.subscription": ("result", "_meta", SUBSCRIPTION),
        }
        found = {name: find(self.value, *path) for name, path in looked_for.items()}
        self.twice = {name for name, paths in found.items() if len(paths) > 1}
        self.paths = {name: paths[-1] for name, paths in found.items() if paths}
        where = "params" if self.has_method else "result"
        for other in ("params", "result"):
            name = other + ".subscription"
            path = self.paths.pop(name, None)
            if other == where and path:
                self.paths["subscription"] = path
            if name in self.twice:
                self.twice.remove(name)
                self.twice |= {"subscription"} if other == where else set()
        if ids:
            self.paths["id"] = ids[0]

    def length(self, value):
        """Of an id as it is written."""
        if isinstance(value, Number):
            return len(value)
        if len(value) < MAX_ID // 6:  # an escape takes six bytes at most
            return 0
        return next(len(text) for text in STRING.findall(self.line)
                    if DECODER.decode(text.decode()) == value)

    def invalid(self):
        self.code = -32600
        return "invalid"

    def text(self, *names):
        paths = find(self.value, *names)
        value = at(self.value, paths[-1]) if paths else None
        return value.encode("utf-8", "surrogatepass") if is_text(value) else b""


def is_id(value):
    return isinstance(value, str)  # numbers are, too

