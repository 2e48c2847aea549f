# SPDX-License-Identifier: GPL-2.0-or-later
"""sighejctl with the real daemon and backend, as a person uses them from the first start on."""
import json
import os
import re
import subprocess

import pytest

from people import DWELL_SECONDS
from sighejrun import Process, Run

RUN_SECONDS = 90


class Person:
    """A daemon, and the command line beside it."""

    def __init__(self, run, build, name, daemon=None, **options):
        self.run, self.name = run, name
        self.daemon = daemon or run.daemon(name, dwell_seconds=DWELL_SECONDS, **options)
        self.program = os.path.join(build, "client/cli/sighejctl")

    def ctl(self, *arguments):
        """(exit status, stdout, stderr)"""
        done = subprocess.run([self.program, *arguments], env=self.daemon.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=RUN_SECONDS, check=False)
        return done.returncode, done.stdout, done.stderr

    def good(self, *arguments):
        status, out, err = self.ctl(*arguments)
        assert status == 0, err
        return out

    def json(self, *arguments):
        return json.loads(self.good(*arguments, "--json=short"))

    def follow(self, *arguments):
        process = self.run.add(Process("sighejctl", [self.program, *arguments],
                                       env=self.daemon.environment))
        process.ends_with = None
        return process


@pytest.fixture
def anna(run, build, backend):
    return Person(run, build, "anna", backend=backend.uri, interests=["devops", "board games"])


def test_first_run(run, build, backend):
    new = Person(run, build, "new")
    status, _, err = new.ctl("open")
    assert status == 8 and "sighejctl backend set" in err
    assert new.json("backend", "set", backend.uri)["uri"] == backend.uri
    status, _, err = new.ctl("open")
    assert status == 1 and backend.uri + "/privacy" in err and "--accept-notice" in err
    status, _, err = new.ctl("open", "--accept-notice")
    assert status == 1 and "sighejctl interests set" in err
    assert new.good("interests", "set", "DevOps", "brætspil") == "DevOps  brætspil\n"
    assert re.fullmatch(r"Open to talk until \d\d:\d\d\.\n", new.good("open", "90min", "--wait"))
    assert new.ctl("is-open")[0] == 0


def test_a_day(anna):
    opened = anna.json("open", "90min", "--wait", "--accept-notice")
    assert opened["state"] == "open" and opened["open_until"] == anna.daemon.get("OpenUntil")
    assert anna.json("extend", "30min")["open_until"] == opened["open_until"] + 1800
    assert anna.json("pause", "15min")["state"] == "paused"
    assert anna.ctl("is-open")[0] == 3
    assert anna.json("resume")["paused_until"] == 0
    assert anna.json("wait", "open")["state"] == "open"
    status = anna.json("status")
    assert (status["state"], status["bluetooth"], status["backend"]) == ("open", "ready", "online")
    assert anna.json("close", "--wait")["state"] == "off"
    assert anna.json("toggle", "--wait")["state"] == "open"
    assert anna.json("toggle", "--wait")["state"] == "off"
    assert anna.ctl("close")[0] == 0


def test_the_daemon_refuses(anna):
    anna.good("open", "--accept-notice")
    for arguments, name in ((["open", "10s"], "InvalidDuration"),
                            (["extend", "4h"], "InvalidDuration"),
                            (["interests", "set", "x" * 41], "InvalidInterest"),
                            (["interests", "set", *(f"word {n}" for n in range(21))],
                             "InvalidInterest")):
        status, out, err = anna.ctl(*arguments, "--json=short")
        assert status == 1 and err.startswith("sighejctl: ")
        assert json.loads(out)["error"]["name"] == "org.sighej.Error." + name
    anna.good("close")
    assert anna.ctl("pause")[0] == 1
    assert anna.ctl("backend", "set", "http://match.example")[0] == 1
    assert anna.ctl("not-now", "7")[0] == 10


def test_interests(anna):
    assert anna.good("interests", "add", "jazz") == "devops  board games  jazz\n"
    assert anna.good("interests", "remove", "Brætspil") == "devops  jazz\n"
    found = anna.json("interests", "search", "brætspil")["found"]
    assert found[0]["id"] == "board-games" and found[0]["category"] == "games"


def test_two_are_nudged(run, build, backend, anna):
    bo = Person(run, build, "bo", backend=backend.uri, interests=["brætspil", "jazz"])
    watch = anna.follow("watch", "--json")
    waiting = bo.follow("wait", "nudge", "--timeout=60", "-t")
    Run.until(lambda: watch.lines, "the snapshot")
    for person in (anna, bo):
        person.good("open", "--wait", "--accept-notice")
    Run.until(lambda: watch.find('"event":"nudge"'), "anna's nudge")
    assert waiting.wait() == 0
    assert waiting.text().startswith("1:")
    nudge = json.loads(watch.find('.*"event":"nudge".*').string)
    assert nudge["id"] == 1 and nudge["shared"] == anna.daemon.get(
        "SharedInterests", path="/org/sighej/nudges/1", interface="org.sighej.Nudge1")
    assert len(bo.json("nudges")["nudges"]) == 1
    assert bo.json("not-now", "1") == {"schema": 1, "id": 1, "state": "gone"}
    assert bo.json("nudges")["nudges"] == []
    assert bo.ctl("not-now", "1")[0] == 10
    anna.good("close", "--wait")
    Run.until(lambda: watch.find('"event":"nudge-gone","id":1'), "anna's nudge is gone")
    Run.until(lambda: watch.find('"event":"state","state":"off"'), "anna's watch says off")


def test_doctor_and_adapter(anna):
    checks = anna.json("doctor")["checks"]
    assert checks and all(check["status"] in ("ok", "warning", "error") for check in checks)
    assert all(check["next"] for check in checks if check["status"] == "error")
    assert "adapters" in anna.json("adapter")
    assert anna.ctl("adapter", "hci99")[0] == 10
    version = anna.json("version")
    assert version["client"] == version["daemon"] and version["api"] == 1


def test_backend_that_is_away(run, build):
    lone = Person(run, build, "lone", backend="http://127.0.0.1:9", interests=["jazz"],
                  env={"G_DEBUG": "fatal-criticals"})
    status, _, err = lone.ctl("open", "--wait", "--timeout=3", "--accept-notice")
    assert status in (4, 8) and "sighejctl: " in err
    assert lone.json("status")["backend"] != "online"
    assert lone.json("close", "--wait")["state"] == "off"
