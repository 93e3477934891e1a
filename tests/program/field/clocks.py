"""Whose time it is that passes."""

import json
import signal
import threading

from field import Gate, alive, check, equal, like, pass_time, situation

# The start of an interpreter is part of a first call; on a loaded machine it takes a good part of a second.
SHORT = ["--timeout", "1500ms"]
THINKS = 2.5  # a person; longer than that


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


for each in ("elicitation/create", "sampling/createMessage", "session/request_permission"):
    while_the_server_waits_for(each)


@situation
def a_client_that_never_answers_roots_stops_no_clock():
    with Gate(SHORT, asks("roots/list")) as gate:
        gate.request(7, "tools/call", {"name": "x"})
        gate.asked("roots/list")
        equal(gate.error(7)["code"], -31002)
        gate.end()


@situation
def a_question_nobody_answers_is_bounded_by_the_longest_time():
    with Gate([*SHORT, "--max-timeout", "2s"], asks("elicitation/create")) as gate:
        gate.request(7, "tools/call", {"name": "x"})
        gate.asked("elicitation/create")
        equal(gate.error(7)["code"], -31002)


@situation
def other_calls_clocks_stand_still_with_the_one_that_asks_and_start_in_full_again():
    server = r"""
for m in messages():
    if method(m) == "ask": call = m; put({"id": "q", "method": "elicitation/create", "params": {}})
    elif "result" in m: answer(call)
"""
    with Gate(SHORT, server) as gate:
        gate.request(1, "never")
        gate.request(2, "ask")
        question = gate.asked("elicitation/create")
        pass_time(THINKS)
        check(not gate.output.lines or all(line is None for line in gate.output.lines), "something has come already")
        gate.send({"id": question["id"], "result": {}})
        gate.result(2)
        equal(gate.error(1)["code"], -31002)  # its time starts again, and then passes
        gate.end()


AGENT = r"""
for m in messages():
    if method(m) == "initialize": answer(m, {"protocolVersion": 1, "agentCapabilities": {}})
    elif method(m) == "session/new": answer(m, {"sessionId": "s1"})
    elif method(m) in ("session/prompt", "authenticate"):
        def turn(m=m):
            put({"method": "session/update", "params": {"sessionId": "s1"}})
            time.sleep(2.5)
            answer(m, {"stopReason": "end_turn"})
        threading.Thread(target=turn).start()
    else: note("agent got " + json.dumps(m))
"""


def agent(gate):
    gate.call(0, "initialize", {"protocolVersion": 1, "clientCapabilities": {}})
    gate.call(1, "session/new", {"cwd": "/", "mcpServers": []})


@situation
def a_turn_of_an_agent_and_a_sign_in_have_no_timeout():
    with Gate(SHORT, AGENT) as gate:
        agent(gate)
        gate.request(2, "session/prompt", {"sessionId": "s1", "prompt": []})
        gate.request(3, "authenticate", {"methodId": "browser"})
        equal(gate.result(2), {"stopReason": "end_turn"})
        gate.result(3)
        gate.end()


@situation
def a_turn_has_a_timeout_where_the_user_wants_one_and_the_agent_is_cancelled_in_its_own_words():
    with Gate(["--timeout-for", "session/prompt=200ms", *SHORT], AGENT) as gate:
        agent(gate)
        gate.request(2, "session/prompt", {"sessionId": "s1", "prompt": []})
        equal(gate.error(2)["code"], -31002)
        line = gate.stderr_line("agent got")
        equal(json.loads(line[len("agent got "):])["method"], "$/cancel_request")
        gate.request(3, "session/list")
        equal(gate.error(3)["code"], -31002)
        like(gate.stderr_line("agent got .*cancel_request"), "cancel_request")
        gate.end()


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


@situation
def what_waits_for_the_end_of_something_long_has_no_timeout():
    server = r"""
for m in messages():
    if method(m) == "go on": [answer(one) for one in kept]
    else: kept = globals().get("kept", []) + [m]
"""
    with Gate(SHORT, server) as gate:
        gate.request(1, "tasks/result", {"taskId": "t"})
        gate.request(2, "subscriptions/listen", {})
        pass_time(THINKS)
        gate.notify("go on")
        gate.result(1)
        gate.result(2)
        gate.end()


def reads_nothing_for_a_while(count, size):
    server = f"SIZE = {size}\n" + r"""
for m in messages(): answer(m, {"text": "x" * SIZE})
"""
    with Gate(["--timeout", "600ms"], server, read=False) as gate:
        for n in range(count):
            gate.request(n, "tools/call", {"name": "x"})
        pass_time(1.5)
        gate.read_output()
        for n in range(count):
            gate.result(n)
        gate.end()


@situation
def a_client_that_reads_late_finds_answers_and_no_errors():
    reads_nothing_for_a_while(8, 300_000)


@situation
def a_client_that_reads_late_finds_many_small_answers_and_no_errors():
    reads_nothing_for_a_while(60, 20_000)


SLOW = r"""
for m in messages():
    if method(m) == "notifications/cancelled": note("cancelled")
    else:
        note("got it")
        threading.Timer(0.2, answer, (m,)).start()
"""


@situation
def a_gate_that_was_stopped_reads_first_what_has_come():
    with Gate(SHORT, SLOW) as gate:
        gate.request(1, "x")
        gate.stderr_line("got it")
        gate.signal(signal.SIGSTOP)
        pass_time(THINKS)
        gate.signal(signal.SIGCONT)
        gate.result(1)
        _, errors = gate.end()
        check("cancelled" not in errors, errors)


@situation
def a_gate_that_was_stopped_reads_a_giant_answer_first():
    server = r"""
for m in messages():
    note("got it")
    threading.Timer(0.2, answer, (m, {"x": "x" * 3000000})).start()
"""
    with Gate(SHORT, server) as gate:
        gate.request(1, "x")
        gate.stderr_line("got it")
        gate.signal(signal.SIGSTOP)
        pass_time(THINKS)
        gate.signal(signal.SIGCONT)
        gate.result(1)
        gate.end()


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


@situation
def dots_without_a_newline_hold_up_no_deadline():
    server = r"""
import select
sys.stdin.buffer.readline()
while not select.select([0], [], [], 0.1)[0]: raw(b".")
note("told: " + json.loads(sys.stdin.buffer.readline())["method"])
sys.stdin.buffer.read()
"""
    with Gate(SHORT, server) as gate:
        gate.request(1, "x")
        equal(gate.error(1)["code"], -31002)
        gate.stderr_line("told: notifications/cancelled")
        gate.end()


@situation
def pings_a_client_never_answers_do_not_fill_the_table():
    server = r"""
for m in messages():
    for n in range(400): put({"id": n, "method": "ping"})
    put({"id": "real", "method": "roots/list"})
    answer(m)
"""
    with Gate([], server) as gate:
        gate.call(1, "x")
        gate.asked("roots/list")
        gate.end()


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
