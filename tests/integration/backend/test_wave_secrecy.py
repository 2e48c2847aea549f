# SPDX-License-Identifier: GPL-2.0-or-later
"""What reaches one of two who were nudged, whatever the other did: the same frames, in the same order, of the
same length, and no answer so soon that it says how much there was to do."""
import time

import pytest

from meetlib import Person, nudge

TEXT = 1
ANSWER_SECONDS = 0.02  # SIGHEJ_PEER_MEETS_ANSWER_MS
UNLIMITED = {"SESSIONS_PER_ADDRESS": "0", "MESSAGES_PER_SECOND": "100000", "WORKERS": "1"}
ASKED = (("spot", {"spot": 1}), ("here", {}), ("closest", {}), ("confirm", {}), ("end", {}), ("withdraw", {}),
         ("ack", {"n": 1}), ("share", {"on": True}), ("say", {"n": 1, "kind": "text", "body": "AA"}))


def nothing(_person, _ident):
    """The baseline."""


def wave(person, ident):
    assert person.wave(ident) is True


def refuse(person, ident):
    assert person.ask(ident, "withdraw") is True


def block(person, ident):
    assert person.ask(ident, "block", ticket=person.ticket(ident)) is True


def go(person, _ident):
    person.close()


def both(first, second):
    def do(person, ident):
        first(person, ident)
        second(person, ident)
    return do


@pytest.fixture(params=["memory", "redis"])
def place(request, make_backend):
    settings = request.getfixturevalue("redis").settings if request.param == "redis" else {}
    backend = make_backend(**UNLIMITED, **settings)
    backend.wait_until_ready()
    return backend


def watch(person):
    """A list that gets the length of each message, from now on."""
    receive, frames = person.ws.receive, []

    def receive_and_note():
        frame = receive()
        if frame[0] == TEXT:
            frames.append(len(frame[1]))
        return frame

    person.ws.receive = receive_and_note
    return frames


def frames_after(backend, other_does, *, waved):
    """All that the other is sent who asks everything that can be asked, and how long GET /session is."""
    asker, other = Person(backend), Person(backend)
    ident = nudge(asker, other)
    if waved:
        wave(asker, ident)
    frames = watch(asker)
    other_does(other, ident)
    for act, members in ASKED if not waved else ASKED[:2]:
        asker.ask(ident, act, **members)
    asker.resume(ident)
    asker.fence()
    about = len(backend.request("GET", "/session", authorization=asker.session.bearer).body)
    n_before = len(frames)
    asker.wave(ident)
    n_answered = len(frames)
    asker.fence()
    asker.close()
    other.close()
    return frames[:n_before], about, frames[n_before:n_answered], frames[n_answered:]


def test_who_has_not_waved_is_sent_the_same(place):
    expected = frames_after(place, nothing, waved=False)
    assert len(expected[0]) == len(ASKED) + 2 and len(expected[2]) == len(expected[3]) == 1
    for other_does in (refuse, block, go, both(wave, refuse), both(wave, block)):
        assert frames_after(place, other_does, waved=False) == expected
    for other_does in (wave, both(wave, go)):  # the view comes behind the answer to the own wave
        assert frames_after(place, other_does, waved=False)[:3] == expected[:3]


def test_who_has_waved_is_sent_the_same(place):
    expected = frames_after(place, nothing, waved=True)
    for other_does in (refuse, block, go):
        assert frames_after(place, other_does, waved=True) == expected


def seconds(person, ident, act, **members):
    begin = time.monotonic()
    person.ask(ident, act, **members)
    return time.monotonic() - begin


def test_no_answer_is_too_soon(place):
    for other_does in (nothing, wave):
        asker, other = Person(place), Person(place)
        ident = nudge(asker, other)
        other_does(other, ident)
        for act, members in ASKED:
            assert seconds(asker, ident, act, **members) >= ANSWER_SECONDS, act
        begin, asked = time.monotonic(), [asker.send(ident, "spot", spot=1) for _ in range(4)]
        asker.answer_to(asked[-1])
        assert time.monotonic() - begin >= len(asked) * ANSWER_SECONDS  # each waits for its own turn
        assert seconds(asker, ident, "wave", ticket=asker.ticket(ident), key=asker.key) >= ANSWER_SECONDS
        for person in (asker, other):
            person.close()


def test_what_both_know_is_answered_at_once(place):
    asker, other = Person(place), Person(place)
    ident = nudge(asker, other)
    wave(other, ident)
    wave(asker, ident)
    asker.wait_state(ident, "agreed")
    assert min(seconds(asker, ident, "spot", spot=n % 8) for n in range(50)) < ANSWER_SECONDS
    for person in (asker, other):
        person.close()
