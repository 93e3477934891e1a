"""What a tool has opened, and what it leaks."""

import os
import shutil
import signal
import subprocess

import field
from field import Gate, alive, check, equal, pass_time, situation, until_gone
from starts import COUNTS

NULL = "stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL"
EDITOR = r"""
import os, signal, sys, time
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
open("editor.new", "w").write(str(os.getpid())); os.rename("editor.new", "editor")
signal.sigwait([signal.SIGTERM])
open("saved", "w").close()
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
