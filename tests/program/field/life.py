"""How servers end: the end of input, signals, and the time to say goodbye."""

import json
import os
import signal
import subprocess
import time

import field
from field import Gate, alive, check, equal, like, situation, until_gone
from starts import COUNTS, SERVES, starts

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
    server = SAVES % 1.2 + "on_signals([signal.SIGTERM], lambda _: save('SIGTERM'))\nnote('ready')\n" + SERVES + "while True: signal.pause()\n"
    with Gate(["--grace", "8s"], server, cwd=folder) as gate:
        gate.stderr_line("ready")
        gate.signal(signal.SIGTERM)
        gate.status()
    check(os.path.exists(folder + "/saved"), "not saved")


@situation
def a_signal_of_a_host_ends_all_in_a_second_where_no_grace_was_given(folder):
    server = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nnote('ready %d' % os.getpid())\n" + SERVES + "while True: signal.pause()\n"
    with Gate([], server, cwd=folder) as gate:
        pid = int(gate.stderr_line("ready").split()[1])
        begin = time.monotonic()
        gate.signal(signal.SIGTERM)
        equal(gate.status(), -signal.SIGTERM if gate.process.returncode == -signal.SIGTERM else 128 + signal.SIGTERM)
        check(time.monotonic() - begin < 1.5, f"it took {time.monotonic() - begin:.1f} s")
        until_gone(pid)


@situation
def a_server_gets_the_signal_that_we_got(folder):
    server = r"""
def got(number):
    note("got %d" % number)
    os._exit(0)
on_signals([signal.SIGTERM, signal.SIGHUP, signal.SIGINT], got)
note("ready")
""" + SERVES + "while True: signal.pause()\n"
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        with Gate([], server, cwd=folder) as gate:
            gate.stderr_line("ready")
            gate.signal(number)
            gate.stderr_line(f"got {int(number)}")
            equal(gate.status(), 128 + number)


@situation
def a_host_that_closes_during_a_call_is_heard_by_the_server_at_once(folder):
    server = SAVES % 0.3 + r"""
for m in messages():
    if method(m) == "initialize": hello(m)
save("end of input")
"""
    with Gate([], server, cwd=folder) as gate:
        gate.initialize()
        gate.request(1, "tools/call", {"name": "crawl"})
        gate.close()
        begin = time.monotonic()
        gate.stderr_line("saving")
        check(time.monotonic() - begin < 1.5, "the end of input was held back")
        gate.status()
    check(os.path.exists(folder + "/saved"), "not saved")


@situation
def a_script_gets_all_its_answers_before_the_server_gets_its_end():
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
def a_server_that_answers_only_at_the_end_of_its_input_gets_it():
    server = r"""
all = list(messages())
for m in all: answer(m)
"""
    text = "".join('{"jsonrpc":"2.0","id":%d,"method":"x"}\n' % n for n in range(3))
    begin = time.monotonic()
    done = subprocess.run([field.PROGRAM, "--", *field.python(server)], input=text.encode(), capture_output=True)
    equal([json.loads(line).get("result") for line in done.stdout.splitlines()], [{}] * 3)
    check(time.monotonic() - begin < 6, "it took long")


@situation
def a_reader_that_still_reads_after_the_drain_gets_an_answer_that_takes_longer():
    server = r"""
m = next(messages())
list(lines())
time.sleep(0.5)
answer(m)
"""
    with Gate(["--drain", "100ms"], server) as gate:
        gate.request(1, "x")
        gate.close()
        gate.result(1)
        gate.end()


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
def leave(_):
    time.sleep(0.2)
    os.unlink("lock")
    os._exit(0)
on_signals([signal.SIGINT], leave)
note("ready")
for m in messages(): hello(m)
"""


@situation
def a_server_that_is_interrupted_takes_its_lock_away(folder):
    with Gate([], INTERRUPTED, cwd=folder) as gate:
        gate.stderr_line("ready")
        gate.call(0, "initialize", {"protocolVersion": "2025-06-18"})
        gate.signal(signal.SIGINT)
        equal(gate.status(), 130)
    equal(os.listdir(folder), [])


@situation
def an_interrupt_that_ends_only_a_turn_ends_nothing_else():
    server = r"""
on_signals([signal.SIGINT], lambda _: note("turn over"))
note("ready")
for m in messages(): answer(m)
"""
    with Gate([], server) as gate:
        gate.stderr_line("ready")
        for n in (1, 2):
            gate.signal(signal.SIGINT)
            gate.stderr_line("turn over")
            gate.call(n, "x")
        gate.end()


@situation
def an_open_request_is_answered_when_an_interrupt_ends_the_server(folder):
    with Gate([], COUNTS + "signal.signal(signal.SIGINT, signal.SIG_DFL)\nnote('ready')\nfor m in messages(): note('got it')\n", cwd=folder) as gate:
        gate.stderr_line("ready")
        gate.request(1, "x")
        gate.stderr_line("got it")
        gate.signal(signal.SIGINT)
        equal(gate.error(1)["code"], -31004)
        equal(gate.status(), 130)
    equal(starts(folder), 1)


@situation
def a_signal_that_was_ignored_when_we_started_stays_ignored():
    for name, number in (("HUP", signal.SIGHUP), ("INT", signal.SIGINT), ("TERM", signal.SIGTERM)):
        with Gate([], SERVES, wrap=["sh", "-c", f'trap "" {name}; exec "$@"', "sh"]) as gate:
            gate.call(1, "x")
            gate.signal(number)
            gate.call(2, "x")
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
    with Gate([], "note('ready %d' % os.getpid())\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVES + "while True: signal.pause()\n") as gate:
        pid = int(gate.stderr_line("ready").split()[1])
        gate.process.kill()
        begin = time.monotonic()
        until_gone(pid)
        check(time.monotonic() - begin < 1.5, "it took long")
        check(not alive(pid), "it lives")
