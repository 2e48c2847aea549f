# SPDX-License-Identifier: GPL-2.0-or-later
"""When a daemon listens: all the time on mains, in turns on battery, and always where somebody is.

A real daemon and backend, BlueZ and UPower of our own; time is turned. With a monitor nothing but
the plan stops a scan.
"""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.join(TOP, "tests", "lib")]

from fakebluez import FakeBluez, service_data  # noqa: E402
from machine import Machine  # noqa: E402

FIRST_S, TURN_S, PAUSE_S, QUIET_PAUSE_S = 60, 10, 20, 50
GONE_S = 31                             # of listening without a packet
RETRY_S = 1                             # a scan that was refused once is tried again within that
OPEN_S = 7200


class Walker:
    """A person who walks about with a laptop."""

    def __init__(self, run, clock, on_battery):
        self.run, self.clock = run, clock
        self.machine = Machine(run)
        self.machine.start_power(on_battery)
        self.bluez = FakeBluez(run, experimental=True, bus=self.machine.bus)
        self.backend = run.backend()
        self.daemon = run.daemon("anna", backend=self.backend.uri, interests=["devops"], radio="bluez",
                                 env=self.machine.env)
        run.until(lambda: self.daemon.find("runs on its battery") or not on_battery, "the battery is seen")
        self.daemon.call("Open", "(u)", OPEN_S)
        run.until(lambda: self.daemon.get("State") == "open", "open")
        self.wait(True, "listening")

    def listens(self):
        calls = [c.method for c in self.bluez.calls() if c.method in ("StartDiscovery", "StopDiscovery")]
        return calls[-1:] == ["StartDiscovery"]

    def wait(self, listens, what):
        self.run.until(lambda: self.listens() == listens, what)

    def counter(self, name):
        return self.daemon.counters()[name]

    def n_moves(self, state):
        return sum(line.endswith(" -> " + state) for _, line in list(self.daemon.lines) if "scan plan:" in line)

    def pass_into(self, state, seconds=0):
        """Lets so much time pass; then the plan gets into that state."""
        n_before = self.n_moves(state)
        self.clock.advance(seconds)
        self.run.until(lambda: self.n_moves(state) > n_before, state)
        self.wait(state != "pause", state)

    def hear(self, number):
        realm = bytes.fromhex(self.bluez.wait_on_air()[0])[1]
        assert self.bluez.hear(service_data(realm, number), sender=number)

    def plan(self):
        checks = {check[0]: check[2] for check in self.daemon.call("Check", interface="org.sighej.Diagnostics1")[0]}
        return checks["bluetooth.plan"]


@pytest.fixture
def walker(run, clock, request):
    one = Walker(run, clock, request.param)
    yield one
    one.bluez.assert_fair()


on_battery = pytest.mark.parametrize("walker", [True], indirect=True, ids=["battery"])
on_mains = pytest.mark.parametrize("walker", [False], indirect=True, ids=["mains"])


@on_battery
def test_on_battery_it_listens_in_turns_and_is_seen_all_the_while(walker):
    assert "first minute" in walker.plan()
    walker.pass_into("turn", FIRST_S)
    walker.pass_into("pause", TURN_S)
    seen = walker.bluez.wait_on_air()
    assert walker.daemon.get("State") == "open"
    assert "10 s in every 30 s" in walker.plan()
    walker.pass_into("turn", PAUSE_S)
    walker.pass_into("pause", TURN_S)
    assert walker.bluez.on_air() == seen
    assert walker.counter("scan.pauses") == 2
    assert walker.daemon.get("State") == "open"


@on_battery
def test_who_is_heard_ends_the_pauses_until_gone(walker):
    walker.pass_into("turn", FIRST_S)
    walker.pass_into("pause", TURN_S)
    walker.pass_into("turn", PAUSE_S)
    walker.run.until(lambda: walker.bluez.calls("StartDiscovery")[-1].answered, "it listens")
    walker.hear(1)
    walker.run.until(lambda: walker.daemon.get("NearbyCount") == 1, "heard")
    pauses = walker.counter("scan.pauses")
    walker.clock.advance(TURN_S)
    assert "somebody is there" in walker.plan()
    assert walker.counter("scan.pauses") == pauses and walker.listens()
    walker.pass_into("turn", GONE_S)
    assert "until somebody is there" in walker.plan()
    walker.pass_into("pause", TURN_S)


@on_battery
def test_mains_end_the_pauses_and_so_does_closing(walker):
    walker.pass_into("turn", FIRST_S)
    walker.pass_into("pause", TURN_S)
    walker.machine.plug(True)
    walker.wait(True, "plugged in")
    walker.machine.plug(False)
    walker.run.until(lambda: "on mains" not in walker.plan(), "unplugged")
    walker.pass_into("pause", TURN_S)
    walker.daemon.call("Close")
    starts = len(walker.bluez.calls("StartDiscovery"))
    walker.clock.advance(PAUSE_S)
    walker.run.until(lambda: walker.daemon.get("State") == "off", "closed")
    assert len(walker.bluez.calls("StartDiscovery")) == starts
    walker.daemon.call("Open", "(u)", OPEN_S)
    walker.wait(True, "open again")


@on_battery
def test_a_pause_does_not_hide_that_the_scan_is_refused(walker):
    walker.pass_into("turn", FIRST_S)
    walker.pass_into("pause", TURN_S)
    walker.bluez.tell("fail StartDiscovery org.bluez.Error.Failed")
    n_refused = len(walker.bluez.calls("StartDiscovery"))
    walker.pass_into("turn", PAUSE_S)
    walker.bluez.wait_calls("StartDiscovery", n_refused + 1, answered=True)
    walker.run.until(lambda: walker.daemon.find("cannot scan"), "refused")
    walker.pass_into("steady", RETRY_S)
    assert (walker.daemon.get("State"), walker.daemon.get("Reason")) == ("waiting", "radio-stalled")
    assert "until the radio is well" in walker.plan()


@on_mains
def test_on_mains_it_always_listens(walker):
    walker.clock.advance(FIRST_S + TURN_S)
    assert "on mains" in walker.plan()
    assert walker.listens() and walker.counter("scan.pauses") == 0
