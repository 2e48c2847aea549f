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
TRIES = 2
INTERESTS = {"anna": ("devops", "jazz", "chess"), "bo": ("devops",), "dora": ("jazz",), "eve": ("chess",)}


@pytest.fixture
def town(clock, people):
    """Far from midnight: tags are of a UTC day."""
    clock.advance((MORNING_SECONDS - time.time()) % DAY_SECONDS)
    people.clock = clock
    return people


def open_all(people, names, n_nudges):
    """n_nudges: by name, how many nudges each has then."""
    for name in names:
        people(name, *INTERESTS.get(name, INTERESTS["anna"]))
    people.open()
    for name, n_wanted in n_nudges.items():
        people.wait_nudges(n_wanted, [people.all[name]])


def start_again(people, days, n_nudges):
    """All programs but the backend end, so many days later they are started, and cleo comes, who is new to all."""
    for name in list(people.all):
        assert people.all.pop(name).stop() == 0
    people.clock.advance(days * DAY_SECONDS)
    open_all(people, [*INTERESTS, "cleo"], n_nudges)


def nudge_with(one, interest):
    """The path of the nudge for that interest."""
    path, = (path for path, shared in one.nudges() if shared == [interest])
    return path


def meet(one, other, interest):
    """Both wave. The meet's path at each."""
    paths = [nudge_with(each, interest) for each in (one, other)]
    for each, path in zip((one, other), paths):
        each.call("Wave", path=path, interface=NUDGE)
    paths = [path.replace("/nudges/", "/meets/") for path in paths]
    for each, path in zip((one, other), paths):
        Run.until(lambda e=each, p=path: p in [row[0] for row in e.call("ListMeets")[0]], "a meet")
    return paths


def avoid(one, path, on):
    one.call("AvoidInFuture", "(b)", on, path=path, interface=MEET)
    assert one.get("Avoid", path=path, interface=MEET) == on


def test_it_outlives_session_program_and_day(town):
    """Anna blocks bo, wants not to meet dora again, and takes that back of eve."""
    open_all(town, INTERESTS, {"anna": 3, "bo": 1, "dora": 1, "eve": 1})
    anna, bo, dora, eve = town.all.values()

    path = nudge_with(bo, "devops")
    before = bo.get("State", path=path, interface=NUDGE)
    anna.call("Block", path=nudge_with(anna, "devops"), interface=NUDGE)
    assert len(anna.call("ListNudges")[0]) == 2
    # he sees what silence looks like
    assert bo.get("State", path=path, interface=NUDGE) == before
    assert len(bo.call("ListNudges")[0]) == 1

    paths = meet(anna, dora, "jazz")
    for one, path in zip((anna, dora), paths):
        avoid(one, path, True)
        one.call("ConfirmMet", path=path, interface=MEET)
    for one, path in zip((anna, dora), paths):
        Run.until(lambda o=one, p=path: p not in [row[0] for row in o.call("ListMeets")[0]], "the end")

    path, _ = meet(anna, eve, "chess")
    for on in (True, False):
        avoid(anna, path, on)

    # Every one is nudged with cleo; else only anna with eve, how often ever the others are reported.
    apart = {"anna": 2, "bo": 1, "dora": 1, "eve": 2, "cleo": 4}
    start_again(town, KEPT_DAYS - 1, apart)
    with town.clock.hurry():
        town.wait_judged(*(town.all[name] for name in ("anna", "bo", "dora")), n_more=TRIES)
    for name, n_nudges in apart.items():
        town.assert_nudged(n_nudges, [town.all[name]])

    together = {"anna": 4, "bo": 2, "dora": 2, "eve": 2, "cleo": 4}
    start_again(town, 1, together)
    for name, n_nudges in together.items():
        town.assert_nudged(n_nudges, [town.all[name]])


def test_the_list_is_private_and_sealed(town):
    """And a damaged one costs nothing but itself."""
    open_all(town, ["anna", "bo"], {"anna": 1, "bo": 1})
    anna = town.all["anna"]
    anna.call("Block", path=nudge_with(anna, "devops"), interface=NUDGE)
    folder = os.path.join(anna.home, "state", "sighej")
    for name in ("avoid", "avoid.key"):
        assert stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) == 0o600
    with open(os.path.join(folder, "avoid"), "a", encoding="ascii") as file:
        file.write("damaged")
    assert anna.stop() == 0
    again = town("anna", env={"G_DEBUG": "fatal-criticals"})
    assert os.path.exists(os.path.join(folder, "avoid.bad"))
    assert again.get("Interests") == list(INTERESTS["anna"])
    town.open(again)
    wait_state(again, "open")
