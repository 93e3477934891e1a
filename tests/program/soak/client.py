"""A client that asks at random, and makes faults at random: its own, the server's, and from outside."""

import json
import os
import signal

# What the server is asked for, and how often.
METHODS = {"soak/answer": 400, "soak/error": 40, "soak/twice": 20, "soak/invented": 20, "soak/late": 40,
           "soak/nothing": 20, "soak/giant": 4, "soak/garbage": 20, "soak/slow": 3,
           "soak/slowreading": 3, "soak/flood": 5, "soak/asks": 20, "soak/progress": 20,
           "soak/stderr": 5, "soak/orphan": 3, "soak/exit": 2, "soak/crash": 2, "soak/closeout": 1,
           "soak/stop": 1, "soak/hang": 1, "ping": 30}
SIZES = {"soak/giant": (10_000, 3_000_000), "soak/slowreading": (10, 3000), "soak/flood": (10, 3000),
         "soak/asks": (1, 300), "soak/stderr": (1, 8000), "soak/exit": (40, 43)}
CRASHES = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM)
NO_MESSAGES = (b"hello\n", b'{"jsonrpc":"2.0","id":1\n', b"[]\n", b"\xff\xfe\n", b"7\n")
MAX_LINE = 2_000_000  # as the gate is told


class Client:
    def __init__(self, gate, ledger, random, totals):
        self.gate, self.ledger, self.random, self.totals = gate, ledger, random, totals
        self.count = 0
        self.mute = 0.0  # until then nothing is read
        self.faults = {"storm": 3, "burst": 3, "no message": 6, "too long": 1, "batch": 8, "same id": 6,
                       "stops reading": 2, "writes slowly": 2, "kill": 1, "stop": 1, "go on": 3,
                       "reload": 2, "stray answer": 5}

    # Sending

    def send(self, message):
        self.ledger.lines += 1
        self.gate.send(json.dumps(message).encode() + b"\n")

    def request(self, method=None, id=None):
        """One that is noted in the ledger, and has still to be sent."""
        self.count += 1
        if method is None:
            method = self.random.choices(*zip(*METHODS.items()))[0]
        if id is None:
            id = self.random.choice((self.count, f"r{self.count}"))
        marker = f"m{self.count}"
        params = {"marker": marker, "_meta": {"progressToken": marker}}
        if method in SIZES:
            params["size"] = self.random.randint(*SIZES[method])
        if method == "soak/crash":
            params["size"] = self.random.choice(CRASHES)
        if method not in ("soak/answer", "ping"):
            self.totals["fault " + method.partition("/")[2]] += 1
        self.ledger.asked(id, method, marker)
        return {"jsonrpc": "2.0", "id": id, "method": method, "params": params}

    def ask(self, method=None, id=None):
        self.ledger.lines += 1
        request = self.request(method, id)
        self.gate.send(json.dumps(request).encode() + b"\n")
        return request["id"]

    def cancel(self, id):
        self.ledger.cancel(id)
        self.send({"jsonrpc": "2.0", "method": "notifications/cancelled",
                   "params": {"requestId": id, "reason": "soak"}})

    def open_session(self):
        self.ledger.lines += 1
        self.ledger.asked("init", "initialize", "init")
        self.gate.send(json.dumps({"jsonrpc": "2.0", "id": "init", "method": "initialize", "params": {
            "marker": "init", "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "soak", "version": "1"}}}).encode() + b"\n")
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    # Hearing

    def hear(self, line):
        try:
            message = json.loads(line)
        except ValueError:
            return self.ledger.complain("wrong", f"no JSON: {line[:200]}")
        for one in message if isinstance(message, list) else [message]:
            self.hear_message(one)

    def hear_message(self, message):
        if "method" not in message:
            self.ledger.heard(message)
        elif message["method"] == "soak/wrong":
            self.ledger.complain("wrong", message)
        elif "id" in message:
            self.totals["requests of servers"] += 1
            self.send({"jsonrpc": "2.0", "id": message["id"],
                       "result": {"marker": message["params"]["marker"]}})

    # Faults

    def act(self, now):
        """One thing: a request, a cancel or a fault."""
        chance = self.random.random()
        if chance < 0.9:
            self.ask()
        elif chance < 0.96:
            ids = [id for id, requests in self.ledger.open.items() if self.may_cancel(id, requests)]
            if ids:
                self.cancel(self.random.choice(ids[-50:]))
        else:
            self.fault(self.random.choices(*zip(*self.faults.items()))[0], now)

    def may_cancel(self, id, requests):
        """Of two with one id, which one is the newest would depend on which answer is on its way."""
        return requests and id != "init" and not str(id).startswith("same")

    def fault(self, kind, now):
        self.totals["fault " + kind] += 1
        servers = self.gate.servers() if kind in ("kill", "stop", "go on") else []
        if kind == "storm":
            for id in [self.ask("soak/late") for _ in range(100)]:
                self.cancel(id)
        elif kind == "burst":
            for _ in range(150):
                self.ask("soak/answer")
        elif kind == "no message":
            self.refused(self.random.choice(NO_MESSAGES))
        elif kind == "too long":
            self.refused(b'{"jsonrpc":"2.0","method":"' + MAX_LINE * b"x" + b'"}\n')
        elif kind == "batch":
            self.ledger.lines += 1
            batch = [self.request() for _ in range(self.random.randint(1, 20))]
            self.gate.send(json.dumps(batch).encode() + b"\n")
        elif kind == "same id":
            for _ in range(2):
                self.ask("soak/answer", f"same{self.count}")
                self.ask("soak/answer", f"same{self.count - 1}")
        elif kind == "stray answer":
            # No wire id: one that is could by chance be that of an open request.
            self.send({"jsonrpc": "2.0", "id": 2 ** 60, "result": {"marker": "stray"}})
        elif kind == "stops reading":
            self.mute = now + self.random.uniform(0.05, 1)
        elif kind == "writes slowly":
            self.gate.piece = self.random.choice((1, 7, 100))
        elif kind == "reload":
            self.gate.signal(signal.SIGUSR2)
        elif servers:
            number = {"kill": self.random.choice(CRASHES), "stop": signal.SIGSTOP,
                      "go on": signal.SIGCONT}[kind]
            self.signal_server(self.random.choice(servers), number)

    @staticmethod
    def signal_server(pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    def refused(self, line):
        self.ledger.lines += 1
        self.ledger.refusals += 1
        self.gate.send(line)
