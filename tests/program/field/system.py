"""What the gate shares with others: processes, descriptors, folders, limits, files, stderr."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

import field
from field import Gate, Waiter, alive, check, equal, like, pass_time, situation, until_gone
from life import COUNTS, SERVES, starts

NULL = "stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL"


@situation
def a_secret_handed_over_by_process_substitution_is_there():
    script = r"""exec "$@" bash -c 'IFS= read -r line; printf "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":\"%s\"}\n" "$(sed "s/.*:\([0-9]*\),\"m.*/\1/" <<<"$line")" "$(cat "$0")"' <(echo s3cret)"""
    with Gate([], [], wrap=["bash", "-c", script, "bash"], read=True) as gate:
        gate.request(1, "x")
        equal(gate.result(1), "s3cret")
        gate.end()


@situation
def several_descriptors_the_command_names_are_passed_on_and_no_others(folder):
    with open(folder + "/a", "w") as a, open(folder + "/b", "w") as b:
        a.write("from a")
        b.write("from b")
    a, b, c = (os.open(f"{folder}/{name}", os.O_RDONLY) for name in ("a", "b", "a"))
    server = [sys.executable, "-S", "-c", field.SERVER + r"""
here = sorted(int(fd) for fd in os.listdir("/proc/self/fd"))
texts = [open(name).read() for name in sys.argv[1:]]
for m in messages(): answer(m, {"texts": texts, "passed": [fd for fd in here if fd > 2 and fd in (%d, %d, %d)]})
""" % (a, b, c), f"/dev/fd/{a}", f"/proc/self/fd/{b}"]
    try:
        with Gate([], server, pass_fds=(a, b, c)) as gate:
            equal(gate.call(1, "x")["result"], {"texts": ["from a", "from b"], "passed": sorted((a, b))})
            gate.end()
    finally:
        for fd in (a, b, c):
            os.close(fd)


@situation
def a_node_server_of_a_host_with_an_ipc_channel_starts():
    if not shutil.which("node"):
        return "skipped: no node"
    server = r"""
process.send?.("ready");
require("readline").createInterface({ input: process.stdin }).on("line", l => console.log(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(l).id, result: {} }))).on("close", () => process.exit(0));
"""
    read, write = os.pipe()
    with Gate(["--restart", "never"], ["node", "-e", server], pass_fds=(write,), env={**os.environ, "NODE_CHANNEL_FD": str(write)}) as gate:
        gate.request(1, "x")
        gate.result(1)
        gate.end()
    os.close(read)
    os.close(write)


# A program for the user: a session of its own, no pipe of ours; at SIGTERM it saves.
EDITOR = r"""
import os, signal, sys, time
def end(*_): open("saved", "w").close(); os._exit(0)
signal.signal(signal.SIGTERM, end)
open("editor.new", "w").write(str(os.getpid())); os.rename("editor.new", "editor")
while True: signal.pause()
"""
OPENS = f"EDITOR = {EDITOR!r}\n" + COUNTS + r"""
def started(name):
    while not os.path.exists(name): time.sleep(0.01)
    return int(open(name).read())
def daemon():
    if os.fork(): os.wait(); return
    os.setsid()
    if os.fork(): os._exit(0)
    n = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2): os.dup2(n, fd)
    os.execv(sys.executable, [sys.executable, "-S", "-c", EDITOR])
for m in messages():
    if method(m) == "initialize": hello(m)
    elif method(m) == "editor":
        subprocess.Popen([sys.executable, "-S", "-c", EDITOR], start_new_session=True, """ + NULL + r""")
        answer(m, {"pid": started("editor")})
    elif method(m) == "daemon":
        daemon()
        answer(m, {"pid": started("editor")})
    elif method(m) == "leak":  # in a session of its own, but it holds our stderr
        leak = subprocess.Popen([sys.executable, "-S", "-c", EDITOR], start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        answer(m, {"pid": started("editor")})
    elif method(m) == "crash": os._exit(1)
    elif "id" in m: answer(m, {"start": globals().get("start", 0)})
"""


def opened(folder, name, how, options=(), stays=True):
    for file in os.listdir(folder):
        os.unlink(f"{folder}/{file}")
    with Gate(list(options), OPENS, cwd=folder) as gate:
        gate.initialize()
        pid = gate.call(1, name)["result"]["pid"]
        try:
            if how == "crash":
                gate.request(2, "crash")
                gate.error(2)
                equal(gate.call(3, "x")["result"], {"start": 2})
            elif how == "kill":
                gate.process.kill()
                gate.status()
                gate.errors.first(lambda line: False)
            else:
                gate.end()
            if stays:
                pass_time(0.2)
                check(alive(pid), f"{name}, {how}: it is gone")
            else:
                until_gone(pid)
                check(how == "kill" or os.path.exists(folder + "/saved"), f"{name}, {how}: it has had no SIGTERM")
        finally:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
            field.until_gone(pid)


@situation
def what_a_tool_has_opened_for_the_user_stays(folder):
    for name in ("editor", "daemon"):
        for how in ("close", "crash"):
            opened(folder, name, how)


@situation
def what_a_tool_has_opened_stays_when_the_gate_is_killed(folder):
    opened(folder, "daemon", "kill")


@situation
def what_was_opened_is_ended_where_the_user_wants_it_gently_first(folder):
    for how in ("close", "crash"):
        opened(folder, "editor", how, ["--kill-mode", "all"], stays=False)


@situation
def what_leaks_and_holds_our_stderr_is_ended_gently_first(folder):
    for how in ("close", "crash"):
        opened(folder, "leak", how, stays=False)


@situation
def group_spares_all_that_has_left_it(folder):
    opened(folder, "leak", "close", ["--kill-mode", "group"])


@situation
def a_tmux_session_and_an_agent_a_tool_has_started_stay(folder):
    if not shutil.which("tmux") or not shutil.which("ssh-agent"):
        return "skipped: no tmux or ssh-agent"
    script = r"""read -r l; tmux -S "$0/tmux" new-session -d 'sleep 60'; ssh-agent -a "$0/agent" >"$0/env"; id=${l#*'"id":'}
echo '{"jsonrpc":"2.0","id":'"${id%%,*}"',"result":{}}'; cat >/dev/null"""
    with Gate([], ["bash", "-c", script, folder], env={**os.environ, "TMUX": ""}) as gate:
        gate.send('{"jsonrpc":"2.0","id":1,"method":"tools/call"}')
        gate.result(1)
        gate.end()
    agent = int(open(folder + "/env").read().split("SSH_AGENT_PID=")[1].split(";")[0])
    there = subprocess.run(["tmux", "-S", folder + "/tmux", "ls"], capture_output=True).returncode == 0
    subprocess.run(["tmux", "-S", folder + "/tmux", "kill-server"], capture_output=True)
    equal((there, alive(agent)), (True, True))
    os.kill(agent, signal.SIGKILL)


def folder_made_anew(folder, again):
    project = folder + "/project"
    os.mkdir(project)
    server = COUNTS.replace('"starts"', repr(folder + "/starts")) + r"""
for m in messages():
    if method(m) == "crash": os._exit(1)
    answer(m, {"files": os.listdir(os.getcwd()), "start": start})
"""
    with Gate(["--max-restarts", "2"], server, cwd=project) as gate:
        gate.call(1, "x")
        shutil.rmtree(project)
        if again:
            os.mkdir(project)
            open(project + "/new-file", "w").close()
        gate.request(2, "crash")
        gate.error(2)
        message = gate.call(3, "x")
        if again:
            equal(message.get("result"), {"files": ["new-file"], "start": 2})
            gate.end()
        else:
            like(message["error"]["message"] + gate.errors.text(), "directory " + project)


@situation
def a_server_is_started_again_in_the_folder_of_that_name(folder):
    folder_made_anew(folder, True)


@situation
def a_folder_that_is_gone_is_named(folder):
    folder_made_anew(folder, False)


@situation
def no_inotify_is_needed_to_watch(folder):
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return "skipped: not root"
    with open(folder + "/file", "w") as file:
        file.write("1")
    limit = ["unshare", "--user", "--map-root-user", "sh", "-c", 'echo 0 >/proc/sys/user/max_inotify_instances; exec "$@"', "sh"]
    with Gate(["--watch", folder + "/file"], COUNTS + SERVES, cwd=folder, wrap=limit) as gate:
        equal(gate.call(1, "x")["result"], {"start": 1})
        with open(folder + "/file2", "w") as file:
            file.write("22")
        os.rename(folder + "/file2", folder + "/file")
        until = time.monotonic() + 10
        while starts(folder) < 2:
            check(time.monotonic() < until, "it does not watch")
            time.sleep(0.02)
        gate.end()


@situation
def a_high_limit_of_descriptors_slows_no_start():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    begin = time.monotonic()
    with Gate([], SERVES, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))) as gate:
        gate.call(1, "x")
        gate.end()
    check(time.monotonic() - begin < 5, f"it took long with {hard}")


SMALL_BOXES = (
    ("a PID namespace without its own /proc", ["unshare", "--pid", "--fork", "--kill-child"]),
    ("an empty /proc", ["unshare", "-m", "bash", "-c", 'mount -t tmpfs none /proc && exec "$@"', "bash"]),
    ("a PID namespace with its own /proc", ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]),
    ("a user namespace", ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]),
)


@situation
def a_small_box_is_left_in_time_and_nothing_of_ours_spins():
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return "skipped: not root"
    server = ["bash", "-c", r"""( setsid sleep 8 & ) </dev/null >/dev/null 2>/dev/null
while IFS= read -r line; do printf '{"jsonrpc":"2.0","id":%s,"result":{}}\n' "$(sed -E 's/.*"id":([0-9]+).*/\1/' <<<"$line")"; done"""]
    for name, box in SMALL_BOXES:
        if subprocess.run([*box, "true"], capture_output=True).returncode != 0:
            continue
        begin = time.monotonic()
        done = subprocess.run([*box, "timeout", "-s", "KILL", "6", field.PROGRAM, "--log-level", "info", "--", *server], stderr=subprocess.PIPE,
                              input=b'{"jsonrpc":"2.0","id":1,"method":"a"}\n', stdout=subprocess.PIPE)
        took = time.monotonic() - begin
        equal((name, done.returncode, done.stdout), (name, 0, b'{"jsonrpc":"2.0","id":1,"result":{}}\n'))
        check(took < 5, f"{name}: {took:.1f} s")


@situation
def no_bystander_dies_where_the_numbers_of_proc_are_anothers(folder):
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return "skipped: not root"
    inside = field.SERVER + r"""
import json
outer = int(os.readlink("/proc/self"))
open("/proc/sys/kernel/ns_last_pid", "w").write(str(outer + 60))
by = [subprocess.Popen(["sleep", "20"]) for _ in range(150)]
gate = subprocess.Popen([sys.argv[1], "--", "bash", "-c", "( setsid sleep 5 & ) >/dev/null 2>&1 </dev/null; cat >/dev/null"],
                        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
time.sleep(0.5)
gate.stdin.close()
try: gate.wait(5)
except subprocess.TimeoutExpired: print("HANGS")
print([one.pid for one in by if one.poll() is not None], gate.poll())
"""
    done = subprocess.run(["timeout", "-s", "KILL", "15", "unshare", "--pid", "--fork", "--kill-child", sys.executable, "-S", "-c", inside, field.PROGRAM],
                          capture_output=True, text=True)
    if done.returncode == 1 and "ns_last_pid" in done.stderr:
        return "skipped: no numbers to choose"
    equal(done.stdout, "[] 0\n")


FLOOD = r"""
for n in range(6000): print("DEBUG loading module number %d " % n + "." * 40, file=sys.stderr)
note("FATAL: DATABASE_URL is not set")
sys.exit(3)
"""


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
        import socket
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
def sixty_gates_start_at_once():
    gates = [Gate([], ["cat"]) for _ in range(60)]
    for gate in gates:
        gate.close()
    for gate in gates:
        with gate:
            equal(gate.status(), 0)


@situation
def a_crash_by_the_memory_limit_says_so():
    with Gate(["--restart", "never"], "next(messages())\nos.kill(os.getpid(), signal.SIGKILL)") as gate:
        gate.request(1, "x")
        error = gate.error(1)
        like(error["message"], "SIGKILL")
        check("oom" not in error["data"], "nobody was out of memory")
        gate.status()


@situation
def no_signal_mask_and_no_ignored_signal_of_ours_reach_the_server():
    server = r"""
status = open("/proc/self/status").read()
for m in messages(): answer(m, {name: line.split()[1] for line in status.splitlines() for name in ("SigBlk:", "SigIgn:") if line.startswith(name)})
"""
    with Gate([], server) as gate:
        signals = gate.call(1, "x")["result"]
        equal(int(signals["SigBlk:"], 16), 0)
        python_ignores = {signal.SIGPIPE, signal.SIGXFSZ}
        check(int(signals["SigIgn:"], 16) & ~sum(1 << (n - 1) for n in python_ignores) == 0, signals)
        gate.end()


@situation
def a_host_that_reads_no_more_is_noticed_while_nothing_is_written():
    with Gate([], "note('ready')\n" + SERVES, read=False) as gate:
        gate.stderr_line("ready")
        gate.process.stdout.close()
        equal(gate.status(), 0)


@situation
def many_gates_of_one_host_end_in_time():
    gates = [Gate([], "note('ready')\n" + SERVES) for _ in range(10)]
    for gate in gates:
        gate.stderr_line("ready")
    threads = [threading.Thread(target=gate.end) for gate in gates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        check(not thread.is_alive(), "one does not end")
