"""What was asked, and what has become of it: the client's own account."""

import collections

# Errors the gate makes itself, by code.
OUTCOMES = {-31001: "refused", -31002: "timed-out", -31003: "server-gone", -31004: "shut-down",
            -31005: "too-long", -31006: "queue-timeout", -31007: "not-started"}
NEVER_ANSWERED = ("soak/nothing", "soak/exit", "soak/crash", "soak/closeout", "soak/hang")


class Ledger:
    """Of one run of the gate. Lines are numbered as they are sent; a gate takes them in order."""

    def __init__(self, totals):
        self.totals = totals  # counts over all runs: sent, doubled, wrong and so on
        self.open = collections.defaultdict(list)  # id: [(line, marker, method)]
        self.markers = collections.defaultdict(set)  # id: those that may still come
        self.cancelled = collections.Counter()  # by id: may be answered if the answer was on its way
        self.done = set()
        self.lines = 0
        self.heard_of = 0  # the last line that is known to have been read
        self.refusals = 0  # lines that are no messages: so many errors without an id must come
        self.complaints = []

    def asked(self, id, method, marker):
        self.open[id].append((self.lines, marker, method))
        self.markers[id].add(marker)
        self.totals["requests"] += 1

    def cancel(self, id):
        """The newest request with this id needs no outcome any more."""
        requests = self.open.get(id)
        if not requests:
            return
        requests.pop()
        self.cancelled[id] += 1
        self.totals["outcome cancelled"] += 1

    def open_count(self):
        return sum(map(len, self.open.values()))

    def complain(self, kind, what):
        self.totals[kind] += 1
        if len(self.complaints) < 5:
            self.complaints.append(f"{kind}: {str(what)[:400]}")

    def heard(self, message):
        """A message of the gate's that has no method."""
        if message.get("id") is None:
            self.refusals -= 1
            return
        id = message["id"]
        error = message.get("error")
        marker = (error.get("data") if error else message["result"]).get("marker")
        request = self.take(id, marker)
        if request is None:
            if self.cancelled[id] > 0:
                self.cancelled[id] -= 1  # it had been answered before the cancel was read
            else:
                self.complain("doubled" if id in self.done else "invented", message)
            return
        self.done.add(id)
        line, _, method = request
        self.heard_of = max(self.heard_of, line)
        code = error["code"] if error else 0
        self.totals["outcome " + OUTCOMES.get(code, "error" if error else "answered")] += 1
        own = code in OUTCOMES
        if not own and (marker not in self.markers[id] or (method == "soak/error") != bool(error) or
                        method in NEVER_ANSWERED):
            self.complain("wrong", message)
        self.markers[id].discard(marker)

    def take(self, id, marker):
        """The request this answers: with that marker, else the oldest."""
        requests = self.open.get(id, [])
        for i, request in enumerate(requests):
            if marker is None or request[1] == marker:
                return requests.pop(i)
        return requests.pop(0) if requests else None

    def close(self, all_was_read):
        """Nothing more will come. What was read and has no outcome is lost."""
        for requests in self.open.values():
            for line, marker, method in requests:
                if all_was_read or line < self.heard_of:
                    self.complain("lost", f"{method} {marker}")
                else:
                    self.totals["outcome unread"] += 1
        self.open.clear()
