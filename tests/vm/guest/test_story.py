# SPDX-License-Identifier: GPL-2.0-or-later
"""The story that must always pass, on the real Bluetooth stack: two people meet.

Anna is on hci0 and Bo on hci1, with the kernel's stack and bluetoothd between their daemons and
two emulated controllers. The HCI trace is the judge of what was on the air.
"""
import signal
import time

import pytest

import bluez
from stack import Backend, Daemon, TimeShift, wait_until

INTERESTS = {"anna": ["devops", "hardstyle"], "bo": ["jazz", "DevOps"]}
SHARED = {"anna": ["devops"], "bo": ["DevOps"]}
SILENCE_S = 2                   # after Close, TERM and KILL
TOKEN_MAX_S = 900               # a token lives for 600 to 900 s
OPEN_S = 7200
NUDGE_TIMEOUT_S = 120           # discovery gives a sample every few seconds
NEAR_DBM = -58
HEAD = bluez.AD_HEAD.hex()
CONSTANT_DIGITS = len(HEAD) + 2 * 3     # version and flags, realm, tx_cal
AD_DIGITS = 2 * 31
QUICK = {"Proximity": {"DwellSeconds": 2}, "Log": {"Level": "debug"}}


class Story:
    """Anna and Bo, a backend, and what the trace tells since they started."""

    def __init__(self, stack):
        self.stack, self.clock = stack, TimeShift(stack.folder)
        self.began = time.time()
        stack.tell("rssi * * %d 1" % NEAR_DBM)
        self.backend = Backend(stack, clock=self.clock)
        self.people = []

    def __enter__(self):
        self.backend.start()
        for number, name in enumerate(INTERESTS):
            one = Daemon(self.stack, name, "hci%d" % number, backend=self.backend.uri, config=QUICK,
                         clock=self.clock)
            one.start()
            self.people.append(one)
            one.call("SetInterests", "(as)", INTERESTS[name])
        return self

    def __exit__(self, *failure):
        for one in self.people:
            one.__exit__(*failure)
        self.backend.__exit__(*failure)

    def open(self):
        for one in self.people:
            one.call("Open", "(u)", OPEN_S)
        for one in self.people:
            one.wait_property("State", "open", 60)

    def on_air(self, number):
        return [o for o in self.stack.trace().on_air_intervals(number) if o.start >= self.began]

    def wait_one(self, number):
        one, = self.stack.wait_on_air(number, lambda now: len(now) == 1)
        return one

    def wait_another(self, number, before):
        """What follows on the air."""
        wait_until(lambda: self.on_air(number)[-1].data != before.data, what="another token")
        return self.wait_one(number)

    def assert_silent_since(self, when, number):
        self.stack.wait_on_air(number, lambda now: not now, timeout_s=2 * SILENCE_S)
        assert max(o.end for o in self.on_air(number)) - when < SILENCE_S

    def assert_only_ours(self):
        """Our 31 bytes and no others, one at a time, never twice the same token or address."""
        for number in range(len(self.people)):
            everything = self.on_air(number)
            assert everything
            for o in everything:
                assert o.data.startswith(HEAD) and len(o.data) == AD_DIGITS and o.response == ""
                assert (o.pdu, o.address_kind) == ("ADV_NONCONN_IND", "nonresolvable")
            assert len({o.data for o in everything}) == len(everything)
            assert len({o.address for o in everything}) == len(everything)
            assert len({o.data[:CONSTANT_DIGITS] for o in everything}) == 1
            for before, after in zip(everything, everything[1:]):
                assert before.end is not None and before.end <= after.start

    def nudges(self, one):
        return [s for s in one.signals if s[3] == "NudgeReceived"]

    def wait_nudges(self):
        for one in self.people:
            _, (path, shared) = one.wait_signal("NudgeReceived", NUDGE_TIMEOUT_S)
            assert path == "/org/sighej/nudges/1"
            assert shared == SHARED[one.name]


@pytest.fixture
def story(stack):
    with Story(stack) as one:
        yield one


def test_both_are_nudged_once_with_what_they_share(story):
    story.open()
    story.wait_nudges()
    for one in story.people:
        assert one.get("Bluetooth") == "ready"
        assert one.get("Privacy") == "guarded"
        assert one.get("NearbyCount") == 1
        assert one.get("Rotating")
    for one in story.people:
        one.call("Close")
    for number in (0, 1):
        story.stack.wait_on_air(number, lambda now: not now)
    assert [len(story.nudges(one)) for one in story.people] == [1, 1]
    story.assert_only_ours()


def test_the_other_side_hears_what_is_on_the_air_and_from_nobody_else(story):
    story.open()
    story.wait_nudges()
    sent = {(o.data, o.address) for o in story.on_air(0)}
    heard = {(r.data, r.address) for r in story.stack.trace().reports(1) if r.time >= story.began}
    assert heard == sent
    assert all(r.address_kind == "nonresolvable" and r.pdu == "ADV_NONCONN_IND"
               for r in story.stack.trace().reports(1) if r.time >= story.began)


def test_token_and_address_change_together_at_rotation(story):
    story.open()
    before = [story.wait_one(number) for number in (0, 1)]
    story.clock.advance(TOKEN_MAX_S)
    for number in (0, 1):
        after = story.wait_another(number, before[number])
        assert after.address != before[number].address
        assert after.data[:CONSTANT_DIGITS] == before[number].data[:CONSTANT_DIGITS]
        assert after.data[CONSTANT_DIGITS:] != before[number].data[CONSTANT_DIGITS:]
    story.assert_only_ours()
    story.wait_nudges()


def test_a_pause_is_silence_and_what_follows_is_another(story):
    story.open()
    before = story.wait_one(0)
    when = time.time()
    story.people[0].call("Pause", "(u)", 0)
    story.assert_silent_since(when, 0)
    story.people[0].call("Resume")
    after = story.wait_one(0)
    assert after.address != before.address and after.data != before.data
    story.assert_only_ours()


def test_closing_is_silence(story):
    story.open()
    story.wait_one(0)
    when = time.time()
    story.people[0].call("Close")
    answered = time.time()
    story.assert_silent_since(when, 0)
    assert max(o.end for o in story.on_air(0)) <= answered
    story.assert_only_ours()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_the_end_of_the_daemon_is_silence(story, signum):
    story.open()
    story.wait_one(0)
    when = time.time()
    story.people[0].process.popen.send_signal(signum)
    story.assert_silent_since(when, 0)
    wait_until(lambda: not story.people[0].process.is_running(), what="its end")
    story.assert_only_ours()


def test_the_loss_of_the_bus_is_silence(story):
    story.open()
    story.wait_one(0)
    when = time.time()
    story.people[0].dbus.popen.kill()
    story.assert_silent_since(when, 0)
    wait_until(lambda: not story.people[0].process.is_running(), what="its end")
    story.assert_only_ours()
