# SPDX-License-Identifier: GPL-2.0-or-later
"""Midnight UTC, when the tags by which people avoid each other become others: sessions are renewed after it,
a block holds over it, and what two people have begun goes on (DESIGN 3, "Avoid tags")."""
import time

import pytest

from people import wait_state
from sighejrun import NUDGE, Run
from test_meet_story import Side, meet_each_other

DAY_SECONDS = 86400
EVENING_SECONDS = 600       # before midnight; the test is there sooner
WINDOW_SECONDS = 360        # within which everybody is renewed
STEP_SECONDS = 15           # shorter than a silence after which a socket counts as lost


@pytest.fixture
def evening(clock, people):
    """Nearly midnight, and nobody is there yet."""
    clock.advance((-EVENING_SECONDS - time.time()) % DAY_SECONDS)
    people.clock = clock
    return people


def go_past_midnight(clock):
    clock.advance(-(time.time() + clock.seconds) % DAY_SECONDS + 1)


def wait_renewed(one, n_before):
    Run.until(lambda: one.counters()["link.sessions"] > n_before, f"{one.name} is renewed")
    wait_state(one, "open")


def n_sessions(one):
    return one.counters()["link.sessions"]


def test_a_block_holds_between_yesterday_and_today(evening):
    anna, bo = evening.anna_and_bo()
    evening.open()
    evening.wait_nudges()
    anna.call("Block", path=anna.nudges()[0][0], interface=NUDGE)
    for one in (anna, bo):      # once an opening they would not be nudged again anyway
        one.call("Close")
        wait_state(one, "off")
    evening.open()
    evening.wait_judged(anna, bo)

    go_past_midnight(evening.clock)
    before = n_sessions(anna)
    anna.call("SetInterests", "(as)", ["jazz", "devops"])
    wait_renewed(anna, before)  # anna is of today, bo is not
    evening.wait_judged(anna)
    Run.until(lambda: bo.counters()["link.sightings-held"] > 0, "bo reports nobody")
    evening.assert_nudged(1)

    before, n_anna = n_sessions(bo), n_sessions(anna)
    evening.clock.advance(WINDOW_SECONDS)
    wait_renewed(bo, before)
    with evening.clock.hurry():
        evening.wait_judged(anna, bo, n_more=2)
    assert n_sessions(anna) == n_anna
    evening.assert_nudged(1)

    cleo = evening("cleo", "DevOps")
    evening.open(cleo)
    evening.wait_nudges(2)
    evening.assert_nudged(2)


def test_a_meet_goes_on_over_midnight(evening):
    anna, bo = (Side(one) for one in evening.anna_and_bo())
    meet_each_other(evening, anna, bo)
    anna.call("SendMessage", "(s)", "yesterday")
    bo.wait_heard("yesterday")
    before = [n_sessions(side.daemon) for side in (anna, bo)]

    go_past_midnight(evening.clock)
    with evening.clock.hurry(STEP_SECONDS):
        for side, n_before in zip((anna, bo), before):
            wait_renewed(side.daemon, n_before)
    for side in (anna, bo):
        side.wait("PeerThere", True)
        side.wait("Band", "here")
        assert side.get("Trust") == "verified"
    bo.call("SendMessage", "(s)", "today")
    anna.wait_heard("today")
    bo.wait_mark("delivered")
    for side in (anna, bo):
        side.call("ConfirmMet")
    for side in (anna, bo):
        side.wait_over("met")
    evening.assert_nudged(1)
