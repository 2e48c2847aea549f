# SPDX-License-Identifier: GPL-2.0-or-later
"""sighejctl inhibit, export and wipe with the real daemon: a command in silence with its own exit status, all that
is held, and nothing left of it."""
import json
import os
import pathlib
import signal
import subprocess

import pytest

from desk import SCHEMA, checked
from people import wait_state
from sighejrun import Run
from test_cli_daemon import Person

STATUSES = {("true",): 0, ("false",): 1, ("sh", "-c", "exit 42"): 42, ("sh", "-c", "kill -TERM $$"): 128 + signal.SIGTERM,
            ("sh", "-c", "kill -KILL $$"): 128 + signal.SIGKILL, ("/no/such/program",): 127, ("no-such-program",): 127,
            ("/etc/passwd",): 126, ("/",): 126}


@pytest.fixture(name="anna")
def fixture_anna(run, build, backend):
    anna = Person(run, build, "anna", backend=backend.uri, interests=["devops", "board games"])
    anna.good("open", "--accept-notice", "--wait")
    return anna


def state_files(person):
    folder = pathlib.Path(person.daemon.home, "state/sighej")
    return list(folder.iterdir()) if folder.exists() else []


def inhibited(person, *command, who=None, **options):
    """The process of a command that runs in silence, and can be interrupted as from a terminal: what a shell
    runs in the background is deaf to that, and so is all it starts."""
    options.setdefault("stdout", subprocess.PIPE)
    process = subprocess.Popen(
        [person.program, "inhibit", "--why=Talk", *([f"--who={who}"] if who else []), "--", *command],
        env=person.daemon.environment, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **options)
    Run.until(lambda: person.daemon.get("Reason") == "inhibited" or process.poll() is not None, "it is silent")
    assert process.poll() is None
    return process


def finish(person, process):
    """Its status, once the opening is what it was."""
    status = process.wait(timeout=30)
    if process.stdout:
        process.stdout.close()
    wait_state(person.daemon, "open")
    return status


def test_inhibit_is_a_pause_with_the_command_s_status(anna):
    process = inhibited(anna, "cat", stdin=subprocess.PIPE)
    assert anna.daemon.get("Inhibitors") == [("cat", "Talk")]
    process.stdin.write(b"through it\n")
    process.stdin.close()
    assert process.stdout.read() == b"through it\n"
    assert finish(anna, process) == 0
    for command, status in STATUSES.items():
        code, out, err = anna.ctl("inhibit", "--why=Talk", "--who=Me", "--", *command)
        assert (code, out) == (status, ""), command
        assert (err != "") == (status in (126, 127)), err
    wait_state(anna.daemon, "open")
    # Its own options are the command's, and so is what is no UTF-8.
    done = subprocess.run([anna.program.encode(), b"inhibit", b"--why=x", b"--", b"printf", b"%s %s", b"--json", b"\xe6"],
                          env=anna.daemon.environment, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, b"--json \xe6")


def test_signals_go_to_the_command(anna):
    script = "trap 'echo $0; exit 7' TERM; echo ready; while :; do sleep 0.05; done"
    process = inhibited(anna, "sh", "-c", script, who="me")
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read() == b"sh\n"
    assert finish(anna, process) == 7
    # It is silent before the command runs: until then a signal is for sighejctl itself.
    process = inhibited(anna, "sh", "-c", "echo ready; exec sleep 60")
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    assert finish(anna, process) == 128 + signal.SIGINT


def test_what_stays_behind_keeps_no_silence(anna):
    """The command inherits no descriptor; nor does this program's own end, by a crash, leave silence behind."""
    process = inhibited(anna, "sh", "-c", "read x; ls -l /proc/self/fd; sleep 60 >/dev/null 2>&1 & echo $!",
                        stdin=subprocess.PIPE)
    process.stdin.write(b"go on\n")
    process.stdin.close()
    shown = process.stdout.read().decode().splitlines()
    # 3 is the folder that ls reads.
    assert {line.split(" -> ")[0].split()[-1] for line in shown if " -> " in line} <= {"0", "1", "2", "3"}, shown
    assert finish(anna, process) == 0
    os.kill(int(shown[-1]), signal.SIGKILL)
    process = inhibited(anna, "sh", "-c", "echo $$; exec sleep 60")
    pid = int(process.stdout.readline())
    process.kill()
    assert finish(anna, process) == -signal.SIGKILL
    os.kill(pid, signal.SIGKILL)


def test_export(anna):
    data = checked(json.loads(anna.good("export")))
    assert data["interests"] == ["devops", "board games"] and data["opening"]["state"] == "open"
    assert data["backend"]["session"]["interests"] == ["devops", "board games"]
    assert anna.good("export", "--json=short").count("\n") == 1
    assert anna.good("export").count("\n") > len(SCHEMA)


def test_wipe(anna, run, build):
    status, out, err = anna.ctl("wipe")
    assert (status, out) == (1, "") and "sighejctl wipe --yes" in err and state_files(anna) != []
    assert anna.json("wipe", "--yes") == {"schema": 1, "wiped": True}
    assert state_files(anna) == [] and anna.daemon.get("State") == "off"
    assert checked(json.loads(anna.good("export")))["interests"] == []
    # Once more, by hand; and a daemon that is started for it deletes what it finds.
    assert anna.good("wipe", "--yes") == "All that was held about you is deleted, here and at the backend.\n"
    Run.until(lambda: anna.ctl("status", "-t", "-f", "state")[1] == "off\n", "it is off")
