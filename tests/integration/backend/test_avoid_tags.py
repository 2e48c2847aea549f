# SPDX-License-Identifier: GPL-2.0-or-later
"""Two sessions that share an avoid tag are never matched, and neither can tell (DESIGN 3, "Avoid tags").

SIGHEJ_SLOW=1 tries 10,000 times (SECURITY-DESIGN T-14).
"""
import os
import secrets

import pytest

from backendlib import NO_MATCH

TRIES = 5000 if os.environ.get("SIGHEJ_SLOW") == "1" else 200  # of each side
UNLIMITED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "1000000", "SIGHTINGS_BURST": "1000000"}
COUNTED = {"date", "x-request-id"}


def tags(*shared):
    """64 of them: who is avoided, and for the rest nobody."""
    all_of_them = [*shared, *(secrets.token_hex(16) for _ in range(64 - len(shared)))]
    secrets.SystemRandom().shuffle(all_of_them)
    return all_of_them


@pytest.fixture(params=["memory", "redis"])
def crowd(request, make_backend):
    if request.param == "memory":
        return make_backend(**UNLIMITED)
    backend = make_backend(WORKERS="2", **UNLIMITED, **request.getfixturevalue("redis").settings)
    backend.wait_until_ready()
    return backend


def as_told(answer):
    """All of it that is not of the moment."""
    return answer.status, answer.body, {name: value for name, value in answer.headers.items()
                                        if name not in COUNTED and not name.startswith("ratelimit")}


def nudges(backend, session):
    return backend.request("GET", "/session", authorization=session.bearer).json["nudges"]


def test_who_is_avoided_sees_silence(crowd):
    tag = secrets.token_hex(16)
    anna, bo = crowd.open_session(avoid=tags(tag)), crowd.open_session(avoid=tags(tag))
    stranger = as_told(crowd.match(bo, secrets.token_hex(10)))
    assert stranger[1] == NO_MATCH
    for _ in range(TRIES):
        assert as_told(crowd.match(anna, bo.token)) == stranger
        assert as_told(crowd.match(bo, anna.token)) == stranger
    assert nudges(crowd, anna) == nudges(crowd, bo) == 0

    cleo = crowd.open_session(avoid=tags())
    for one in (anna, bo):
        assert crowd.match(cleo, one.token).body == NO_MATCH
        assert crowd.match(one, cleo.token).json["match"]
    assert (nudges(crowd, anna), nudges(crowd, bo), nudges(crowd, cleo)) == (1, 1, 2)
    assert crowd.match(bo, anna.token).body == NO_MATCH


def test_new_sessions_of_the_same_day_are_no_way_round(crowd):
    tag = secrets.token_hex(16)
    anna = crowd.open_session(avoid=tags(tag))
    for _ in range(5):
        bo = crowd.open_session(avoid=tags(secrets.token_hex(16), tag))
        crowd.match(anna, bo.token)
        assert crowd.match(bo, anna.token).body == NO_MATCH


def test_other_tags_and_none_keep_nobody_away(crowd):
    for first, second in ((tags(), tags()), (tags(), None), (None, tags())):
        anna, bo = (crowd.open_session(**({"avoid": some} if some else {})) for some in (first, second))
        assert crowd.match(anna, bo.token).body == NO_MATCH
        assert crowd.match(bo, anna.token).json["match"]
