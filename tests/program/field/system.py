"""What the gate shares with others: processes, descriptors, folders, limits."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

import field
from field import Gate, check, equal, like, situation
from starts import COUNTS, SERVES, starts


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


@situation
def a_limit_of_the_size_of_files_ends_nothing(folder):
    server = "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n" + r"""
for m in messages():
    try: os.write(2, b"log " + b"y" * 200 + b"\n")
    except OSError: pass
    answer(m)
"""
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    for options, stderr in (([], open(folder + "/err", "wb")),
                            (["--log-level", "debug", "--log-file", folder + "/log", "--server-stderr", "discard"], subprocess.DEVNULL),
                            (["--trace", folder + "/trace", "--record", folder + "/record", "--server-stderr", "discard"], subprocess.DEVNULL)):
        with Gate(options, server, preexec_fn=limited, stderr=stderr) as gate:
            for n in range(60):
                gate.call(n, "ping")
            gate.end()


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
