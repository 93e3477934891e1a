"""Servers that count their starts, the first start and the session that outlives a server."""

import os

from field import Gate, check, equal, like, situation

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
def an_initialize_a_first_start_has_lost_goes_to_the_next(folder):
    server = COUNTS + "if start == 1: note('npm error ENOTEMPTY'); sys.exit(217)\n" + SERVES
    with Gate([], server, cwd=folder) as gate:
        gate.initialize()
        equal(gate.call(1, "x")["result"], {"start": 2})
        gate.end()
    equal(starts(folder), 2)


@situation
def an_initialize_that_a_server_has_read_and_lost_goes_to_the_next_with_what_followed(folder):
    server = COUNTS + r"""
for m in messages():
    if start == 1: os.kill(os.getpid(), signal.SIGKILL)
    note("got " + method(m))
    if method(m) == "initialize": hello(m)
    elif "id" in m: answer(m)
"""
    with Gate([], server, cwd=folder) as gate:
        gate.request(0, "initialize", {"protocolVersion": "2025-06-18"})
        gate.notify("notifications/initialized")
        gate.result(0)
        gate.stderr_line("got initialize")
        gate.stderr_line("got notifications/initialized")
        gate.call(1, "ping")
        gate.end()


@situation
def a_ping_a_first_start_has_lost_goes_to_the_next(folder):
    server = COUNTS + "if start == 1: sys.stdin.buffer.readline(); sys.exit(1)\n" + SERVES
    with Gate([], server, cwd=folder) as gate:
        check("result" in gate.call(1, "ping"), "no result")
        gate.end()


@situation
def a_sign_in_that_was_refused_is_not_tried_six_times(folder):
    server = COUNTS + "time.sleep(0.2); note('sign-in refused'); sys.exit(1)\n"
    with Gate([], server, cwd=folder) as gate:
        gate.request(0, "initialize", {"protocolVersion": "2025-06-18"})
        error = gate.error(0)
        equal(error["code"], -31003)
        like(error["data"]["stderr"], "sign-in refused")
        like(error["message"], "status 1")
        equal(gate.status(), 1)
    equal(starts(folder), 2)


@situation
def nobody_waits_so_a_first_start_that_failed_is_the_last(folder):
    with Gate([], COUNTS + "note('no licence'); sys.exit(9)\n", cwd=folder) as gate:
        equal(gate.status(), 9)
    equal(starts(folder), 1)


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


@situation
def a_second_initialize_that_was_accepted_is_the_one_that_is_kept(folder):
    server = COUNTS + r"""
for m in messages():
    if method(m) == "initialize": hello(m); who = m["params"]["clientInfo"]["name"]
    elif method(m) == "die": os._exit(3)
    elif "id" in m: answer(m, {"who": who})
"""
    with Gate([], server, cwd=folder) as gate:
        for id, name in ((0, "first"), (0, "second")):
            gate.call(id, "initialize", {"protocolVersion": "2025-06-18", "clientInfo": {"name": name, "version": "1"}})
        gate.notify("notifications/initialized")
        gate.request(2, "die")
        gate.error(2)
        equal(gate.call(3, "x")["result"], {"who": "second"})
        gate.end()


@situation
def a_large_initialize_is_kept_too(folder):
    with Gate([], COUNTS + SERVES, cwd=folder) as gate:
        gate.call(0, "initialize", {"protocolVersion": "2025-06-18", "capabilities": {"experimental": {"x": "y" * 300_000}}})
        gate.notify("notifications/initialized")
        gate.request(2, "die")
        gate.error(2)
        equal(gate.call(3, "x")["result"], {"start": 2})
        gate.end()


@situation
def what_a_session_has_set_up_is_set_up_again(folder):
    server = COUNTS + r"""
seen = []
for m in messages():
    if method(m) == "initialize": hello(m, resources={"subscribe": True}, logging={})
    elif method(m) == "die": os._exit(3)
    elif method(m) == "seen": answer(m, {"start": start, "seen": seen})
    elif method(m) in ("resources/subscribe", "resources/unsubscribe", "logging/setLevel"):
        seen.append(method(m) + " " + str(m["params"].get("uri") or m["params"].get("level")))
        if m["params"].get("uri") == "bad": put({"id": m["id"], "error": {"code": 1, "message": "no"}})
        else: answer(m)
"""
    with Gate([], server, cwd=folder) as gate:
        gate.initialize()
        id = 1
        for name, params in (("resources/subscribe", {"uri": "a"}), ("resources/subscribe", {"uri": "b"}),
                             ("logging/setLevel", {"level": "debug"}), ("resources/unsubscribe", {"uri": "a"}),
                             ("resources/subscribe", {"uri": "bad"}), ("logging/setLevel", {"level": "error"})):
            gate.call(id, name, params)
            id += 1
        gate.request(50, "die")
        gate.error(50)
        again = gate.call(51, "seen")["result"]
        equal((again["start"], sorted(again["seen"])), (2, ["logging/setLevel error", "resources/subscribe b"]))
        out, _ = gate.end()
        equal(out, "")


@situation
def servers_that_never_served_leave_their_status_and_words(folder):
    server = COUNTS + "if start > 1: note('no licence'); sys.exit(9)\n" + r"""
for m in messages():
    if method(m) == "die": note("I am fine"); os.kill(os.getpid(), signal.SIGKILL)
    elif method(m) == "initialize": hello(m)
    elif "id" in m: answer(m)
"""
    for session in (False, True):
        if starts(folder):
            os.unlink(folder + "/starts")
        with Gate(["--max-restarts", "2"], server, cwd=folder) as gate:
            if session:
                gate.initialize()
            gate.call(1, "x")
            gate.request(2, "die")
            equal(gate.error(2)["data"]["signal"], "SIGKILL")
            gate.request(3, "waits")
            error = gate.error(3)
            like(error["data"]["stderr"], "no licence")
            equal(error["data"]["status"], 9)
            equal(gate.status(), 9)


@situation
def a_start_that_takes_longer_than_a_call_is_given_its_time_and_then_a_fresh_server(folder):
    server = r"""
first = not os.path.exists("started")
open("started", "w").close()
note("still downloading")
for m in messages():
    if not first: hello(m)
"""
    with Gate(["--start-timeout", "2s"], server, cwd=folder) as gate:
        gate.request(1, "initialize", {"protocolVersion": "2025-06-18"})
        error = gate.error(1)
        equal(error["code"], -31002)
        like(error["data"]["stderr"], "still downloading")
        gate.call(2, "initialize", {"protocolVersion": "2025-06-18"})
        gate.end()
