# SPDX-License-Identifier: GPL-2.0-or-later
"""From a nudge to "we met", or to nothing at all, on the real Bluetooth stack.

Anna has sighejctl and Bo has busctl, and neither has anything else. How near they are is what the
emulated controllers say; what was on the air is what the HCI trace says.
"""
import json
import re
import time

import pytest

from people import TOKEN_MAX_S, People
from stack import wait_until

EXPERIMENTAL = True                     # every packet is heard; a sample every two seconds is test_story's
NEAR_DBM, CLOSEST_DBM = -66, -45        # 7 dB beyond one metre, and well within
CLOSEST_READINGS = 5
NUDGE_S, MARGIN_S = 600, 120            # a nudge lasts so long; what the test takes of it at most
WAIT_S = 120                            # nobody waits so long in success
NUDGE, MEET = "org.sighej.Nudge1", "org.sighej.Meet1"
PROPERTIES = "org.freedesktop.DBus.Properties"
NUDGE_PATH, MEET_PATH = "/org/sighej/nudges/%d", "/org/sighej/meets/%d"
SAID, ANSWERED = "I have the red scarf", "grøn hue, ved døren"
SAID_LATER, ANSWERED_LATER = "on my way", "så vinker jeg"


class One:
    """One of the two. What they do and are told goes by their program; only waiting does not.

    number: of the nudge, and of the meet that comes of it.
    """

    def __init__(self, daemon, number):
        self.daemon, self.number = daemon, str(number)
        self.nudge_path, self.meet_path = NUDGE_PATH % number, MEET_PATH % number

    def wait(self, check, what):
        """Asks at once, and again whenever its bus has brought something."""
        asked_at = []

        def look():
            if asked_at == [len(self.daemon.signals)]:
                return False
            asked_at[:] = [len(self.daemon.signals)]
            return check()
        wait_until(look, WAIT_S, "%s: %s" % (self.daemon.name, what))

    def wait_shown(self, **wanted):
        """Until the meet's properties are so."""
        for name, value in wanted.items():
            self.wait(lambda: self.daemon.get(name, MEET, self.meet_path) == value, "%s is %s" % (name, value))

    def wait_mark(self, mark):
        """Until its newest message is that far."""
        def marks():
            messages, = self.daemon.call("GetMessages", "(tu)", 0, 0, interface=MEET, path=self.meet_path)
            return [mark for _n, own, _time, _text, mark in messages if own]
        wait_until(lambda: marks()[-1] == mark, WAIT_S, "%s's message is %s" % (self.daemon.name, mark))

    def n_resumed(self):
        """How often it has asked the backend anew what became of its wave, and was answered."""
        return self.daemon.call("GetCounters", interface="org.sighej.Diagnostics1")[0]["meets.resumed"]

    def wait_states(self, interface, *states):
        """Until its nudge or meet has been in exactly these, by the signals on its bus."""
        def seen():
            return [arguments[1]["State"] for _time, _path, _interface, member, arguments in self.daemon.signals
                    if member == "PropertiesChanged" and arguments[0] == interface and "State" in arguments[1]]
        self.wait(lambda: seen() == list(states), " ".join(states))

    def objects(self):
        """Of nudges and meets on its bus."""
        result = self.daemon.busctl("--list", "tree", "org.sighej")
        assert result.returncode == 0
        return [path for path in result.stdout.split() if re.search("/[0-9]+$", path)]

    def meet(self):
        meet, = self.meets()
        return meet


class Sighejctl(One):
    """With nothing but sighejctl."""

    def run(self, *arguments):
        result = self.daemon.ctl("--json=short", *arguments)
        assert (result.returncode, result.stderr) == (0, ""), arguments
        return json.loads(result.stdout)

    def nudge_states(self):
        return [nudge["state"] for nudge in self.run("nudges")["nudges"]]

    def meets(self):
        """What it shows of each."""
        return self.run("meets")["meets"]

    def wave(self):
        assert self.run("wave", self.number)["state"] == "waved"

    def wait_meet(self):
        self.run("wait", "meet")

    def name_spot(self, name):
        assert self.run("spot", self.number, name)["named"]

    def say(self, text):
        self.run("say", self.number, text)

    def read(self):
        """What it was told so far; the other side is told that it has been seen."""
        return [message["text"] for message in self.run("messages", self.number)["messages"] if not message["own"]]

    def confirm(self):
        self.run("met", self.number)


class Busctl(One):
    """With nothing but busctl."""

    def call(self, path, interface, method, *arguments):
        """The first value of the answer."""
        result = self.daemon.busctl("--json=short", "call", "org.sighej", path, interface, method, *arguments)
        assert (result.returncode, result.stderr) == (0, ""), (method, arguments)
        return json.loads(result.stdout)["data"][0] if result.stdout else None

    def list(self, method):
        return self.call("/org/sighej", "org.sighej.Manager1", method)

    def nudge_states(self):
        return [state for _path, state, *_ in self.list("ListNudges")]

    def meets(self):
        """What is on the bus of each, in sighejctl's spelling."""
        objects = self.call("/org/sighej", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        return [{re.sub("(?<!^)(?=[A-Z])", "_", name).lower(): value["data"] for name, value in object[MEET].items()}
                for object in objects.values() if MEET in object]

    def wave(self):
        self.call(self.nudge_path, NUDGE, "Wave")

    def not_now(self):
        self.call(self.nudge_path, NUDGE, "NotNow")

    def wait_meet(self):
        self.wait(lambda: self.daemon.call("ListMeets")[0], "a meet")
        assert [path for path, *_ in self.list("ListMeets")] == [self.meet_path]

    def say(self, text):
        self.call(self.meet_path, MEET, "SendMessage", "s", text)

    def read(self):
        """As Sighejctl's."""
        messages = self.call(self.meet_path, MEET, "GetMessages", "tu", "0", "0")
        self.call(self.meet_path, MEET, "MarkRead", "t", str(messages[-1][0]))
        return [text for _n, own, _time, text, _mark in messages if not own]

    def confirm(self):
        self.call(self.meet_path, MEET, "ConfirmMet")


class Crowd:
    """The two of all tests on a stack: a test has an opening of theirs, not programs of its own."""

    def __init__(self):
        self.people, self.n_openings = None, 0

    def open(self, stack):
        if self.people is None:
            self.people, self.n_openings = People(stack), 0
            self.people.__enter__()
        stack.tell("rssi * * %d 1" % NEAR_DBM)
        self.people.open()
        self.n_openings += 1
        self.people.wait_nudges(self.n_openings)

    def close(self):
        for one in self.people:
            one.call("Close")
        for one in self.people:
            one.wait_property("State", "off")
            one.signals.clear()

    def end(self):
        people, self.people = self.people, None
        if people is not None:
            people.__exit__(None, None, None)


@pytest.fixture(scope="module")
def crowd(running_stack):
    """Ends before its stack does."""
    one = Crowd()
    yield one
    one.end()


@pytest.fixture
def story(request, stack, crowd):
    """Both are open and nudged; who fails takes the programs with it, as the stack that they ran on."""
    try:
        crowd.open(stack)
        yield crowd.people
        if not request.node.failed:
            crowd.close()
    except BaseException:
        crowd.end()
        raise
    if request.node.failed:
        crowd.end()


@pytest.fixture
def anna(story, crowd):
    return Sighejctl(story[0], crowd.n_openings)


@pytest.fixture
def bo(story, crowd):
    return Busctl(story[1], crowd.n_openings)


def readings(story, number, since):
    """How often that one's controller told of the other since then."""
    sent = {o.data for o in story.on_air(1 - number)}
    return len([r for r in story.stack.trace().reports(number) if r.time >= since and r.data in sent])


def agree(anna, bo):
    """Both wave; nothing shows of the first wave until the second."""
    anna.wave()
    assert anna.nudge_states() == ["waved"] and bo.nudge_states() == ["new"]
    assert anna.meets() == bo.meets() == []
    bo.wave()
    for one in (anna, bo):
        one.wait_meet()
        one.wait_shown(Trust="verified", PeerThere=True)
    hers, his = anna.meet(), bo.meet()
    assert hers["trust"] == his["trust"] == "verified"
    assert hers["cue"] == his["cue"] != ""
    assert hers["handle"] == his["peer_handle"] != his["handle"] == hers["peer_handle"]
    assert anna.nudge_states() == bo.nudge_states() == ["mutual"]


def find(story, anna, bo):
    """A spot is named, they come close, and their radios find that out: nobody says "here"."""
    anna.name_spot("window")
    bo.wait_shown(State="finding")
    hers, his = anna.meet(), bo.meet()
    assert his["spot"] == hers["spot"] != ""
    assert his["band"] == hers["band"] == "near"
    assert not his["here"] and not his["peer_here"]
    began = time.time()
    story.stack.tell("rssi * * %d 1" % CLOSEST_DBM)
    for one in (anna, bo):
        one.wait_shown(State="here", Band="here")
    assert min(readings(story, number, began) for number in (0, 1)) >= CLOSEST_READINGS


def tell(one, other, text, before=()):
    """Delivered at first, seen once the other has read it."""
    one.say(text)
    one.wait_mark("delivered")
    other.wait_shown(Unread=1)
    assert other.read() == [*before, text]
    one.wait_mark("seen")
    other.wait_shown(Unread=0)


def rotate(story):
    before = [story.wait_one(number) for number in (0, 1)]
    story.clock.advance(TOKEN_MAX_S)
    for number in (0, 1):
        story.wait_another(number, before[number])


def test_from_two_waves_to_met(story, anna, bo):
    agree(anna, bo)
    find(story, anna, bo)
    tell(anna, bo, SAID)
    tell(bo, anna, ANSWERED)
    rotate(story)
    tell(anna, bo, SAID_LATER, before=[SAID])
    tell(bo, anna, ANSWERED_LATER, before=[ANSWERED])
    for one in (anna, bo):
        one.wait_shown(Band="here")             # by the new token
    anna.confirm()
    assert anna.meet()["confirmed"] and not bo.meet()["confirmed"]
    bo.confirm()
    for one in (anna, bo):
        one.wait_states(MEET, "finding", "here", "met")
        assert one.objects() == []
    story.assert_only_ours()


@pytest.mark.parametrize("running_stack", ["legacy"], indirect=True)
def test_who_says_not_now_is_silent(story, anna, bo):
    anna.wave()
    bo.not_now()
    assert bo.objects() == []
    before = anna.n_resumed()
    story.clock.advance(NUDGE_S - MARGIN_S)     # as after a sleep, both connect anew
    wait_until(lambda: anna.n_resumed() > before, WAIT_S, "anna asks anew")
    # What was due by then has come before that answer.
    assert anna.nudge_states() == ["waved"] and anna.meets() == []
    assert anna.objects() == [anna.nudge_path]
    story.clock.advance(MARGIN_S)
    anna.wait_states(NUDGE, "waved", "expired")
    assert anna.objects() == []
    for one in (anna, bo):
        one.wait_states(MEET)                   # none at all
