"""Whose time it is that passes."""

import json
import signal
import threading

from field import Gate, alive, check, equal, like, pass_time, situation

THINKS = 0.6  # a person; longer than the timeouts here
SHORT = ["--timeout", "250ms"]


def asks(name):
    """A tool that asks the client something of this method before it answers."""
    return f"ASKS = {name!r}\n" + r"""
for m in messages():
    if method(m) == "tools/call":
        call = m
        put({"id": 0, "method": ASKS, "params": {}})
    elif method(m) == "notifications/cancelled": note("cancelled")
    elif "result" in m: answer(call, m["result"])
"""


def while_the_server_waits_for(name):
    def play():
        with Gate(SHORT, asks(name)) as gate:
            gate.request(7, "tools/call", {"name": "migrate"})
            question = gate.asked(name)
            pass_time(THINKS)
            gate.send({"id": question["id"], "result": {"action": "accept"}})
            equal(gate.result(7), {"action": "accept"})
            out, errors = gate.end()
            equal((out, "cancelled" in errors), ("", False))
    play.__name__ = "no_deadline_passes_while_the_server_waits_for_" + name.replace("/", "_")
    situation(play)


@situation
def a_client_that_never_answers_roots_stops_no_clock():
    with Gate(SHORT, asks("roots/list")) as gate:
        gate.request(7, "tools/call", {"name": "x"})
        gate.asked("roots/list")
        equal(gate.error(7)["code"], -31002)
        gate.end()


@situation
def a_question_nobody_answers_is_bounded_by_the_longest_time():
    with Gate([*SHORT, "--max-timeout", "500ms"], asks("elicitation/create")) as gate:
        gate.request(7, "tools/call", {"name": "x"})
        gate.asked("elicitation/create")
        equal(gate.error(7)["code"], -31002)


AGENT = r"""
for m in messages():
    if method(m) == "initialize": answer(m, {"protocolVersion": 1, "agentCapabilities": {}})
    elif method(m) == "session/new": answer(m, {"sessionId": "s1"})
    elif method(m) in ("session/prompt", "authenticate"):
        def turn(m=m):
            put({"method": "session/update", "params": {"sessionId": "s1"}})
            time.sleep(0.6)
            answer(m, {"stopReason": "end_turn"})
        threading.Thread(target=turn).start()
    else: note("agent got " + json.dumps(m))
"""


def agent(gate):
    gate.call(0, "initialize", {"protocolVersion": 1, "clientCapabilities": {}})
    gate.call(1, "session/new", {"cwd": "/", "mcpServers": []})


@situation
def an_mcp_server_is_cancelled_in_mcps_words():
    server = r"""
for m in messages():
    if method(m) == "initialize": hello(m)
    else: note("server got " + method(m))
"""
    with Gate(SHORT, server) as gate:
        gate.initialize()
        gate.request(2, "tools/call", {"name": "x"})
        equal(gate.error(2)["code"], -31002)
        gate.stderr_line("server got notifications/cancelled")
        gate.end()


def reads_nothing_for_a_while(count, size):
    server = f"SIZE = {size}\n" + r"""
for m in messages(): answer(m, {"text": "x" * SIZE})
"""
    with Gate(["--timeout", "300ms", "--max-in-flight", "200"], server, read=False) as gate:
        for n in range(count):
            gate.request(n, "tools/call", {"name": "x"})
        pass_time(1.2)
        gate.read_output()
        for n in range(count):
            gate.result(n)
        gate.end()


SLOW = r"""
for m in messages():
    if method(m) == "notifications/cancelled": note("cancelled")
    else:
        note("got it")
        threading.Timer(0.2, answer, (m,)).start()
"""


@situation
def a_gate_that_was_stopped_times_out_what_is_not_answered():
    with Gate(["--timeout", "300ms"], "for m in messages(): note('got it')") as gate:
        gate.request(1, "x")
        gate.stderr_line("got it")
        gate.signal(signal.SIGSTOP)
        pass_time(0.6)
        gate.signal(signal.SIGCONT)
        equal(gate.error(1)["code"], -31002)
        gate.end()


LATE = r"""
def progress(token): put({"method": "notifications/progress", "params": {"progressToken": token, "progress": 1}})
for m in messages():
    if method(m) == "notifications/cancelled": note("cancelled"); continue
    if method(m) == "notifications/go":
        for token in kept: progress(token)
        put({"method": "notifications/done"})
        continue
    token = m["params"].get("_meta", {}).get("progressToken")
    if method(m) == "quick": answer(m); progress(token)
    else: kept = globals().get("kept", []) + [token]; note("kept")
"""


@situation
def progress_after_an_answer_passes_and_so_does_a_token_that_is_given_again():
    with Gate(["--timeout", "300ms"], LATE) as gate:
        gate.call(1, "quick", {"_meta": {"progressToken": "q"}})
        equal(gate.asked("notifications/progress")["params"]["progressToken"], "q")
        gate.request(2, "slow", {"_meta": {"progressToken": "again"}})
        equal(gate.error(2)["code"], -31002)
        gate.request(3, "slow", {"_meta": {"progressToken": "again"}})
        gate.stderr_line("kept")
        gate.stderr_line("kept")
        gate.notify("notifications/go")
        equal(gate.asked("notifications/progress")["params"]["progressToken"], "again")
        gate.end()


BY_ID = r"""
for m in messages():
    token = {"id": m["id"], "text": str(m["id"])}[m["params"].get("how", "id")]
    for n in range(3):
        time.sleep(0.15)
        put({"method": "notifications/progress", "params": {"progressToken": token, "progress": n}})
    answer(m)
"""


@situation
def a_server_that_never_reads_again_stops_no_timeout():
    with Gate(["--timeout", "400ms"], "sys.stdin.buffer.readline()\nnote('asleep')\nsignal.pause()") as gate:
        gate.request(0, "x")
        gate.stderr_line("asleep")

        def flood():
            try:
                for n in range(1, 30):
                    gate.request(n, "x", {"data": "y" * 60000})
            except OSError:
                pass
        threading.Thread(target=flood, daemon=True).start()
        equal(gate.error(0)["code"], -31002)
        check(alive(gate.pid), "the gate has ended")
