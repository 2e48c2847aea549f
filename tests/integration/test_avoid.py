# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom one avoids, and who has already been met: not nudged again, by new sessions, another day, after both
programs were started anew, and neither machine can tell; 30 days later it is over (DESIGN 3, "Avoid tags")."""
import os
import stat
import time

import pytest

from people import wait_state
from sighejrun import MEET, NUDGE, Run

DAY_SECONDS = 86400
MORNING_SECONDS = 8 * 3600
KEPT_DAYS = 30
TRIES = 3


@pytest.fixture
def town(clock, people):
    """Anna and bo have been nudged, far from midnight: tags are of a UTC day."""
    clock.advance((MORNING_SECONDS - time.time()) % DAY_SECONDS)
    people.clock = clock
    people.anna_and_bo()
    people.open()
    people.wait_nudges()
    return people


def start_again(people, days):
    """All programs but the backend end, and so many days later they are started."""
    names = list(people.all)
    for name in names:
        assert people.all.pop(name).stop() == 0
    people.clock.advance(days * DAY_SECONDS)
    people.anna_and_bo()
    people("cleo", "devops", "jazz")


def path_of_nudge(one):
    return one.nudges()[0][0]


def assert_apart(people, n_tries=TRIES):
    """Each of the two is nudged with cleo and with nobody else, how often they may report each other."""
    people.open()
    people.wait_nudges(2, some=[people.all["cleo"]])
    with people.clock.hurry():
        people.wait_judged(people.all["anna"], people.all["bo"], n_more=n_tries)
    people.assert_nudged(1, [people.all["anna"], people.all["bo"]])
    people.assert_nudged(2, [people.all["cleo"]])


def assert_together(people):
    people.open()
    people.wait_nudges(2)
    people.assert_nudged(2)


def meet(people):
    """Both wave. Their meets' paths."""
    anna, bo = people.all["anna"], people.all["bo"]
    for one in (anna, bo):
        one.call("Wave", path=path_of_nudge(one), interface=NUDGE)
    return [Run.until(lambda o=one: (o.call("ListMeets")[0] or [None])[0], f"{one.name} has a meet")[0]
            for one in (anna, bo)]


def test_a_block_outlives_session_program_and_day(town):
    anna, bo = town.all["anna"], town.all["bo"]
    before = bo.get("State", path=path_of_nudge(bo), interface=NUDGE)
    anna.call("Block", path=path_of_nudge(anna), interface=NUDGE)
    assert anna.call("ListNudges")[0] == []
    # he sees what silence looks like
    assert bo.get("State", path=path_of_nudge(bo), interface=NUDGE) == before
    assert len(bo.call("ListNudges")[0]) == 1

    start_again(town, 1)
    assert_apart(town)
    start_again(town, KEPT_DAYS - 2)
    assert_apart(town, 1)
    start_again(town, 1)
    assert_together(town)


def test_already_met_is_the_same_by_choice(town):
    paths = meet(town)
    for one, path in zip(town.all.values(), paths):
        one.call("AvoidInFuture", "(b)", True, path=path, interface=MEET)
        assert one.get("Avoid", path=path, interface=MEET)
        one.call("ConfirmMet", path=path, interface=MEET)
    for one in town.all.values():
        Run.until(lambda o=one: o.call("ListMeets")[0] == [], f"{one.name}'s meet is over")

    start_again(town, 1)
    assert_apart(town, 1)


def test_already_met_may_be_taken_back(town):
    anna = town.all["anna"]
    path, _ = meet(town)
    for avoid in (True, False):
        anna.call("AvoidInFuture", "(b)", avoid, path=path, interface=MEET)
        assert anna.get("Avoid", path=path, interface=MEET) == avoid

    start_again(town, 1)
    assert_together(town)


def test_the_list_is_private_and_sealed(town):
    """And a damaged one costs nothing but itself."""
    anna = town.all["anna"]
    anna.call("Block", path=path_of_nudge(anna), interface=NUDGE)
    folder = os.path.join(anna.home, "state", "sighej")
    for name in ("avoid", "avoid.key"):
        assert stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) == 0o600
    with open(os.path.join(folder, "avoid"), "a", encoding="ascii") as file:
        file.write("damaged")
    assert anna.stop() == 0
    again = town("anna", env={"G_DEBUG": "fatal-criticals"})
    assert os.path.exists(os.path.join(folder, "avoid.bad"))
    assert again.get("Interests") == ["devops", "hardstyle", "board games"]
    town.open(again)
    wait_state(again, "open")
