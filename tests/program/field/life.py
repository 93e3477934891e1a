"""How a server begins, ends and is followed by another."""

import json
import os
import signal
import subprocess
import time

from field import Gate, alive, check, equal, like, pass_time, situation, until_gone

# In a folder of its own: the number of this start, from 1 on.
COUNTS = r"""
with open("starts", "a") as file: file.write(".")
start = os.path.getsize("starts")
"""
SERVES = r"""
for m in messages():
    if method(m) == "initialize": hello(m, tools={})
    elif method(m) == "die": os._exit(3)
    elif "id" in m: answer(m, {"start": globals().get("start", 0)})
"""


def starts(folder):
    try:
        return os.path.getsize(folder + "/starts")
    except OSError:
        return 0


@situation
def a_probe_that_kills_an_older_server_is_answered_at_once_and_counts_as_no_failure(folder):
    server = COUNTS + r"""
for m in messages():
    if not globals().get("ready") and method(m) != "initialize": note("expected initialize"); sys.exit(1)
    ready = True
    if method(m) == "initialize": hello(m)
    elif "id" in m: answer(m)
"""
    with Gate([], server, cwd=folder) as gate:
        gate.request(1, "server/discover", {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}})
        equal(gate.error(1)["code"], -31003)
        gate.initialize(id=2)
        check("result" in gate.call(3, "tools/list"), "no result")
        gate.end()
    equal(starts(folder), 2)


@situation
def the_initialize_that_was_refused_is_not_the_one_that_opens_the_next_session(folder):
    server = COUNTS + r"""
for m in messages():
    if method(m) == "initialize":
        name = m["params"]["clientInfo"]["name"]
        if name == "refused": put({"id": m["id"], "error": {"code": -32600, "message": "already initialized"}})
        else: hello(m); who = name
    elif method(m) == "die": os._exit(3)
    elif "id" in m: answer(m, {"who": who, "start": start})
"""
    with Gate([], server, cwd=folder) as gate:
        for id, name in ((0, "accepted"), (1, "refused")):
            gate.call(id, "initialize", {"protocolVersion": "2025-06-18", "clientInfo": {"name": name, "version": "1"}})
        gate.notify("notifications/initialized")
        gate.request(2, "die")
        equal(gate.error(2)["code"], -31003)
        equal(gate.call(3, "x")["result"], {"who": "accepted", "start": 2})
        gate.end()


NO_SUCH = (("no such file", "/no/such", 127), ("not executable", "/etc/passwd", 126), ("a directory", "/etc", 126))


def gate_status(gate, status):
    gate.close()
    return gate.status() == status


ERA = r"""
era = None
for m in messages():
    meta = m.get("params", {}).get("_meta", {})
    if method(m) != "server/discover" or not meta: era = era or meta.get("io.modelcontextprotocol/protocolVersion", "2025")
    if "id" in m: answer(m, {"era": era})
"""
META = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}


def after_a_reload(server, before=()):
    with Gate(["--log-level", "info"], server) as gate:
        for number, (name, params) in enumerate(before):
            gate.call(number, name, params)
        was = gate.call(100, "x", META)["result"]
        gate.signal(signal.SIGUSR2)
        gate.stderr_line("reloaded|took over|server-replaced|server-taken|replaced")
        is_now = gate.call(101, "x", META)["result"]
        out, _ = gate.end()
        equal(out, "")
        return was, is_now


@situation
def a_replaced_server_gets_its_end_at_once_in_an_idle_gate_and_leaves_no_zombie():
    server = r"""
note("started %d" % os.getpid())
for m in messages():
    if method(m) == "initialize": hello(m)
    elif "id" in m: answer(m)
note("%d has its end" % os.getpid())
"""
    for session in (False, True):
        with Gate([], server) as gate:
            first = int(gate.stderr_line("started").split()[1])
            if session:
                gate.initialize()
            else:
                gate.call(1, "x")
            gate.signal(signal.SIGUSR2)
            gate.stderr_line("started")
            gate.stderr_line(f"{first} has its end")
            until_gone(first)
            until = time.monotonic() + 5
            while zombies(gate.pid):
                check(time.monotonic() < until, "a zombie stays")
                time.sleep(0.01)
            gate.end()


def zombies(top):
    """Zombies below a process."""
    parents = {}
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                state, parent = file.read().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        parents[int(name)] = int(parent)
        if state == "Z":
            found.append(int(name))

    def below(pid):
        while pid not in (0, 1, top):
            pid = parents.get(pid, 0)
        return pid == top
    return [pid for pid in found if below(pid)]


SAVES = r"""
def save(why):
    note("saving: " + why)
    time.sleep(%s)
    open("saved", "w").close()
    note("saved")
    os._exit(0)
"""


@situation
def a_server_that_saves_for_a_second_at_the_end_of_its_input_has_the_time(folder):
    server = SAVES % 1.0 + "signal.signal(signal.SIGTERM, lambda *_: note('SIGTERM'))\n" + SERVES + "save('end')\n"
    with Gate([], server, cwd=folder) as gate:
        gate.initialize()
        _, errors = gate.end()
        check("SIGTERM" not in errors, errors)
    check(os.path.exists(folder + "/saved"), "not saved")


@situation
def a_grace_the_user_has_given_is_obeyed_after_a_signal(folder):
    server = SAVES % 1.2 + "signal.signal(signal.SIGTERM, lambda *_: save('SIGTERM'))\nnote('ready')\n" + SERVES + "while True: time.sleep(0.02)\n"
    with Gate(["--grace", "8s"], server, cwd=folder) as gate:
        gate.stderr_line("ready")
        gate.signal(signal.SIGTERM)
        gate.status()
    check(os.path.exists(folder + "/saved"), "not saved")


@situation
def a_signal_of_a_host_ends_all_in_a_second_where_no_grace_was_given(folder):
    server = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nnote('ready %d' % os.getpid())\n" + SERVES + "while True: time.sleep(0.02)\n"
    with Gate([], server, cwd=folder) as gate:
        pid = int(gate.stderr_line("ready").split()[1])
        begin = time.monotonic()
        gate.signal(signal.SIGTERM)
        equal(gate.status(), -signal.SIGTERM if gate.process.returncode == -signal.SIGTERM else 128 + signal.SIGTERM)
        check(time.monotonic() - begin < 1.5, f"it took {time.monotonic() - begin:.1f} s")
        until_gone(pid)


@situation
def a_script_gets_all_its_answers_before_the_server_gets_its_end():
    import field
    server = r"""
def work(m): time.sleep(0.3); answer(m)
threads = []
for m in messages():
    if "id" in m: threading.Thread(target=work, args=(m,), daemon=True).start()
os._exit(0)
"""
    text = "".join('{"jsonrpc":"2.0","id":%d,"method":"x"}\n' % n for n in range(5))
    done = subprocess.run([field.PROGRAM, "--", *field.python(server)], input=text.encode(), capture_output=True)
    equal(sorted(json.loads(line).get("result", "none") == {} for line in done.stdout.splitlines()), [True] * 5)


@situation
def an_open_listen_at_the_end_gets_what_the_server_says_or_that_it_has_ended():
    for server, expected in (("m = next(messages())\nlist(lines())\nanswer(m)\n", "result"), ("list(lines())\n", -31003)):
        with Gate([], server) as gate:
            gate.request("sub", "subscriptions/listen", {})
            gate.close()
            message = gate.answer("sub")
            check(expected in message or message["error"]["code"] == expected, f"{message}")
            gate.end()


INTERRUPTED = r"""
open("lock", "w").close()
note("ready")
try:
    for m in messages(): hello(m)
except KeyboardInterrupt: pass
finally:
    time.sleep(0.2)
    os.unlink("lock")
"""


@situation
def an_open_request_is_answered_when_an_interrupt_ends_the_server(folder):
    with Gate([], COUNTS + "note('ready')\nfor m in messages(): note('got it')\n", cwd=folder) as gate:
        gate.stderr_line("ready")
        gate.request(1, "x")
        gate.stderr_line("got it")
        gate.signal(signal.SIGINT)
        equal(gate.error(1)["code"], -31004)
        equal(gate.status(), 130)
    equal(starts(folder), 1)


@situation
def an_agent_that_crashes_before_it_has_a_session_is_started_again(folder):
    server = COUNTS + r"""
for m in messages():
    if method(m) == "die": os._exit(7)
    answer(m, {"protocolVersion": 1, "start": start})
"""
    with Gate([], server, cwd=folder) as gate:
        gate.call(0, "initialize", {"protocolVersion": 1})
        gate.request(2, "die")
        gate.error(2)
        equal(gate.call(3, "x")["result"]["start"], 2)
        gate.end()


@situation
def a_launcher_that_leaves_its_server_behind_is_not_the_end():
    server = r"""
if os.fork() == 0:
    for m in messages(): answer(m)
    os._exit(0)
os._exit(0)
"""
    with Gate([], server) as gate:
        for n in range(3):
            check("result" in gate.call(n, "x"), "no result")
            pass_time(0.1)
        gate.end()


@situation
def a_server_that_ends_at_once_as_if_its_input_had_ended_is_named():
    with Gate([], ["sh", "-c", "read -r line; exit 0"]) as gate:  # as docker run without -i ends
        gate.request(1, "initialize", {})
        error = gate.error(1)
        equal(error["code"], -31003)
        like(error["message"] + gate.errors.text(), "end of its input|status 0")
        gate.status()


@situation
def a_hard_end_of_the_gate_ends_the_server_within_a_second():
    with Gate([], "note('ready %d' % os.getpid())\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVES + "while True: time.sleep(0.02)\n") as gate:
        pid = int(gate.stderr_line("ready").split()[1])
        gate.process.kill()
        begin = time.monotonic()
        until_gone(pid)
        check(time.monotonic() - begin < 1.5, "it took long")
        check(not alive(pid), "it lives")
