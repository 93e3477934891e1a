"""Plays the client of a case of tests/program/cli, and takes whatever comes."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import time

PATIENCE = 0.5  # for a line; where one is missing, something has gone another way
END = 8.0  # seconds in which the gate has ended
OPTIONS = ("--drain", "500ms", "--grace", "200ms")


class Played:
    """How it went."""

    def __init__(self):
        self.asked = {}  # id as JSON: how often
        self.heard = {}
        self.cancelled = set()
        self.stderr = b""
        self.status = None
        self.hung = False
        self.left = 0

    def digest(self):
        lines = self.stderr.decode(errors="replace").splitlines()
        self.calls = [(int(line.split()[2]), line.split()[3])
                      for line in lines if line.startswith("faults: call ")]
        totals = [line for line in lines if line.startswith("faults: allocations ")]
        self.allocations = int(totals[0].split()[2]) if totals else 0
        failed = re.search(r"faults: failed (\S+) (-?\d+)", "\n".join(lines))
        self.failed = failed[1] if failed else None  # the call's name
        self.client_lost = failed and failed[2] in ("0", "1")  # its streams
        self.answered = sorted(self.heard)
        self.doubled = [id for id, count in self.heard.items() if count > self.asked.get(id, 1)]
        self.lost = [id for id, count in self.asked.items()
                     if self.heard.get(id, 0) < count and id not in self.cancelled]
        # What came after this may not have been read, if the gate ended early.
        order = list(self.asked)
        read = max((order.index(id) for id in self.heard if id in order), default=-1)
        self.surely_lost = [id for id in self.lost if order.index(id) < read]


class Player:
    def __init__(self, program, stub, starts):
        """`starts`: a file in which the stub counts its starts."""
        self.program, self.stub, self.starts = program, stub, starts
        self.count = 0

    def play(self, case, fault):
        self.count += 1
        self.played = Played()
        self.start(case, fault)
        for line in (case / "client").read_text().splitlines():
            self.do(line.strip())
        self.finish()
        self.played.digest()
        return self.played

    def start(self, case, fault):
        open(self.starts, "w").close()
        arguments = case / "args"
        options = arguments.read_text().split("\n") if arguments.exists() else []
        command = case / "command"
        server = command.read_text().split() if command.exists() else \
            [self.stub, *map(str, sorted(case.glob("server*")))]
        self.mark = f"STDIOGATE_FAULT_RUN={self.starts}-{self.count}".encode()
        name, value = self.mark.decode().split("=")
        is_socket = (case / "streams").exists()
        (its_in, self.input), (self.output, its_out) = self.ends(is_socket), self.ends(is_socket)
        self.process = subprocess.Popen(
            [self.program, *OPTIONS, "--log-level", "info", *filter(None, options), "--", *server],
            stdin=its_in, stdout=its_out, stderr=subprocess.PIPE,
            env={**os.environ, name: value, "STDIOGATE_FAULTS": fault, "STUB_STARTS": self.starts})
        os.close(its_in)
        os.close(its_out)
        self.errors = self.process.stderr.fileno()
        self.open = {self.output, self.errors}
        self.buffer = b""
        self.lines = []

    @staticmethod
    def ends(is_socket):
        """Two ends; what is written to the second can be read from the first."""
        return tuple(one.detach() for one in socket.socketpair()) if is_socket else os.pipe()

    def do(self, line):
        command, _, rest = line.partition(" ")
        if command == "repeat":
            count, _, rest = rest.partition(" ")
            for number in range(1, int(count) + 1):
                self.do(rest.replace("#", str(number)))
        elif command == "send":
            self.send(rest)
        elif command in ("expect", "like"):
            self.take()
        elif command == "skip":
            for _ in range(int(rest)):
                self.take()
        elif command == "signal" and self.process.poll() is None:
            self.process.send_signal(getattr(signal, "SIG" + rest))
        elif command == "close":
            self.close_input()
        elif command == "stderr-like":
            self.wait_for(rest)

    def send(self, text):
        if self.input is None:
            return
        self.note(text)
        try:
            os.write(self.input, text.encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            self.played.asked.clear()  # nobody has read it, and perhaps not what was before it
            self.close_input()

    def note(self, text):
        try:
            message = json.loads(text)
        except ValueError:
            return
        for one in message if isinstance(message, list) else [message]:
            if isinstance(one, dict) and "method" in one:
                if "id" in one:
                    id = json.dumps(one["id"])
                    self.played.asked[id] = self.played.asked.get(id, 0) + 1
                elif one["method"] == "notifications/cancelled":
                    self.played.cancelled.add(json.dumps(one["params"]["requestId"]))

    def take(self):
        until = time.monotonic() + PATIENCE
        while not self.lines and self.output in self.open and time.monotonic() < until:
            self.pump(0.05)
        if self.lines:
            self.lines.pop(0)

    def wait_for(self, pattern):
        wanted = re.compile(".*".join(map(re.escape, pattern.split("*"))))
        until = time.monotonic() + PATIENCE
        while self.errors in self.open and time.monotonic() < until:
            if wanted.search(self.played.stderr.decode(errors="replace")):
                return
            self.pump(0.05)

    def pump(self, seconds):
        for fd in select.select(list(self.open), [], [], seconds)[0]:
            try:
                chunk = os.read(fd, 65536)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                self.open.discard(fd)
            elif fd == self.errors:
                self.played.stderr += chunk
            else:
                *lines, self.buffer = (self.buffer + chunk).split(b"\n")
                for line in lines:
                    self.hear(line)

    def hear(self, line):
        self.lines.append(line)
        message = json.loads(line)
        for one in message if isinstance(message, list) else [message]:
            if "method" not in one and one.get("id") is not None:
                id = json.dumps(one["id"])
                self.played.heard[id] = self.played.heard.get(id, 0) + 1

    def close_input(self):
        if self.input is not None:
            os.close(self.input)
        self.input = None

    def finish(self):
        self.close_input()
        until = time.monotonic() + END
        while self.open and time.monotonic() < until:
            self.pump(0.05)
        try:
            self.played.status = self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.played.hung = True
            self.process.kill()
            self.played.status = self.process.wait()
        self.played.left = self.left()
        os.close(self.output)
        self.process.stderr.close()

    def left(self):
        """How many processes are left, once they had time to end. Ends them."""
        until = time.monotonic() + 2
        while True:
            pids = [int(name) for name in os.listdir("/proc") if name.isdigit() and self.has_mark(name)]
            if not pids or time.monotonic() > until:
                break
            select.select([], [], [], 0.01)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return len(pids)

    def has_mark(self, name):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                return self.mark in file.read().split(b"\0")
        except OSError:
            return False
