# SPDX-License-Identifier: GPL-2.0-or-later
"""F-07: a wall clock that jumps, turns the day or repeats a second costs nobody a session or a count."""

import datetime
import sqlite3

import pytest

from backendlib import NO_MATCH, WebSocket
from redislib import Redis
from shiftedclock import ShiftedClock
from test_metrics import value

HOUR, DAY = 3600, 86400
UTC = datetime.timezone.utc


class Wall(ShiftedClock):
    """The wall clock of one backend, and of nothing else: no timer of its knows of it."""

    def __init__(self, folder):
        super().__init__(folder / "shift", wall_only=True)

    def now(self):
        return datetime.datetime.now(UTC) + datetime.timedelta(seconds=self.seconds)

    def go_to(self, clock):
        """Later today, or tomorrow when that time of the day is past."""
        now = self.now()
        hour, minute, second = map(int, clock.split(":"))
        then = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
        if then <= now:
            then += datetime.timedelta(days=1)
        self.shift(int((then - now).total_seconds()))


@pytest.fixture
def wall(tmp_path):
    return Wall(tmp_path)


@pytest.fixture
def clocked(make_backend, wall):
    return make_backend(SIGHTINGS_BURST="6", SIGHTINGS_PER_MINUTE="1", **wall.environment())


def meet(backend, first, second):
    """Both report each other; whether that is a match."""
    assert backend.match(first, second.token).body == NO_MATCH
    return backend.match(second, first.token).json["match"]


def stats(backend):
    answer = backend.request("GET", "/stats", admin=True).json
    return answer["total_sessions_today"], answer["total_matches_today"], answer["total_pings_today"]


def days(backend):
    """All days of the ledger, after the backend has ended."""
    assert backend.stop() == 0
    with sqlite3.connect(backend.state / "ledger.sqlite") as ledger:
        return {date: counts for date, *counts in ledger.execute(
            "SELECT date, total_sessions, total_matches, total_pings FROM daily_stats ORDER BY date")}


@pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY, -DAY])
def test_F_07_a_jump_costs_nobody_a_session(clocked, wall, jump):
    early = clocked.open_session()
    ws = WebSocket(clocked, f"/ws/{early.token}", Authorization=early.bearer)
    ws.receive_json("snapshot")
    before = wall.now().date()
    wall.shift(jump)
    shown = clocked.request("GET", "/session", authorization=early.bearer)
    assert shown.status == 200
    # Its end is told in the time of the day it now is, and is no nearer and no farther.
    expires = datetime.datetime.fromisoformat(shown.json["expires_at"].replace("Z", "+00:00"))
    assert 7150 < (expires - wall.now()).total_seconds() <= 7201
    late = clocked.open_session()
    assert meet(clocked, early, late)  # a day apart they still have one in common
    assert ws.receive_json("nudge")["shared_interests"] == ["devops", "hardstyle"]
    ws.send({"type": "ping"})
    assert ws.receive_json("pong")
    ws.close()
    assert clocked.request("GET", "/health/ready").json["status"] == "ok"
    assert 0 <= value(clocked, "sighej_request_duration_seconds_sum",
                      'method="POST",route="/session"') < 60
    counted = days(clocked)
    assert sum(sessions for sessions, _, _ in counted.values()) == 2
    assert [sum(column) for column in zip(*counted.values())] == [2, 1, 2]
    assert str(before) in counted


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_F_07_a_jump_fills_no_bucket_and_empties_none(clocked, wall, jump):
    session = clocked.open_session()
    for _ in range(6):
        assert clocked.match(session, "x").status == 200
    assert clocked.match(session, "x").status == 429
    wall.shift(jump)
    refused = clocked.match(session, "x")
    assert refused.status == 429 and 1 <= int(refused.headers["retry-after"]) <= 61


def test_F_07_midnight_parts_neither_people_nor_counts(clocked, wall):
    wall.go_to("23:59:30")
    early = clocked.open_session()
    assert stats(clocked) == (1, 0, 0)
    yesterday = wall.now().date()
    wall.shift(60)
    today = wall.now().date()
    assert today == yesterday + datetime.timedelta(days=1)
    assert stats(clocked) == (0, 0, 0)
    late = clocked.open_session()
    assert meet(clocked, early, late)
    assert stats(clocked) == (1, 1, 2)
    assert days(clocked) == {str(yesterday): [1, 0, 0], str(today): [1, 1, 2]}


def test_F_07_a_leap_second_counts_once(clocked, wall):
    """POSIX repeats the last second of the day: the clock goes on to the next day and comes back."""
    wall.go_to("23:59:59")
    early = clocked.open_session()
    first = wall.now().date()
    wall.go_to("00:00:05")
    second = wall.now().date()
    late = clocked.open_session()
    wall.shift(-6)
    assert meet(clocked, early, late)
    wall.shift(60)
    third = clocked.open_session()
    assert meet(clocked, early, third)
    counted = days(clocked)
    assert set(counted) <= {str(first), str(second)}
    assert [sum(column) for column in zip(*counted.values())] == [3, 2, 4]


@pytest.mark.parametrize("apart", [DAY, -DAY])
def test_F_07_two_instances_a_day_apart_share_people(make_backend, wall, apart):
    """Each hashes interests under its own day and the next; counts are of the day Redis has."""
    redis = Redis()
    try:
        wall.shift(apart)
        odd = make_backend(**redis.settings, **wall.environment())
        even = make_backend(**redis.settings)
        early, late = odd.open_session(), even.open_session()
        ws = WebSocket(even, f"/ws/{late.token}", Authorization=late.bearer)
        ws.receive_json("snapshot")
        assert odd.match(early, late.token).body == NO_MATCH
        assert even.match(late, early.token).json["match"] is True
        assert ws.receive_json("nudge")["shared_interests"] == ["devops", "hardstyle"]
        ws.close()
        counted = [days(odd), days(even)]
        today = str(datetime.datetime.now(UTC).date())
        sums = [sum(column) for column in zip(*(day for one in counted for day in one.values()))]
        assert sums == [2, 1, 2] and {date for one in counted for date in one} <= {today}
    finally:
        redis.stop()
