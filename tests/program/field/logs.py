"""What is said on stderr, in the log, and in the error of a server that has ended."""

import json
import os
import socket
import subprocess
import time

import field
from field import Gate, Waiter, check, equal, like, pass_time, situation
from starts import SERVES

FLOOD = r"""
for n in range(6000): print("DEBUG loading module number %d " % n + "." * 40, file=sys.stderr)
note("FATAL: DATABASE_URL is not set")
sys.exit(3)
"""


@situation
def the_last_words_of_a_server_that_logs_much_are_read():
    for pause in (0, 0.5):
        gate = subprocess.Popen([field.PROGRAM, "--restart", "never", "--", *field.python(FLOOD)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        pass_time(pause)
        lines = gate.stderr.read().decode().splitlines()
        equal(gate.wait(), 3)
        gate.stdin.close()
        gate.stdout.close()
        gate.stderr.close()
        check(any(line.startswith("FATAL") for line in lines), "the last words are lost")
        equal(sum(line.startswith("DEBUG") for line in lines), 6000)
        check(not any(line.count("DEBUG") > 1 for line in lines), "glued lines")


@situation
def a_stderr_nobody_reads_holds_up_nothing_and_keeps_the_newest_whole_lines():
    server = r"""
for m in messages():
    for n in range(3000): os.write(2, b"line %05d of call %d " % (n, m["params"]["n"]) + b"." * 400 + b"\n")
    answer(m)
"""
    read, write = os.pipe()
    with Gate([], server, stderr=write) as gate:
        os.close(write)
        for n in range(3):
            gate.call(n, "x", {"n": n})
        errors = Waiter(os.fdopen(read, "rb"), "stderr")
        gate.close()
        errors.first(lambda line: False)
        equal(gate.status(), 0)
        text = errors.text()
        like(text, "line 02999 of call 2 ")
        like(text, "dropped")
        for line in text.splitlines():
            check(line.count("of call") <= 1, "glued: " + line[:90])
            check("of call" not in line or len(line) == len("line 02999 of call 2 ") + 400, "cut: " + line[:90])


def one_pipe(kind):
    server = r"""
for m in messages():
    note("[info] call %d" % m["params"]["n"])
    answer(m, {"text": "x" * 300000})
    note("[info] done %d" % m["params"]["n"])
"""
    if kind == "pipe":
        read, write = os.pipe()
    else:
        one, other = socket.socketpair()
        read, write = one.detach(), other.detach()
    gate = subprocess.Popen([field.PROGRAM, "--", *field.python(server)], stdin=subprocess.PIPE, stdout=write, stderr=write)
    os.close(write)
    for n in range(20):
        gate.stdin.write(b'{"jsonrpc":"2.0","id":%d,"method":"x","params":{"n":%d}}\n' % (n, n))
    gate.stdin.close()
    data = b""
    while chunk := os.read(read, 65536):
        data += chunk
        pass_time(0.002)
    os.close(read)
    equal(gate.wait(), 0)
    answers = [json.loads(line)["id"] for line in data.splitlines() if line.startswith(b"{") and line.endswith(b"}")]
    logs = [line for line in data.splitlines() if line.startswith(b"[info]")]
    equal((kind, sorted(answers), len(logs), len(data.splitlines())), (kind, list(range(20)), 40, 60))


@situation
def one_pipe_for_stdout_and_stderr_carries_whole_lines():
    one_pipe("pipe")


@situation
def one_socket_for_stdout_and_stderr_carries_whole_lines():
    one_pipe("socket")


@situation
def a_log_that_was_renamed_or_removed_is_made_anew(folder):
    log = folder + "/gate.log"
    with Gate(["--log-level", "debug", "--log-file", log], SERVES) as gate:
        gate.call(1, "x")
        os.rename(log, log + ".1")
        gate.call(2, "x")
        wait_for(log, "method=x", gate)
        os.unlink(log)
        wait_for(log, "method=x", gate)
        gate.end()
    equal(os.stat(log).st_mode & 0o777, 0o600)


def wait_for(log, text, gate):
    until, n = time.monotonic() + 8, 10
    while True:
        gate.call(n, "x")
        n += 1
        try:
            with open(log) as file:
                like(file.read(), text)
            return
        except (OSError, field.Failure):
            check(time.monotonic() < until, "the log is not made anew")
            pass_time(0.05)


@situation
def a_log_has_a_limit(folder):
    log = folder + "/gate.log"
    with Gate(["--log-level", "debug", "--log-file", log, "--file-limit", "8K"], SERVES) as gate:
        for n in range(150):
            gate.call(n, "x")
        gate.end()
    for name in (log, log + ".1"):
        check(0 < os.path.getsize(name) <= 8192, f"{name} has {os.path.getsize(name)} bytes")


@situation
def a_disk_that_is_full_for_a_moment_ends_no_log(folder):
    if os.geteuid() != 0:
        return "skipped: not root"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True).returncode != 0:
        return "skipped: no mount"
    try:
        log = folder + "/gate.log"
        with Gate(["--log-level", "debug", "--log-file", log], SERVES) as gate:
            gate.call(1, "x")
            try:
                with open(folder + "/fill", "wb", buffering=0) as file:
                    while file.write(b"x" * 4096):
                        pass
            except OSError:
                pass
            for n in range(2, 60):
                gate.call(n, "x")
            os.unlink(folder + "/fill")
            wait_for(log, "lost|dropped", gate)
            gate.end()
    finally:
        subprocess.run(["umount", folder])


def last_words(data, *options, env=None):
    server = f"DATA = {data!r}\n" + r"""
sys.stdin.buffer.readline()
while DATA: DATA = DATA[os.write(2, DATA):]
os._exit(1)
"""
    done = subprocess.run([field.PROGRAM, "--restart", "never", *options, "--", *field.python(server)], capture_output=True,
                          input=b'{"jsonrpc":"2.0","id":1,"method":"x"}\n', env={**os.environ, **(env or {})})
    return json.loads(done.stdout)["error"]["data"].get("stderr"), done.stderr


@situation
def last_words_are_whole_characters_and_at_most_2_kib_as_the_client_has_them():
    for name, data in (("euro signs", "\u20ac".encode() * 5000), ("one byte before", b"a" + "\u20ac".encode() * 5000 + b"\n"),
                       ("bytes that are none", b"\xff" * 5000), ("latin 1", b"\xe9t\xe9 " * 750 + b"\n"),
                       ("emoji", "\U0001f600".encode() * 3000 + b"bc\n"), ("two bytes", "\u00e9".encode() * 3000)):
        text, _ = last_words(data)
        check(0 < len(text.encode()) <= 2048, f"{name}: {len(text.encode())} bytes")
        check(len(text.encode()) > 1900, f"{name}: only {len(text.encode())} bytes")
        check("\ufffd" not in text or b"\xff" in data or b"\xe9t" in data, f"{name}: cut")


@situation
def secrets_of_the_environment_are_masked_in_an_error():
    text, errors = last_words(b"cannot sign in with sk-123456789abc and hunter22 but short\n",
                              env={"MY_API_KEY": "sk-123456789abc", "DB_PASSWORD": "hunter22", "TINY_TOKEN": "short", "PLAIN": "cannot"})
    equal(text, "cannot sign in with *** and *** but short\n")
    check(b"sk-123456789abc" in errors, "what passes to stderr passes unchanged")
    equal(last_words(b"a secret\n", "--server-stderr", "discard")[0], None)


@situation
def a_long_line_in_the_log_says_that_it_was_cut():
    done = subprocess.run([field.PROGRAM, "--restart", "never", "--server-stderr", "log", "--log-level", "info", "--",
                           *field.python("os.write(2, '\u20ac'.encode() * 5000 + b'\\n')")], stdin=subprocess.DEVNULL, capture_output=True)
    text = done.stderr.decode()
    check("\\ufffd" not in text and "\ufffd" not in text, "a character is cut")
    like(text, "15000|1[01]\\d\\d\\d more|bytes")
