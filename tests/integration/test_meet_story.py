# SPDX-License-Identifier: GPL-2.0-or-later
"""From a nudge to "we met": two real daemons on the simulated radio, the real backend."""
import pytest
from gi.repository import GLib

from cable import Cable
from people import MAY_WARN, People
from sighejrun import MEET, NUDGE, Run


class Side:
    """One of the two in their meet, as a client sees it on the bus."""

    def __init__(self, daemon):
        self.daemon, self.seen, self.gone = daemon, [], []
        self.path = None
        daemon.connection.signal_subscribe(
            "org.sighej", "org.freedesktop.DBus.Properties", "PropertiesChanged", None, MEET, 0,
            lambda _c, _s, _path, _i, _m, values: self.seen.append(values.unpack()[1]))
        daemon.connection.signal_subscribe(
            "org.sighej", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", None, None, 0,
            lambda _c, _s, _path, _i, _m, values: self.gone.append(values.unpack()[0]))

    def wave(self):
        (path, _shared), = self.daemon.nudges()
        self.daemon.call("Wave", path=path, interface=NUDGE)

    def call(self, method, signature=None, *arguments):
        return self.daemon.call(method, signature, *arguments, path=self.path, interface=MEET)

    def get(self, name):
        return self.daemon.get(name, path=self.path, interface=MEET)

    def meets(self):
        return self.daemon.call("ListMeets")[0]

    def messages(self):
        """(own, text, mark) of each."""
        return [(own, text, mark) for _n, own, _time, text, mark
                in self.call("GetMessages", "(tu)", 0, 0)[0]]

    def wait(self, name, value):
        Run.until(lambda: self.get(name) == value, f"{self.daemon.name}: {name} is {value}")

    def wait_mark(self, mark):
        """The newest message of this side is that far."""
        Run.until(lambda: [m for own, _t, m in self.messages() if own][-1] == mark,
                          f"{self.daemon.name}'s message is {mark}")

    def wait_heard(self, *texts):
        """Exactly these came, in order."""
        Run.until(lambda: [t for own, t, _m in self.messages() if not own] == list(texts),
                          f"{self.daemon.name} has been told {texts}")

    def wait_over(self, state):
        Run.until(lambda: self.path in self.gone, f"{self.daemon.name}'s meet is over")
        assert [seen["State"] for seen in self.seen if "State" in seen][-1] == state
        assert self.meets() == []


@pytest.fixture
def meet(people):
    """Makes anna and bo meet: both sides, verified."""

    def make(**options):
        sides = [Side(one) for one in people.anna_and_bo(**options)]
        people.open()
        people.wait_nudges()
        for side in sides:
            side.wave()
        for side in sides:
            Run.until(side.meets, f"{side.daemon.name} has a meet")
            side.path = side.meets()[0][0]
            side.wait("Trust", "verified")
        return sides
    return make


def test_from_wave_to_met(people):
    anna, bo = (Side(one) for one in people.anna_and_bo())
    people.open()
    people.wait_nudges()
    anna.wave()
    (nudge, _shared), = anna.daemon.nudges()
    assert anna.daemon.get("State", path=nudge, interface=NUDGE) == "waved"
    assert bo.meets() == [] and anna.meets() == []
    bo.wave()
    for one in (anna, bo):
        Run.until(one.meets, f"{one.daemon.name} has a meet")
        one.path = one.meets()[0][0]
        one.wait("Trust", "verified")
        one.wait("PeerThere", True)
    assert anna.daemon.get("State", path=nudge, interface=NUDGE) == "mutual"
    assert anna.daemon.get("Meet", path=nudge, interface=NUDGE) == anna.path
    assert anna.get("Cue") == bo.get("Cue") != ""
    assert anna.get("Handle") == bo.get("PeerHandle") != bo.get("Handle")
    anna.wait("Band", "here")

    bo.daemon.set("Language", GLib.Variant("s", "da"))
    anna.call("ProposeSpot", "(s)", "window")
    bo.wait("Spot", "vinduet")
    assert bo.get("State") == "finding"

    anna.call("SendMessage", "(s)", "I have the red scarf")
    bo.wait_heard("I have the red scarf")
    anna.wait_mark("delivered")
    assert bo.get("Unread") == 1
    bo.call("MarkRead", "(t)", 1)
    anna.wait_mark("seen")
    assert bo.get("Unread") == 0
    bo.call("SetTyping", "(b)", True)
    anna.wait("PeerTyping", True)
    bo.call("SendMessage", "(s)", "grøn hue \N{WAVING HAND SIGN}\nved døren")
    anna.wait_heard("grøn hue \N{WAVING HAND SIGN}\nved døren")
    assert not anna.get("PeerTyping")

    anna.call("ImHere")
    bo.wait("PeerHere", True)
    bo.call("ImHere")
    for one in (anna, bo):
        one.wait("State", "here")
    anna.call("ConfirmMet")
    bo.call("ConfirmMet")
    for one in (anna, bo):
        one.wait_over("met")
        assert one.daemon.counters()["meets.met"] == 1
