"""Commands that cannot be run."""

import json
import os
import subprocess

import field
from field import Gate, check, equal, like, situation

NO_SUCH = (("no such file", "/no/such", 127), ("not executable", "/etc/passwd", 126), ("a directory", "/etc", 126))


@situation
def a_command_that_cannot_be_run_ends_with_its_status_whatever_the_client_does():
    lines = ("", '{"jsonrpc":"2.0","method":"n"}\n', '{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen"}\n', "x\n",
             '{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    for name, command, status in NO_SUCH:
        for line in lines:
            done = subprocess.run([field.PROGRAM, "--", command], input=line.encode(), capture_output=True)
            equal((name, line, done.returncode), (name, line, status))
            if '"id":1' in line:
                equal(json.loads(done.stdout)["error"]["code"], -31007)
    done = subprocess.run([field.PROGRAM, "--", "/no/such"], stdin=subprocess.DEVNULL, capture_output=True)
    equal(done.returncode, 127)


@situation
def a_command_that_cannot_be_run_says_what_to_do(folder):
    os.mkdir(folder + "/dir")
    for name, text in (("crlf", "#!/bin/bash\r\ncat\r\n"), ("badinterp", "#!/opt/python9 -u\n"), ("badenv", "#!/usr/bin/env nodee\n"),
                       ("noexec", "#!/bin/sh\ncat\n")):
        with open(f"{folder}/{name}", "w", newline="") as file:
            file.write(text)
        os.chmod(f"{folder}/{name}", 0o644 if name == "noexec" else 0o755)
    with open(folder + "/foreign", "wb") as file:  # for a machine of another kind
        file.write(b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\x00\xf3\x00\x01\x00\x00\x00" + b"\0" * 40)
    os.chmod(folder + "/foreign", 0o755)
    for command, status, words in (("npx -y some-server", 127, "one word|separate|quotes"), ("no-such-server", 127, "PATH.*/usr/bin"),
                                   ("~/server", 127, "~.*shell"), ("./dir", 126, "directory"), ("./crlf", (126, 127), r"bash\\r|line end|CR"),
                                   ("./badinterp", (126, 127), "/opt/python9"), ("./noexec", 126, "executable|permission"),
                                   ("./foreign", 126, "machine|architecture|format")):
        with Gate([], [command], cwd=folder, env={**os.environ, "PATH": "/usr/local/bin:/usr/bin:/bin"}) as gate:
            gate.request(1, "initialize", {})
            error = gate.error(1)
            equal((command, error["code"]), (command, -31007))
            like(error["message"], words)
            got = gate.end(status if isinstance(status, int) else status[0] if gate_status(gate, status[0]) else status[1])
            check("Syntax error" not in got[1], got[1])
    # This one runs, and ends: not before it has its request, as without a restart that ends the gate.
    with Gate(["--restart", "never"], ["sh", "-c", "read -r line; exec ./badenv"], cwd=folder) as gate:
        gate.request(1, "initialize", {})
        like(gate.error(1)["data"]["stderr"], "nodee")


def gate_status(gate, status):
    gate.close()
    return gate.status() == status
