# SPDX-License-Identifier: GPL-2.0-or-later
"""From a nudge to "we met": two real daemons on the simulated radio, the real backend."""
import os
import re
import secrets
import socket

import pytest
from gi.repository import GLib

from cable import Cable
from sighejrun import MEET, NUDGE, Run

REGION_BYTES_MAX = 2 ** 28      # a sanitizer's shadow is larger


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


def holds(pid, text):
    """Whether a process has this in its memory."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            start, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            n_bytes = int(end, 16) - int(start, 16)
            if not rights.startswith("rw") or n_bytes > REGION_BYTES_MAX:
                continue
            memory.seek(int(start, 16))
            try:
                if text.encode() in memory.read(n_bytes):
                    return True
            except OSError:
                continue
    return False


def meet_each_other(people, *sides):
    """Everybody waves at the only one who was found, so each finds another."""
    people.open()
    people.wait_nudges()
    for side in sides:
        side.wave()
    for side in sides:
        Run.until(side.meets, f"{side.daemon.name} has a meet")
        side.path = side.meets()[0][0]
        side.wait("Trust", "verified")


def assert_kept_nowhere(run, backend, text):
    """Not in a file, not in a log, and not in the backend's memory."""
    assert not holds(backend.pid, text)
    for folder, _folders, names in os.walk(run.top):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    assert text.encode() not in file.read(), path
    for process in run.started:
        assert text not in process.text(), process.name


def test_from_wave_to_met_and_nothing_is_kept(run, people, backend):
    canary = "canary " + secrets.token_hex(8)
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
    assert bo.get("State") in ("finding", "here")   # the radios may have found it by themselves

    anna.call("SendMessage", "(s)", canary)
    bo.wait_heard(canary)
    anna.wait_mark("delivered")
    assert not holds(backend.pid, canary)
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
        with pytest.raises(GLib.Error):
            one.call("GetMessages", "(tu)", 0, 0)
    assert_kept_nowhere(run, backend, canary)


def test_nobody_learns_of_one_wave(people):
    anna, bo = (Side(one) for one in people.anna_and_bo())
    people.open()
    people.wait_nudges()
    before = bo.daemon.counters()
    anna.wave()
    (path, _shared), = anna.daemon.nudges()
    anna.daemon.call("NotNow", path=path, interface=NUDGE)
    Run.until(lambda: path in anna.gone, "anna's nudge is gone")
    bo.wave()
    (path, _shared), = bo.daemon.nudges()
    assert bo.daemon.get("State", path=path, interface=NUDGE) == "waved"
    assert bo.daemon.get("Meet", path=path, interface=NUDGE) == "/"
    after = bo.daemon.counters()
    assert after["link.meet-states"] == before["link.meet-states"] == 0
    assert anna.meets() == bo.meets() == []


def test_a_talk_outlives_lost_connections(people, backend):
    with Cable(backend.address) as cable:
        anna, bo = people.anna_and_bo(backend=cable.uri)
        anna, bo = Side(anna), Side(bo)
        meet_each_other(people, anna, bo)
        texts = [f"number {i}" for i in range(6)]
        for i, text in enumerate(texts):
            anna.call("SendMessage", "(s)", text)
            bo.call("SendMessage", "(s)", text)
            if i % 2:
                cable.cut()
        for one in (anna, bo):
            one.wait_heard(*texts)
            one.wait_mark("delivered")
            assert one.get("Trust") == "verified"
            assert one.daemon.counters()["link.reconnects"] >= 1


def test_who_leaves_ends_it_for_both(people):
    """Three meets at once, each ended in another way."""
    ways = {"jazz": lambda side: side.call("End", "(s)", ""),
            "devops": lambda side: side.daemon.call("Close"),
            "board games": lambda side: side.daemon.call("Pause", "(u)", 0)}
    pairs = [[Side(people(f"{who}-{interest}", interest)) for who in ("anna", "bo")] for interest in ways]
    meet_each_other(people, *(side for pair in pairs for side in pair))
    for (anna, _bo), leave in zip(pairs, ways.values()):
        leave(anna)
    for pair in pairs:
        for side in pair:
            side.wait_over("ended")


def test_a_wrong_code_leads_nowhere(people):
    anna = people("anna", "jazz")
    people.open()
    for code, error in (("0000-0000-0000", "NotFound"), ("12345", "Failed"), ("x" * 12, "Failed")):
        with pytest.raises(GLib.Error, match=error):
            anna.call("PairByCode", "(s)", code)
    assert anna.call("ListMeets") == ([],)


class SwappingCable(Cable):
    """Stands between: whoever is told the other's key is told this one instead.

    What the daemons send is masked: in that, the beginning of a key is chance, and waits for nothing.
    """

    KEY = re.compile(rb'("peer_key":")[0-9a-f]{64}')
    OTHER = secrets.token_hex(32).encode()
    LONGEST = 80

    def _pump(self, source, sink):
        kept = b""
        try:
            if source.getpeername() != self.target:
                super()._pump(source, sink)
                return
            while data := source.recv(65536):
                data = self.KEY.sub(rb"\g<1>" + self.OTHER, kept + data)
                at = data.rfind(b'"p')
                split = at >= 0 and at > len(data) - self.LONGEST and not data[at:].endswith(b"}")
                data, kept = (data[:at], data[at:]) if split else (data, b"")
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_a_backend_that_swaps_keys_is_found(people, backend):
    with SwappingCable(backend.address) as cable:
        anna, bo = (Side(one) for one in people.anna_and_bo(backend=cable.uri))
        people.open()
        people.wait_nudges()
        anna.wave()
        bo.wave()
        for one in (anna, bo):
            Run.until(lambda o=one: o.gone and not o.meets(), f"{one.daemon.name}'s meet is over")
        # Who finds it first ends it; the other may not come to judge a letter any more.
        broken = [seen for one in (anna, bo) for seen in one.seen if seen.get("Trust") == "broken"]
        assert broken
        assert all(seen["Problem"] in ("key-unheard", "message-changed") for seen in broken)
        assert len(broken) == sum(one.daemon.counters()["meets.broken"] for one in (anna, bo))
