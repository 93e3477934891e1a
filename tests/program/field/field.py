"""What a situation is played with: a gate, a client that is the test, and servers written beside it."""

import concurrent.futures
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = float(os.environ.get("FIELD_PATIENCE", 15))  # seconds; only a test that hangs waits so long
SITUATIONS = []
PROGRAM = os.path.abspath(sys.argv[1])

# What each server begins with.
SERVER = r"""
import json, os, signal, subprocess, sys, threading, time
def raw(data): sys.stdout.buffer.write(data); sys.stdout.buffer.flush()
def put(message): raw(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
def answer(m, result={}): put({"id": m["id"], "result": result})
def note(text): print(text, file=sys.stderr, flush=True)
def hello(m, **capabilities): answer(m, {"protocolVersion": m["params"]["protocolVersion"],
    "capabilities": capabilities, "serverInfo": {"name": "s", "version": "1"}})
def method(m): return m.get("method", "")
def lines(): return iter(sys.stdin.buffer.readline, b"")
def messages(): return (json.loads(line) for line in lines() if line.strip())
def on_signals(numbers, do):
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)  # a handler of Python's runs late if its signal comes just before a read
    def wait():
        while True: do(signal.sigwait(numbers))
    threading.Thread(target=wait, daemon=True).start()
"""


def situation(function):
    """Marks a function as one to be played; its name is the rule."""
    SITUATIONS.append(function)
    return function


class Failure(Exception):
    pass


def check(holds, what):
    if not holds:
        raise Failure(what)


def shown(what):
    text = repr(what)
    return text if len(text) < 500 else text[:250] + " ... " + text[-250:]


def equal(a, b):
    check(a == b, f"{shown(a)}\n    is not {shown(b)}")


def like(text, pattern):
    check(re.search(pattern, text, re.DOTALL), f"{shown(text)}\n    is not like {pattern!r}")


def pass_time(seconds):
    """Time that somebody takes in the situation itself: a person, a stopped client. Never to wait for something."""
    time.sleep(seconds)


class Waiter:
    """Lines of a stream, read in a thread of their own."""

    def __init__(self, stream, name):
        self.lines, self.ended, self.name, self.taken = [], False, name, 0
        self.change = threading.Condition()
        threading.Thread(target=self.read, args=(stream,), daemon=True).start()

    def read(self, stream):
        for line in stream:
            with self.change:
                self.lines.append(line.rstrip(b"\n"))
                self.change.notify_all()
        stream.close()
        with self.change:
            self.ended = True
            self.change.notify_all()

    def first(self, wanted, patience=PATIENCE):
        """Takes the first line that is not taken and is wanted; None if the stream has ended without one."""
        with self.change:
            until, at = time.monotonic() + patience, 0
            while True:
                while at < len(self.lines):
                    if self.lines[at] is not None and wanted(self.lines[at]):
                        line, self.lines[at] = self.lines[at], None
                        return line
                    at += 1
                if self.ended:
                    return None
                if not self.change.wait(until - time.monotonic()):
                    raise Failure(f"nothing like that on {self.name} for a long time; there is {self.text()[-600:]!r}")

    def text(self):
        return b"\n".join(line for line in self.lines if line is not None).decode(errors="replace")


def python(server):
    return [sys.executable, "-S", "-c", SERVER + server]


class Gate:
    def __init__(self, options, server, read=True, **popen):
        command = server if isinstance(server, list) else python(server)
        self.process = subprocess.Popen([*popen.pop("wrap", []), PROGRAM, *options, "--", *command],
                                        **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE,
                                           "stderr": subprocess.PIPE, **popen})
        self.pid = self.process.pid
        self.output = self.errors = None
        if read:
            self.read_output()
        if self.process.stderr:
            self.errors = Waiter(self.process.stderr, "stderr")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdin and not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except OSError:
                pass

    def read_output(self):
        self.output = Waiter(self.process.stdout, "stdout")

    def send(self, data):
        if isinstance(data, dict):
            data = json.dumps({"jsonrpc": "2.0", **data}, separators=(",", ":")).encode()
        if isinstance(data, str):
            data = data.encode()
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def request(self, id, name, params=None):
        self.send({"id": id, "method": name, **({} if params is None else {"params": params})})

    def call(self, id, name, params=None):
        self.request(id, name, params)
        return self.answer(id)

    def notify(self, name, params=None):
        self.send({"method": name, **({} if params is None else {"params": params})})

    def take(self, wanted):
        line = self.output.first(wanted)
        check(line is not None, f"stdout has ended; there was {self.output.text()!r}; stderr {self.errors and self.errors.text()[-400:]!r}")
        return line

    def answer_line(self, id):
        return self.take(lambda line: is_answer(line, id))

    def answer(self, id):
        return json.loads(self.answer_line(id))

    def error(self, id):
        message = self.answer(id)
        check("error" in message, f"no error: {message}")
        return message["error"]

    def result(self, id):
        message = self.answer(id)
        check("result" in message, f"no result: {message}")
        return message["result"]

    def asked(self, name):
        """The next request or notification of the server's with this method."""
        return json.loads(self.take(lambda line: has_method(line, name)))

    def initialize(self, id=0, version="2025-06-18", **capabilities):
        result = self.call(id, "initialize", {"protocolVersion": version, "capabilities": capabilities,
                                              "clientInfo": {"name": "host", "version": "1"}})
        check("result" in result, f"not initialized: {result}")
        self.notify("notifications/initialized")
        return result["result"]

    def stderr_line(self, pattern):
        line = self.errors.first(lambda line: re.search(pattern.encode(), line))
        check(line is not None, f"stderr has ended without {pattern!r}: {self.errors.text()!r}")
        return line.decode(errors="replace")

    def signal(self, number):
        self.process.send_signal(number)

    def close(self):
        self.process.stdin.close()

    def status(self, patience=PATIENCE):
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Failure(f"the gate does not end; stderr {self.errors and self.errors.text()[-400:]!r}") from None

    def end(self, status=0):
        """Closes; all is read, and the gate ends with this status. The lines nobody took, and stderr."""
        if not self.process.stdin.closed:
            self.close()
        self.output.first(lambda line: False)
        if self.errors:
            self.errors.first(lambda line: False)
        equal(self.status(), status)
        return self.output.text(), self.errors.text() if self.errors else ""


def parsed(line):
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def is_answer(line, id):
    message = parsed(line)
    return message.get("id", "") == id and type(message.get("id")) is type(id) and message.get("method") is None


def has_method(line, name):
    return parsed(line).get("method") == name


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def until_gone(pid):
    """Waits for the end of a process that is not ours."""
    try:
        end = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with open(end, "rb"):
        check(select.select([end], [], [], PATIENCE)[0], f"process {pid} is still there")


def play(one):
    """What is wrong, or why it was skipped; None if it is as it should be."""
    with tempfile.TemporaryDirectory(prefix="stdiogate-field-") as folder:
        try:
            return one(folder) if one.__code__.co_argcount else one()
        except Failure as failure:
            return str(failure)
        except Exception as problem:  # whatever it is, the next one is played
            return f"{type(problem).__name__}: {problem}"


def main():
    names = sys.argv[2:]
    chosen = [one for one in SITUATIONS if not names or any(name in one.__name__ for name in names)]
    failed = skipped = 0
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for one, problem in zip(chosen, pool.map(play, chosen)):
            if problem and problem.startswith("skipped"):
                skipped += 1
            elif problem:
                failed += 1
                print(f"FAIL {one.__name__}\n    {problem}", flush=True)
    print(f"field: {len(chosen) - failed - skipped} situations as they should be, {failed} not, {skipped} skipped; "
          f"{time.monotonic() - begin:.0f} s")
    sys.exit(1 if failed or not chosen else 0)
