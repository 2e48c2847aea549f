# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the two of a meet are, shown to each other only while both want it; with a GeoClue of our own on the
private system bus of each machine (SECURITY-DESIGN T-18)."""
import pytest

from geoclue import Geoclue
from sighejrun import MEET, NUDGE, Run

FIX_SECONDS = 60      # SIGHEJ_GEOCLUE_FIX_SECONDS
HERE, NORTH_OF_IT = (55.6761, 12.5683), (55.6766, 12.5683)     # 56 m apart


class Walker:
    """One of the two, and where GeoClue thinks she is."""

    def __init__(self, run, people, name, has_geoclue):
        bus = run.bus(f"{name}-system-bus")
        self.geoclue = Geoclue(bus) if has_geoclue else None
        self.daemon = people(name, "devops", env={"DBUS_SYSTEM_BUS_ADDRESS": bus.address})
        self.meet = None

    def find_meet(self):
        self.meet = Run.until(lambda: self.daemon.call("ListMeets")[0], "a meet")[0][0]

    def share(self, on=True):
        self.daemon.call("SharePosition", "(b)", on, path=self.meet, interface=MEET)

    def get(self, name):
        return self.daemon.get(name, path=self.meet, interface=MEET)

    def wait(self, name, value):
        Run.until(lambda: self.get(name) == value, f"{self.daemon.name}'s {name} is {value}")


@pytest.fixture
def walk(run, people):
    def make(*has_geoclue):
        walkers = [Walker(run, people, name, has) for name, has in zip(("anna", "bo"), has_geoclue)]
        people.open()
        people.wait_nudges()
        for one in walkers:
            one.daemon.call("Wave", path=one.daemon.nudges()[0][0], interface=NUDGE)
        for one in walkers:
            one.find_meet()
        return walkers
    return make


def test_only_while_both_share(walk):
    anna, bo = walkers = walk(True, True)
    anna.geoclue.move(*HERE)
    bo.geoclue.move(*NORTH_OF_IT)
    anna.share()
    anna.wait("Sharing", "asked")
    assert bo.get("Sharing") == "off"
    assert not anna.geoclue.clients and not bo.geoclue.clients

    bo.share()
    for one in walkers:
        one.wait("Sharing", "on")
        Run.until(lambda o=one: len(o.geoclue.clients) == 1, "GeoClue is asked")
    Run.until(lambda: anna.get("PeerPlace")[0] == "n" and bo.get("PeerPlace")[0] == "s",
              "each sees where the other is")
    for one in walkers:
        client, = one.geoclue.clients.values()
        assert (client["DesktopId"], client["RequestedAccuracyLevel"]) == ("org.sighej", 8)

    bo.share(False)
    for one in walkers:
        Run.until(lambda o=one: not o.geoclue.clients, "GeoClue is left alone")
        one.wait("PeerPlace", ("", ""))
    for one in walkers:
        assert not one.daemon.find(r"55\.67|12\.56")


def test_words_when_there_is_no_position(clock, walk):
    anna, bo = walkers = walk(False, True)
    bo.geoclue.deny = True
    for one in walkers:
        assert one.get("Problem") == ""
        one.share()
    anna.wait("Problem", "location-missing")
    bo.wait("Problem", "location-denied")
    assert bo.get("State") == "agreed"
    anna.share(False)
    for one in walkers:
        one.wait("Problem", "")

    bo.geoclue.deny = False
    for one in walkers:
        one.share()
    Run.until(lambda: any(client.get("started") for client in bo.geoclue.clients.values()), "bo's GeoClue searches")
    assert bo.get("Problem") == ""
    clock.advance(FIX_SECONDS)
    bo.wait("Problem", "location-unknown")
    bo.geoclue.move(*HERE)
    bo.wait("Problem", "")
