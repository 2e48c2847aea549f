# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of the model: starts the world, lets people meet while it is hurt, and compares."""
import asyncio
import contextlib
import dataclasses
import random
import shutil
import tempfile
import time

from crowd import Crowd
from world import World, wait_until

KILLS = {"server": 3, "parent": 1, "worker": 2, "graceful": 1, "redis link": 3, "sockets": 4}
MEMORY_KILLS = {"graceful": 1, "sockets": 6}
PAUSE_SECONDS = 0.3  # between two kills, on average
SOCKETS_SHARE_MAX = 0.2
OPEN_SECONDS = 30
QUIET_SECONDS = 60  # nothing new in so long: what is missing is lost
EXTRA_SECONDS = 0.5  # after the last nudge, for those that should not come


@dataclasses.dataclass
class Report:
    seed: int
    n_expected: int
    n_delivered: int
    kills: dict
    wrong: list
    missing: list
    one_sided: list
    n_people: int
    n_sessions: int
    n_sockets: int
    n_resent: int
    n_gone: int
    n_reports: int
    statuses: dict
    closes: dict
    errors: dict
    seconds: float
    stores_live: bool

    @property
    def good(self):
        """Sessions may be over only where a store lost its memory (N-1: "while the store lives")."""
        return not (self.wrong or self.missing or self.one_sided or (self.stores_live and self.n_gone))

    def text(self):
        lines = [f"seed {self.seed}: {'good' if self.good else 'BAD'}",
                 f"{self.n_delivered:,} nudges of {self.n_expected:,} delivered to both, once; "
                 f"{len(self.missing)} lost, {len(self.one_sided)} to one side only, {len(self.wrong)} wrong or doubled",
                 f"{sum(self.kills.values()):,} kills: " + ", ".join(f"{n} {kind}" for kind, n in self.kills.items()),
                 f"{self.n_people} people, {self.n_sessions} sessions, {self.n_sockets} sockets, "
                 f"{self.n_reports:,} reports, {self.n_resent:,} nudges sent again and not shown, "
                 f"{self.n_gone} sessions found to be over",
                 f"answers {self.statuses}, closes {self.closes}, errors {self.errors}",
                 f"{self.seconds:.0f} s"]
        return "\n".join([*lines, *map(str, self.wrong[:20]), *(f"lost: {pair}" for pair in self.missing[:20]),
                          *(f"one side only: {nudge_id}" for nudge_id in self.one_sided[:20])])


async def hurt(world, crowd, n_kills, weights, chooser):
    """The schedule: as it goes on, more people come in reach of each other."""
    kinds = list(weights)
    for number in range(n_kills):
        crowd.release((number + 1) / (n_kills + 1))
        await asyncio.sleep(chooser.expovariate(1 / PAUSE_SECONDS))
        world.check()
        kind = chooser.choices(kinds, list(weights.values()))[0]
        if kind == "sockets":
            share = chooser.random() * SOCKETS_SHARE_MAX
            for person in crowd.people:
                if chooser.random() < share:
                    person.cut()
            world.kills[kind] += 1
        else:
            while not world.hurt(kind, chooser):
                await asyncio.sleep(0.01)
    await world.settle()
    crowd.release(1)


async def all_found(crowd):
    loop = asyncio.get_running_loop()
    n, since = -1, loop.time()
    while crowd.missing() and loop.time() - since < QUIET_SECONDS:
        if len(crowd.found) != n:
            n, since = len(crowd.found), loop.time()
        await asyncio.sleep(0.05)
    await asyncio.sleep(EXTRA_SECONDS)


async def play(folder, n_nudges, n_kills, seed, n_instances, with_redis, workers):
    chooser, begin = random.Random(seed), time.monotonic()
    world = World(folder, n_instances, with_redis, workers)
    crowd = Crowd(n_nudges, seed, [instance.address for instance in world.instances])
    tasks = []
    try:
        await world.start()
        tasks = [asyncio.ensure_future(work) for work in
                 [crowd.reports(), *(person.live() for person in crowd.people)]]
        await wait_until(crowd.all_open, OPEN_SECONDS, "all to be open")
        await hurt(world, crowd, n_kills, KILLS if with_redis else MEMORY_KILLS, chooser)
        await all_found(crowd)
        crowd.over = True
        await world.stop()
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        await world.kill_all()
    people = crowd.people
    return Report(seed, len(crowd.expected), len(crowd.found), dict(world.kills), crowd.wrong,
                  sorted(crowd.missing()), crowd.one_sided_nudges(), len(people),
                  sum(person.n_sessions for person in people), sum(person.n_sockets for person in people),
                  sum(person.n_resent for person in people), crowd.n_gone,
                  sum(person.n_reports for person in people), dict(crowd.statuses), dict(crowd.closes),
                  dict(crowd.errors), time.monotonic() - begin, with_redis)


def run(n_nudges, n_kills, seed, n_instances=3, with_redis=True, workers=None):
    folder = tempfile.mkdtemp(prefix="sighej-model-")
    try:
        report = asyncio.run(play(folder, n_nudges, n_kills, seed, n_instances, with_redis, workers))
    except BaseException:
        print(f"seed {seed}; logs are in {folder}")
        raise
    if report.good:
        shutil.rmtree(folder)
    else:
        print(f"logs are in {folder}")
    return report
