"""Habits of clients and servers: other framings, null members, ids as text, long lines, echoes, noise."""

import json
import subprocess

import field
from field import Gate, check, equal, like, situation

FRAMED = r"""
def framed(m):
    body = json.dumps(m).encode()
    raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)
"""


@situation
def a_server_that_frames_as_language_servers_do_is_named():
    server = FRAMED + r"""
for m in messages(): framed({"jsonrpc": "2.0", "id": m["id"], "result": {}})
"""
    with Gate(["--start-timeout", "400ms", "--timeout", "400ms"], server) as gate:
        gate.request(1, "initialize", {"protocolVersion": "2025-06-18"})
        gate.stderr_line("LSP|Language Server")
        gate.answer(1)


@situation
def a_client_that_frames_as_language_clients_do_hears_of_it():
    with Gate([], "for m in messages(): answer(m)") as gate:
        for _ in range(2):
            gate.send(b'Content-Length: 40\r\n\r\n{"jsonrpc":"2.0","id":1,"method":"ping"}')
            error = json.loads(gate.take(lambda line: b"error" in line))["error"]
            equal(error["code"], -32700)
            like(error["message"], "(LSP|Language Server).*line")
            gate.result(1)
        _, errors = gate.end()
        equal(len([line for line in errors.splitlines() if " warn " in line and "Server Protocol" in line]), 1)


@situation
def null_is_absence_where_a_client_writes_every_member():
    server = r"""
for m in messages():
    if m.get("id") is None: note("notified of " + m["method"])
    else: answer(m, {"got": sorted(m)})
"""
    with Gate([], server) as gate:
        gate.send('{"jsonrpc":"2.0","id":null,"method":"notifications/initialized","params":null}')
        gate.stderr_line("notified of notifications/initialized")
        gate.send('{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}')
        equal(gate.result(1), {"got": ["id", "jsonrpc", "method", "params"]})
        gate.send('{"jsonrpc":"2.0","id":2,"method":"tools/list","params":null,"result":null,"error":null}')
        gate.result(2)
        gate.end()


@situation
def null_is_absence_where_a_server_writes_every_member():
    server = r"""
for m in messages():
    if method(m) is None or "method" not in m: note("heard " + json.dumps(m)); continue
    raw(b'{"jsonrpc":"2.0","id":null,"method":"notifications/message","params":{"level":"info","data":"x"}}\n')
    raw(b'{"jsonrpc":"2.0","id":"p1","method":"ping","params":null,"result":null,"error":null}\n')
    if m["id"] % 2: raw(b'{"jsonrpc":"2.0","id":%d,"method":null,"params":null,"result":{"n":1},"error":null}\n' % m["id"])
    else: raw(b'{"jsonrpc":"2.0","id":%d,"result":null,"error":{"code":5,"message":"no"}}\n' % m["id"])
"""
    with Gate([], server) as gate:
        for n in (1, 2, 3):
            gate.request(n, "tools/list")
            gate.asked("notifications/message")
            ping = gate.asked("ping")
            gate.send('{"jsonrpc":"2.0","id":%s,"result":{},"error":null,"method":null}' % json.dumps(ping["id"]))
            gate.stderr_line('heard .*"p1"')
            message = gate.answer(n)
            check(message.get("result") == {"n": 1} or message["error"]["code"] == 5, "another answer")
        gate.end()


@situation
def a_cancel_or_an_answer_whose_id_comes_back_as_text_is_meant():
    server = r"""
for m in messages():
    if method(m) == "notifications/cancelled": note("cancelled %r" % m["params"]["requestId"])
    elif method(m) == "ask": put({"id": 0, "method": "roots/list"}); call = m
    elif "result" in m: answer(call, {"heard": m["id"]})
    else: note("open %r" % m["id"])
"""
    with Gate([], server) as gate:
        gate.request(7, "slow")
        wire = gate.stderr_line("^open").split()[1]
        gate.notify("notifications/cancelled", {"requestId": "7"})
        equal(gate.stderr_line("^cancelled").split()[1], wire)
        gate.request("a", "ask")
        question = gate.asked("roots/list")
        gate.send({"id": str(question["id"]), "result": {"roots": []}})
        equal(gate.result("a"), {"heard": 0})
        gate.end()


@situation
def an_empty_line_of_the_client_wakes_the_server():
    server = r"""
stuck = []
for line in lines():
    for m in stuck: answer(m)
    stuck = [json.loads(line)] if line.strip() else []
"""
    with Gate([], server) as gate:
        for n, poke in enumerate((b"", b" ", b"\t \r")):
            gate.request(n, "session/prompt", {})
            gate.send(poke)
            gate.result(n)
        gate.end()


@situation
def a_line_too_long_is_refused_under_its_id_wherever_it_is():
    with Gate(["--max-line", "4K"], "for m in messages(): answer(m)") as gate:
        long = json.dumps("x" * 9000).encode()
        for id, line in ((1, b'{"jsonrpc":"2.0","method":"m","params":{"x":%s},"id":1}'),
                         (2, b'{"id":2,"jsonrpc":"2.0","method":"m","params":{"x":%s}}'),
                         (3, b'{"params":{"id":9,"x":[{"id":8}],"y":%s},"id":3,"method":"m","jsonrpc":"2.0"}')):
            gate.send(line % long)
            equal(gate.error(id)["code"], -32600)
        gate.call(4, "x")
        gate.end()


@situation
def an_answer_too_long_is_answered_under_its_id_wherever_it_is():
    server = r"""
x = json.dumps("x" * 9000).encode()
for m in messages():
    raw({0: b'{"jsonrpc":"2.0","result":{"x":%s},"id":%d}\n', 1: b'{"jsonrpc":"2.0","result":{"id":3,"x":%s},"id":%d}\n',
         2: b'{"jsonrpc":"2.0","error":{"code":1,"message":%s},"id":%d}\n'}[m["params"]["n"]] % (x, m["id"]))
"""
    with Gate(["--max-line", "4K", "--timeout", "20s"], server) as gate:
        for n in (0, 1, 2):
            gate.request(n, "x", {"n": n})
            equal(gate.error(n)["code"], -31005)
        gate.end()


@situation
def a_carriage_return_at_the_end_of_file_is_no_part_of_the_line():
    line = b'{"jsonrpc":"2.0","method":"n"}'
    done = subprocess.run([*gate_command(), "--restart", "never", "--", "printf", r'%s\r\n%s\r', line, line],
                          stdin=subprocess.DEVNULL, capture_output=True)
    equal(done.stdout, line + b"\n" + line + b"\n")
    done = subprocess.run([*gate_command(), "--", "sh", "-c", "cat >&2"], input=line + b"\r\n" + line + b"\r", capture_output=True)
    check(done.stderr.startswith(line + b"\n" + line), f"{done.stderr!r}")
    check(b"\r" not in done.stderr, f"{done.stderr!r}")


@situation
def a_line_of_exactly_the_limit_passes_with_any_end():
    line = b'{"jsonrpc":"2.0","method":"%040d"}' % 0
    for end in (b"\n", b"\r\n", b"\r", b""):
        done = subprocess.run([*gate_command(), "--max-line", str(len(line)), "--", "sh", "-c", "cat >&2"],
                              input=line + end, capture_output=True)
        equal((done.stdout, done.stderr.strip()), (b"", line))


@situation
def lines_of_ours_come_back_are_an_echo_and_no_questions():
    with Gate(["--timeout", "300ms"], ["cat"]) as gate:
        for n in (1, 2):
            gate.request(n, "tools/list")
            equal(gate.error(n)["code"], -31002)
        out, errors = gate.end()
        equal(out, "")
        equal(len([line for line in errors.splitlines() if " warn " in line and "echo" in line]), 1)


@situation
def noise_is_cut_and_the_first_line_of_it_is_said():
    server = r"""
raw(b"Server is running on port 3000\n" + b"z" * 200000 + b"\n")
for m in messages(): answer(m)
"""
    with Gate([], server) as gate:
        gate.call(1, "x")
        _, errors = gate.end()
        like(errors, "warn [^\n]*running on port 3000")
        longest = max(len(line) for line in errors.splitlines())
        check(4000 <= longest < 6000, f"a line of {longest}")
        like(errors, "200000")


def gate_command():
    return [field.PROGRAM]
