# SPDX-License-Identifier: GPL-2.0-or-later
"""The people of the story: what a test expects of daemons that are open near each other."""
from sighejrun import Run

OPEN_SECONDS = 3600
DWELL_SECONDS = 1
MAY_WARN = {"G_DEBUG": "fatal-criticals"}


class People:
    """Daemons on the simulated radio, with one backend, told apart by their names."""

    def __init__(self, run, backend):
        self.run, self.backend, self.all = run, backend, {}

    def __call__(self, name, *interests, **options):
        """A new one, not open yet."""
        options = {"backend": self.backend.uri, "dwell_seconds": DWELL_SECONDS, **options}
        self.all[name] = self.run.daemon(name, interests=list(interests), **options)
        return self.all[name]

    def anna_and_bo(self, **options):
        """Two who share devops and board games, each in own words."""
        return (self("anna", "devops", "hardstyle", "board games", **options),
                self("bo", "jazz", "brætspil", "DevOps", **options))

    def open(self, *some, seconds=OPEN_SECONDS):
        some = some or tuple(self.all.values())
        for one in some:
            one.call("Open", "(u)", seconds)
        for one in some:
            wait_state(one, "open")

    def wait_nudges(self, n_nudges=1, some=()):
        for one in some or self.all.values():
            Run.until(lambda o=one: len(o.nudges()) >= n_nudges,
                      f"{one.name} has {n_nudges} nudges")

    def wait_judged(self, *some, n_more=1):
        """Waits until the backend has answered n_more reports of each."""
        before = {one: one.counters()["link.sighting-results"] for one in some}
        for one in some:
            Run.until(lambda o=one: o.counters()["link.sighting-results"] >= before[o] + n_more,
                      f"the backend answered {one.name}")

    def assert_nudged(self, n_nudges=1, some=()):
        """Exactly so many each: said by the signal and by the counter of what came twice."""
        for one in some or self.all.values():
            assert len(one.nudges()) == n_nudges, one.name
            assert one.counters()["nudges.taken"] == n_nudges, one.name


def wait_state(one, state, reason=None):
    Run.until(lambda: one.get("State") == state, f"{one.name} is {state}")
    if reason is not None:
        Run.until(lambda: one.get("Reason") == reason, f"{one.name} says {reason}")


def wait_packets(ear, name, n_packets, since):
    """The first packets of that name since then."""
    Run.until(lambda: len(ear.heard(name, since)) >= n_packets, f"{n_packets} packets of {name}")
    return ear.heard(name, since)[:n_packets]
