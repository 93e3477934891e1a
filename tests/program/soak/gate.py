"""A running gate, its pipes and what can be seen of it from outside."""

import collections
import fcntl
import json
import os
import select
import signal
import subprocess
import termios
import time

CHUNK = 65536
LEFT = 3.0  # seconds in which all that was started is gone


def text(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def descendants(pid):
    found = []
    for child in map(int, text(f"/proc/{pid}/task/{pid}/children").split()):
        found += [child, *descendants(child)]
    return found


class Gate:
    def __init__(self, command, mark):
        """`mark`: stands in the environment of all that comes of it."""
        self.mark = f"STDIOGATE_SOAK={mark}".encode()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "STDIOGATE_SOAK": mark})
        self.pid = self.process.pid
        self.input, self.output, self.errors = (
            stream.fileno() for stream in
            (self.process.stdin, self.process.stdout, self.process.stderr))
        for fd in (self.input, self.output, self.errors):
            os.set_blocking(fd, False)
        self.to_send = collections.deque()
        self.partial = b""
        self.stderr = b""
        self.reads = True  # whether what it says is read now
        self.piece = CHUNK  # how much is written at once
        self.ended = False  # its stdout

    def send(self, line):
        self.to_send.append(line)

    def pump(self, seconds):
        """Writes and reads for at most so long, as far as there is anything. Returns lines."""
        ready = [self.errors] + ([self.output] if self.reads and not self.ended else [])
        wants = [self.input] if self.to_send and not self.process.stdin.closed else []
        readable, writable, _ = select.select(ready if not self.stderr_ended() else ready[1:],
                                              wants, [], seconds)
        if writable:
            self.write()
        if self.errors in readable:
            self.read_stderr()
        return self.read() if self.output in readable else []

    def stderr_ended(self):
        return self.process.stderr.closed

    def write(self):
        line = self.to_send.popleft()
        try:
            done = os.write(self.input, line[:self.piece])
        except BlockingIOError:
            done = 0
        except BrokenPipeError:
            self.to_send.clear()
            return self.close_input()
        if done < len(line):
            self.to_send.appendleft(line[done:])

    def read(self):
        chunk = os.read(self.output, CHUNK)
        if not chunk:
            self.ended = True
            return [self.partial] if self.partial else []
        *lines, self.partial = (self.partial + chunk).split(b"\n")
        return lines

    def read_stderr(self):
        chunk = os.read(self.errors, CHUNK)
        self.stderr = (self.stderr + chunk)[-100_000:]
        if not chunk:
            self.process.stderr.close()

    def close_input(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()

    def close_output(self):
        self.process.stdout.close()
        self.reads = False
        self.ended = True

    def signal(self, number):
        if self.process.poll() is None:
            os.kill(self.pid, number)

    def unread(self):
        """Bytes in the pipe to it."""
        count = fcntl.ioctl(self.input, termios.FIONREAD, b"\0" * 4)
        return int.from_bytes(count, "little")

    # What can be seen

    def servers(self):
        return [pid for pid in descendants(self.pid)
                if b"soak/server" in text(f"/proc/{pid}/cmdline")]

    def memory(self):
        """Bytes that are in memory, its own and its watchers'."""
        total = 0
        for line in text(f"/proc/{self.pid}/status").splitlines():
            if line.startswith(b"VmRSS:"):
                total = 1024 * int(line.split()[1])
        return total

    def descriptors(self):
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except OSError:
            return 0

    def statistics(self, until):
        """Asks for them; nothing if none came."""
        self.stderr = b""
        self.signal(signal.SIGUSR1)
        while time.monotonic() < until and not self.stderr_ended():
            self.pump(0.05)
            for line in self.stderr.splitlines(keepends=True):
                if line.startswith(b'{"requests":') and line.endswith(b"}\n"):
                    return json.loads(line)
        return None

    def left(self):
        """How many processes it has left behind, once they had time to end. Ends them."""
        until = time.monotonic() + LEFT
        while True:
            pids = [int(name) for name in os.listdir("/proc") if name.isdigit()
                    if self.mark in text(f"/proc/{name}/environ").split(b"\0")]
            if not pids or time.monotonic() > until:
                break
            select.select([], [], [], 0.02)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return len(pids)

    def close(self):
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
