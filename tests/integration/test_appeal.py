# SPDX-License-Identifier: GPL-2.0-or-later
"""T-14 from end to end: real daemons, told with nothing but sighejctl; a real backend, and its operator with
nothing but `sighej-backend reports`."""
import json
import os
import signal
import subprocess

import pytest

from people import MAY_WARN
from sighejrun import Run
from test_cli_daemon import Person

RUN_SECONDS = 60
APPEAL = "it was a bet\namong friends"
KEPT = "the backend has not taken it yet; it is kept here and sent again until you close"


class Town:
    """Everybody shares an interest with dan, and with nobody else."""

    def __init__(self, run, build, clock):
        self.run, self.build, self.clock, self.everybody = run, build, clock, {}
        self.backend = run.backend()

    def start_again(self):
        self.backend = self.run.backend(listen=self.backend.address)

    def reports(self, *words):
        """What the operator is told."""
        done = subprocess.run([os.path.join(self.build, "backend/sighej-backend"), "reports", *words],
                              env={**os.environ, **self.run.env, "STATE_DIRECTORY": self.run.folder("backend")},
                              capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def list(self):
        return json.loads(self.reports("list", "--all", "--json"))["reports"]

    def open(self, name, *interests, **options):
        person = Person(self.run, self.build, name, backend=self.backend.uri, interests=list(interests), **options)
        self.everybody[name] = person
        person.good("open", "--accept-notice", "--wait")
        return person

    def wait(self, **n_nudges):
        for name, n in n_nudges.items():
            Run.until(lambda d=self.everybody[name].daemon, n=n: len(d.nudges()) >= n, f"{name} has {n} nudges")
            assert len(self.everybody[name].daemon.nudges()) == n

    def wait_judged(self, *names):
        """The backend has answered what each of them heard since now."""
        before = {name: self.everybody[name].daemon.counters()["link.sighting-results"] for name in names}
        with self.clock.hurry():
            for name in names:
                Run.until(lambda n=name: self.everybody[n].daemon.counters()["link.sighting-results"] > before[n] + 1,
                          f"the backend answered {name} twice")


@pytest.fixture
def town(run, build, clock):
    return Town(run, build, clock)


def test_T_14_three_report_and_an_appeal_that_is_granted_brings_nudges_back(town):
    dan = town.open("dan", "jazz", "devops", "board games", "hardstyle")
    for name, interest in (("anna", "jazz"), ("bo", "devops"), ("cat", "board games")):
        one = town.open(name, interest)
        town.wait(**{name: 1})
        assert one.json("report", "1", "--reason=harassment", "--message", f"said {name}")["reason"] == "harassment"
    town.wait(dan=3)
    # What was answered is written.
    assert [report["n_reporters"] for report in town.list()] == [3, 3, 3]
    assert all(report["muted_until"] for report in town.list())

    town.open("eve", "hardstyle")
    town.wait_judged("dan", "eve")
    town.wait(dan=3, eve=0)

    assert dan.good("appeal", APPEAL).startswith("The operators have it.")
    assert town.everybody["eve"].json("appeal", "I see nobody") == {"schema": 1, "state": "written"}
    assert [report["n_appeals"] for report in town.list()] == [1, 1, 1]
    assert "".join(f"      | {line}\n" for line in APPEAL.splitlines()) in town.reports("show", "1")
    assert "dismissed" in town.reports("act", "1", "unmute", "--note=a bet")
    with town.clock.hurry():
        Run.until(lambda: town.everybody["eve"].daemon.nudges(), "eve is nudged")
    town.wait(dan=4, eve=1)


def test_what_was_answered_survives_a_kill(town):
    town.open("dan", "jazz")
    anna = town.open("anna", "jazz", env=MAY_WARN)
    town.wait(anna=1)
    anna.good("report", "1", "--reason=spam", "--message=before")
    town.backend.kill(signal.SIGKILL)
    town.backend.ends_with = None
    assert "before" in town.reports("show", "1")

    for _ in range(2):                                  # saying it again makes no second one
        status, out, err = anna.ctl("report", "1", "--reason=danger", "--message=while away", "--json=short")
        assert (status, json.loads(out)["error"]["name"]) == (8, "org.sighej.Error.Offline")
        assert KEPT.split(";")[0] in err
    assert anna.daemon.counters()["complaints.waiting"] == 1
    town.start_again()
    with town.clock.hurry():
        Run.until(lambda: anna.daemon.counters()["complaints.taken"] == 2, "the report is sent again")
    assert anna.daemon.counters()["complaints.waiting"] == 0
    assert [report["reason"] for report in town.list()] == ["spam", "danger"]
    assert "while away" in town.reports("show", "2")
    anna.good("close")
    status, _out, err = anna.ctl("appeal", "no")
    assert status == 1 and "sighejctl open" in err
