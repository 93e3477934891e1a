"""Servers that are replaced, or stopped while nobody uses them."""

import os
import signal
import time

from field import Gate, check, equal, like, pass_time, situation, until_gone
from starts import COUNTS, SERVES, starts

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
def a_server_that_takes_its_era_from_its_first_line_has_the_same_after_a_reload():
    equal(after_a_reload(ERA), ({"era": "2026-07-28"}, {"era": "2026-07-28"}))


@situation
def a_reload_asks_with_the_clients_own_discover_if_there_was_one():
    server = r"""
seen = []
for m in messages():
    seen.append(method(m))
    if method(m) == "ping": note("a bare ping"); os._exit(5)
    if "id" in m: answer(m, {"first": seen[0]})
"""
    equal(after_a_reload(server, [("server/discover", META)])[1], {"first": "server/discover"})


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


@situation
def a_reload_that_fails_says_why(folder):
    server = COUNTS + "if start > 1: note('address already in use'); sys.exit(4)\n" + SERVES
    with Gate([], server, cwd=folder) as gate:
        gate.initialize()
        gate.signal(signal.SIGUSR2)
        line = gate.stderr_line(" (warn|error) .*reload")
        like(line, "4.*address already in use")
        equal(gate.call(1, "x")["result"], {"start": 1})
        gate.end()


@situation
def an_idle_server_is_stopped_and_started_by_the_next_line(folder):
    with Gate(["--idle-stop", "200ms", "--log-level", "info"], COUNTS + SERVES + "note('end of %d' % start)\n", cwd=folder) as gate:
        gate.initialize()
        equal(gate.call(1, "x")["result"], {"start": 1})
        gate.stderr_line("end of 1")
        equal(gate.call(2, "x")["result"], {"start": 2})
        gate.end()


@situation
def a_server_with_something_open_is_not_idle(folder):
    server = COUNTS + r"""
for m in messages():
    if method(m) == "initialize": hello(m, resources={"subscribe": True})
    elif method(m) == "later": threading.Timer(0.7, answer, (m,)).start()
    elif "id" in m: answer(m, {"start": start})
"""
    with Gate(["--idle-stop", "150ms"], server, cwd=folder) as gate:
        gate.initialize()
        gate.call(1, "later")
        gate.call(2, "resources/subscribe", {"uri": "a"})
        pass_time(0.6)
        equal(gate.call(3, "x")["result"], {"start": 1})
        gate.end()


@situation
def a_goodbye_with_always_is_followed_by_a_start_when_it_is_needed(folder):
    server = COUNTS + r"""
for m in messages():
    answer(m, {"start": start})
    if start == 1: sys.exit(0)
"""
    with Gate(["--restart", "always", "--log-level", "info"], server, cwd=folder) as gate:
        equal(gate.call(1, "x")["result"], {"start": 1})
        gate.stderr_line("server-exited")
        pass_time(0.3)
        equal(starts(folder), 1)
        equal(gate.call(2, "x")["result"], {"start": 2})
        gate.end()
