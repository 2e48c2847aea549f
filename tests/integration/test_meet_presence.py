# SPDX-License-Identifier: GPL-2.0-or-later
"""What each of two in a meet is told of the other's connection, at two instances on one Redis: that it closed, that it
is back, and that it just fell silent, as when a laptop leaves the network and nobody says goodbye."""
import time

import pytest

from faultproxy import DOWN, FaultProxy
from people import People
from redislib import Redis
from sighejrun import Run
from test_meet_story import Side, meet_each_other

STEPS_SECONDS = 15, 15, 15      # 45 in all; who speaks after each is never silent for long
NOT_LATER_SECONDS = 14          # however slow this machine is; were it a minute, it would be later


class Line(FaultProxy):
    """From a daemon to its instance."""

    @property
    def uri(self):
        return "http://" + self.address.removeprefix("tcp:")

    def n_answered(self):
        return sum(link.n_bytes[DOWN] for link in list(self.links))


@pytest.fixture
def redis():
    one = Redis()
    yield one
    one.close()


@pytest.fixture
def lines(redis, clock, run):
    """To an instance each."""
    config = f"[Server]\nWorkers=1\n[Stores]\nRedisUrl=unix://{redis.path}\n[Log]\nLevel=debug\n"
    made = [Line("tcp:" + run.backend(config=config).address) for _ in range(2)]
    yield made
    for line in made:
        line.close()


@pytest.fixture
def sides(lines, run):
    people = People(run, lines[0])
    made = [Side(people(name, "devops", backend=line.uri)) for name, line in zip(("anna", "bo"), lines)]
    meet_each_other(people, *made)
    for side in made:
        side.wait("PeerThere", True)
    return made


def test_a_lost_connection_is_told_and_so_is_the_next(sides, lines):
    anna, bo = sides
    lines[1].refuse = True
    lines[1].cut()
    anna.wait("PeerThere", False)
    lines[1].refuse = False
    anna.wait("PeerThere", True)
    bo.wait("PeerThere", True)


def test_a_network_that_died_is_told_within_45_seconds(sides, lines, clock):
    anna, bo = sides
    lines[1].set(swallow=True)          # both ends believe to be connected
    for n, step in enumerate(STEPS_SECONDS):
        clock.advance(step)
        before = lines[0].n_answered()
        anna.call("SendMessage", "(s)", f"number {n}")
        Run.until(lambda b=before: lines[0].n_answered() > b, "she is answered: neither end of her line is silent")
    began = time.monotonic()
    anna.wait("PeerThere", False)
    Run.until(lambda: bo.daemon.get("Backend") != "online", "bo's daemon knows it too")
    assert time.monotonic() - began < NOT_LATER_SECONDS
    lines[1].clear()
    with clock.hurry():
        anna.wait("PeerThere", True)
        bo.wait_heard(*(f"number {n}" for n in range(len(STEPS_SECONDS))))
