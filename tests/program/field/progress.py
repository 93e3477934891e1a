"""Progress of what is open, and of what has ended."""

from field import Gate, equal, situation

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
def progress_of_what_ended_without_an_answer_is_dropped():
    with Gate(["--timeout", "1500ms"], LATE) as gate:
        gate.request(1, "slow", {"_meta": {"progressToken": "timed-out"}})
        gate.request(2, "slow", {"_meta": {"progressToken": 5}})
        gate.notify("notifications/cancelled", {"requestId": 2})
        equal(gate.error(1)["code"], -31002)
        gate.notify("notifications/go")
        gate.asked("notifications/done")
        out, _ = gate.end()
        equal(out, "")


@situation
def progress_after_an_answer_passes_and_so_does_a_token_that_is_given_again():
    with Gate(["--timeout", "1500ms"], LATE) as gate:
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


@situation
def progress_of_what_a_lost_server_had_is_dropped(folder):
    server = r"""
first = not os.path.exists("started")
open("started", "w").close()
for m in messages():
    if first: os._exit(3)
    put({"method": "notifications/progress", "params": {"progressToken": "lost", "progress": 1}})
    answer(m)
"""
    with Gate([], server, cwd=folder) as gate:
        gate.request(1, "x", {"_meta": {"progressToken": "lost"}})
        equal(gate.error(1)["code"], -31003)
        gate.call(2, "x", {})
        out, _ = gate.end()
        equal(out, "")


BY_ID = r"""
for m in messages():
    token = {"id": m["id"], "text": str(m["id"])}[m["params"].get("how", "id")]
    for n in range(3):
        time.sleep(0.6)
        put({"method": "notifications/progress", "params": {"progressToken": token, "progress": n}})
    answer(m)
"""


@situation
def a_server_that_takes_the_id_for_the_token_is_understood_and_its_progress_counts():
    with Gate(["--timeout", "1500ms"], BY_ID) as gate:
        for id, params, token in ((1, {"_meta": {"progressToken": 1}}, 1), ("b", {"_meta": {"progressToken": "tok"}}, "tok"),
                                  ("c", {}, "c"), (4, {"how": "text", "_meta": {"progressToken": 9}}, 9)):
            gate.request(id, "tools/call", params)
            gate.result(id)
            for _ in range(3):
                equal(gate.asked("notifications/progress")["params"]["progressToken"], token)
        gate.end()
