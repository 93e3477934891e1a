"""Lines that are messages, that nearly are, and that are not: made up from a seed."""

KEYS = ["id", "jsonrpc", "method", "params", "result", "error", "_meta", "requestId", "name",
        "progressToken", "io.modelcontextprotocol/subscriptionId", "x", ""]
METHODS = ["ping", "tools/call", "notifications/cancelled", "notifications/progress",
           "$/cancelRequest", "$/cancel_request", "initialize", "m\\u0065thod", "\\ud83d", ""]
STRINGS = ["", "a", "1", "listen:0", "\\u0061", "\\ud83d\\ude00", "\\ud83d", "\\\\", "\\\"",
           "\\n\\/", "\u00e9", "\U0001f600", "{}", "],[", "\\u0000", "\u2028", "x" * 70, "\u007f"]
NUMBERS = ["0", "-0", "1", "34", "-7", "1.0", "1e0", "1E+2", "10e-1", "1e400", "-1e-400",
           "12345678901234567890", "0.5", "9" * 400]
TOKENS = ["{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", " ", "\t", "\r", "\x00",
          "\x1f", "null", "true", "false", "NaN", "Infinity", "-", "01", "1.", ".5", "1e", "+1",
          "0x1", "//", "/**/", "'", "\ufeff", "\uff11", "\u00a0", "e", "E9", "\"id\":", "\"\\u0069d\":1,",
          "\"method\":\"m\",", "\"params\":{},"]
BYTES = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80"]


UTF8 = [0x20, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xee,
        0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff]


class Lines:
    def __init__(self, random):
        self.random = random

    def line(self):
        if self.random.random() < 0.02:
            text = bytes(self.random.choices(UTF8, k=self.random.randrange(1, 12)))
            return b'["' + text + b'"]'
        text = self.message().encode("utf-8")
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 4))):
            text = self.mutated(text)
        return text.replace(b"\n", b" ")

    def space(self):
        return self.random.choice(("", "", "", "", "", " ", "\t", " \r "))

    def string(self):
        parts = self.random.choices(STRINGS, k=self.random.choice((0, 1, 1, 1, 2)))
        return '"' + "".join(parts) + '"'

    def id(self):
        which = self.random.random()
        if which < 0.45:
            return self.random.choice(NUMBERS)
        if which < 0.85:
            return self.string()
        if which < 0.9:
            return '"' + "y" * self.random.choice((1000, 1021, 1022, 1023, 1024, 2000)) + '"'
        return self.value(1)

    def value(self, depth):
        which = self.random.randrange(9 if depth > 0 else 5)
        if which == 0:
            return self.random.choice(("null", "true", "false"))
        if which < 3:
            return self.random.choice(NUMBERS)
        if which < 5:
            return self.string()
        if which < 7:
            return self.array([self.value(depth - 1) for _ in range(self.random.randrange(4))])
        return self.object([(self.random.choice(KEYS), self.value(depth - 1))
                            for _ in range(self.random.randrange(4))])

    def array(self, values):
        return "[" + self.space() + ",".join(self.space() + v + self.space() for v in values) + "]"

    def key(self, name):
        if name and self.random.random() < 0.03:
            at = self.random.randrange(len(name))
            name = name[:at] + "\\u%04x" % ord(name[at]) + name[at + 1:]
        return '"' + name + '"'

    def object(self, pairs):
        space = self.space
        parts = [space() + self.key(name) + space() + ":" + space() + value + space()
                 for name, value in pairs]
        return "{" + self.space() + ",".join(parts) + "}"

    def meta(self):
        names = ("progressToken", "io.modelcontextprotocol/subscriptionId", "id")
        return self.object([(name, self.id()) for name in names if self.random.random() < 0.4])

    def params(self):
        if self.random.random() < 0.1:
            return self.value(2)
        names = ("requestId", "id", "name", "progressToken", "x")
        pairs = [(name, self.id()) for name in names if self.random.random() < 0.3]
        if self.random.random() < 0.4:
            pairs.append(("_meta", self.meta()))
        return self.object(self.shuffled(pairs))

    def shuffled(self, pairs):
        if pairs and self.random.random() < 0.06:
            pairs.append((self.random.choice(pairs)[0], self.id()))  # a name twice
        self.random.shuffle(pairs)
        return pairs

    def message(self):
        which = self.random.random()
        if which < 0.03:
            return self.value(3)
        if which < 0.06:
            deep = self.random.choice((3, 1022, 1023, 1024, 1025))
            return "[" * deep + self.random.choice(("1", "{}", "")) + "]" * deep
        if which < 0.1:
            return self.array([self.single() for _ in range(self.random.randrange(4))])
        return self.space() + self.single() + self.space()

    def single(self):
        often = lambda chance: self.random.random() < chance
        pairs = []
        if often(0.97):
            pairs.append(("jsonrpc", '"2.0"' if often(0.97) else self.value(1)))
        answers = often(0.3)
        if often(0.7):
            pairs.append(("id", self.id()))
        if often(0.03 if answers else 0.95):
            pairs.append(("method", '"' + self.random.choice(METHODS) + '"' if often(0.95)
                          else self.value(1)))
        if often(0.05 if answers else 0.8):
            pairs.append(("params", self.params()))
        if often(0.8 if answers else 0.02):
            pairs.append(("result", self.result() if often(0.5)
                          else self.value(2)))
        if often(0.3 if answers else 0.02):
            pairs.append(("error", self.value(2)))
        if often(0.1):
            pairs.append((self.random.choice(KEYS), self.value(2)))
        return self.object(self.shuffled(pairs))

    def result(self):
        pairs = [("_meta", self.meta())] if self.random.random() < 0.7 else []
        for _ in range(self.random.choice((0, 1, 1, 2))):
            pairs.append(("isError", self.random.choice(("true", "true", "false", '"true"', "[true]"))))
        return self.object(self.shuffled(pairs))

    def mutated(self, text):
        at = self.random.randrange(len(text) + 1)
        length = self.random.choice((1, 1, 2, 5, 20))
        which = self.random.randrange(7)
        if which == 0:
            return text[:at] + text[at + length:]
        if which == 1:
            return text[:at] + text[at:at + length] + text[at:]
        if which < 4:
            return text[:at] + self.random.choice(TOKENS).encode("utf-8") + text[at:]
        if which == 4:
            return text[:at] + self.random.choice(BYTES) + text[at:]
        if which == 5:
            return text[:at] + bytes([self.random.randrange(256)]) + text[at + 1:]
        return text[:at] if self.random.random() < 0.3 else text
