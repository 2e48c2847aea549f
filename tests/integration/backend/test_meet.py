# SPDX-License-Identifier: GPL-2.0-or-later
"""From nudge to hello, as two or more people notice it over their sockets, at one instance and at several."""
import os
import re
import secrets
import signal
import threading
import time

import pytest

import meetlib
from backendlib import wait_until
from meetlib import Person, meet, nudge
from test_metrics import value

SLOW = os.environ.get("SIGHEJ_SLOW") == "1"
CROSSINGS = 200 if SLOW else 60
TOLD_SECONDS = 2
UNLIMITED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "100000", "SIGHTINGS_BURST": "100000",
             "MESSAGES_PER_SECOND": "100000", "WORKERS": "1"}


@pytest.fixture
def alone(make_backend):
    """One instance that keeps everything in memory."""
    return make_backend(**UNLIMITED)


@pytest.fixture
def instances(make_backend, redis):
    """Two instances on one Redis."""
    made = [make_backend(**UNLIMITED, **redis.settings) for _ in range(2)]
    for backend in made:
        backend.wait_until_ready()
    return made


@pytest.fixture(params=["memory", "redis"])
def places(request):
    """Where the first and the second person are connected."""
    if request.param == "redis":
        return request.getfixturevalue("instances")
    return [request.getfixturevalue("alone")] * 2


@pytest.fixture
def pair(places):
    people = [Person(place) for place in places]
    yield people
    for person in people:
        person.close()


def count(places, name):
    return sum(value(place, name) for place in {id(place): place for place in places}.values())


# ---- waves ----

def test_both_waves_make_one_meet(pair, places):
    anna, bo = pair
    ident = nudge(anna, bo)
    assert anna.nudges[ident]["peer_key"] == bo.key and bo.nudges[ident]["peer_key"] == anna.key
    assert anna.wave(ident) is True
    assert anna.wave(ident) is True  # twice is once
    assert bo.wave(ident) is True
    views = [person.wait_state(ident, "agreed") for person in pair]
    assert views[0]["cue"] == views[1]["cue"]
    assert views[0]["handle"] == views[1]["peer_handle"] != views[1]["handle"] == views[0]["peer_handle"]
    assert views[0]["peer_key"] == bo.key and views[1]["peer_key"] == anna.key
    assert all(view["peer_there"] and view["expires_in_ms"] > 1190000 and view["said"] == 0 for view in views)
    assert count(places, "sighej_meets_total") == 1


def test_a_wave_that_was_taken_back_makes_no_meet(pair, places):
    anna, bo = pair
    ident = nudge(anna, bo)
    assert anna.wave(ident) is True
    assert anna.ask(ident, "withdraw") is True
    assert bo.wave(ident) is True
    for person in pair:
        person.fence()
        assert person.state(ident) is None
    assert anna.wave(ident) is True  # she may change her mind again
    for person in pair:
        person.wait_state(ident, "agreed")
    assert count(places, "sighej_meets_total") == 1
