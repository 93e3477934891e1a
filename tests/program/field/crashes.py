"""Servers that crash, and what they leave open."""

import os

from field import Gate, check, equal, pass_time, situation
from starts import COUNTS, starts


@situation
def an_agent_that_crashes_ends_the_gate_so_that_the_editor_can_load_its_session(folder):
    server = COUNTS + r"""
for m in messages():
    if method(m) == "initialize": answer(m, {"protocolVersion": 1})
    elif method(m) in ("session/new", "session/load"): answer(m, {"sessionId": "s"})
    elif m.get("params", {}).get("die"): os._exit(7)
    else: answer(m)
"""
    for name in ("session/new", "session/load"):
        with Gate([], server, cwd=folder) as gate:
            gate.call(0, "initialize", {"protocolVersion": 1})
            gate.call(1, name, {"cwd": "/", "sessionId": "s"})
            gate.request(2, "session/prompt", {"die": True})
            equal(gate.error(2)["code"], -31003)
            equal(gate.status(), 7)
    equal(starts(folder), 2)


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
def a_question_of_a_server_that_has_died_is_taken_back(folder):
    server = COUNTS + r"""
for m in messages():
    if method(m) == "initialize": hello(m)
    elif method(m) == "ask":
        for q in ("elicitation/create", "sampling/createMessage"): put({"id": q, "method": q, "params": {}})
    elif method(m) == "notifications/die": os._exit(1)
    elif "id" in m: answer(m)
"""
    with Gate([], server, cwd=folder) as gate:
        gate.initialize()
        gate.request(1, "ask")
        ids = [gate.asked(name)["id"] for name in ("elicitation/create", "sampling/createMessage")]
        gate.notify("notifications/die")
        equal(sorted(gate.asked("notifications/cancelled")["params"]["requestId"] for _ in ids), sorted(ids))
        equal(gate.error(1)["code"], -31003)
        gate.send({"id": ids[0], "result": {"action": "accept"}})  # too late: the next server has not asked
        gate.call(2, "x")
        gate.end()


@situation
def a_helper_that_holds_the_pipe_hides_no_crash(folder):
    server = COUNTS + r"""
if start == 1: subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL)
for m in messages():
    if method(m) == "initialize": hello(m)
    elif method(m) in ("die", "notifications/die"): os.kill(os.getpid(), signal.SIGKILL)
    elif "id" in m: answer(m, {"start": start})
"""
    for with_a_call in (True, False):
        if starts(folder):
            os.unlink(folder + "/starts")
        with Gate(["--grace", "300ms", "--timeout", "30s"], server, cwd=folder) as gate:
            gate.initialize()
            if with_a_call:
                gate.request(1, "die")
                equal(gate.error(1)["code"], -31003)
            else:
                gate.notify("notifications/die")
            message = gate.call(2, "x")
            check(message.get("result") == {"start": 2} or not with_a_call and message["error"]["code"] == -31003, f"{message}")
            equal(gate.call(3, "x")["result"], {"start": 2})
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
