# SPDX-License-Identifier: GPL-2.0-or-later
"""Random lives of two to six people on three instances with one Redis, each held to the reference; and a
twin of each in which one wave that nobody answered was never made: what everybody else is told must be
the same, by every message, in the answer of GET /session, and in the order of all of it.
"""
import asyncio
import collections
import dataclasses
import os
import random
import shutil
import tempfile
import time

from meet_model import Script
from meet_world import Divergence, MeetWorld, Starved
from shiftedclock import ShiftedClock
from world import Instance, World

N_INSTANCES = 3
AT_ONCE = 40
DIVERGED_MAX = 5
LIVES_STARVED_MAX = 20  # of one script
STEPS = (20, 80)  # drawn; some cannot be done
CLOCK_SECONDS = 140  # so far off are the instances' wall clocks set, at most: within what tickets allow
REDIS_CLOCK_SECONDS = 1.5  # and Redis's: two who are the closest within 12 s stay so
REDIS_CLOCK_SHARE = 0.1  # whoever opens a session in that moment has to wait until its token is known
PACE = {"SIGHTINGS_PER_MINUTE": "60000", "SIGHTINGS_BURST": "60000"}  # so many that a minute of a clock is allowed
PROGRESS_SECONDS = 30


class Servers(World):
    """The instances of the model without a proxy; their wall clocks and that of Redis may be set."""

    def __init__(self, folder):
        super().__init__(folder, 0, False)
        self.instances = [Instance(folder, f"instance-{i}", self.key_file, f"unix://{self.redis_path}")
                          for i in range(N_INSTANCES)]
        self.clocks = [ShiftedClock(os.path.join(folder, f"clock-{i}"), wall_only=True)
                       for i in range(N_INSTANCES)]
        self.redis_clock = ShiftedClock(os.path.join(folder, "clock-redis"), wall_only=True)
        self.redis_environment = self.redis_clock.environment()
        for instance, clock in zip(self.instances, self.clocks):
            instance.environment.update({**clock.environment(instance.environment), **PACE})

    async def start(self):
        await self.start_redis()
        for instance in self.instances:
            await instance.start()

    def step_clocks(self, chooser):
        chooser.choice(self.clocks).set(chooser.randint(-CLOCK_SECONDS, CLOCK_SECONDS))
        if chooser.random() < REDIS_CLOCK_SHARE:
            self.redis_clock.set(chooser.uniform(-REDIS_CLOCK_SECONDS, REDIS_CLOCK_SECONDS))


@dataclasses.dataclass
class Tally:
    runs: int = 0
    twins: int = 0
    by_people: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    acts: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    clocks: int = 0
    diverged: list = dataclasses.field(default_factory=list)
    starved: int = 0
    agreed: int = 0
    met: int = 0
    begin: float = dataclasses.field(default_factory=time.monotonic)

    def add(self, worlds, script):
        self.runs += 1
        self.twins += len(worlds) - 1
        self.by_people[script.n_people] += 1
        self.acts.update(step[1] for world in worlds for step in world.steps_lived)
        self.agreed += sum(encounter.was_agreed for encounter in worlds[0].encounters.values())
        self.met += sum(encounter.met for encounter in worlds[0].encounters.values())

    def text(self, seed):
        people = ", ".join(f"{self.by_people[n]:,} of {n}" for n in sorted(self.by_people))
        acts = ", ".join(f"{n:,} {act}" for act, n in self.acts.most_common())
        return (f"seed {seed}: {self.runs:,} runs ({people} people), {self.twins:,} with a twin without one wave; "
                f"{self.acts.total():,} acts ({acts}); {self.clocks:,} times clocks were set; "
                f"{self.starved:,} lives were begun again, since Redis did not answer in time; "
                f"{self.agreed:,} meets, {self.met:,} of them to the end; "
                f"{time.monotonic() - self.begin:.0f} s: {len(self.diverged) or 'no'} divergence")


async def live(addresses, seed, steps, n_people):
    """A world that lived so; stopped when everybody has been told all."""
    world = MeetWorld(n_people, addresses, random.Random(seed))
    await world.start()
    try:
        await world.live(steps)
        await world.fence()
        world.told = [await world.told_to(one) for one in range(n_people)]
    finally:
        await world.stop()
    return world


def compare(world, twin, who, pair):
    other = pair[pair[0] == who]
    for one, (told, told_twin) in enumerate(zip(world.told, twin.told)):
        told, told_twin = (({key: value for key, value in entries.items() if (one, key[0]) != (who, other)}, about)
                           for entries, about in (told, told_twin))
        if told != told_twin:
            raise Divergence(f"person {one} knows that {who} waved to {other}: {told} and {told_twin}")


async def all_or_none(lives):
    tasks = [asyncio.ensure_future(one) for one in lives]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def live_both(addresses, seed, script, unanswered):
    """The world, and its twin if there is a wave that nobody answered."""
    lives = [live(addresses, seed, script.steps, script.n_people)]
    if unanswered:
        lives.append(live(addresses, seed + 1, script.without(*unanswered), script.n_people))
    worlds = await all_or_none(lives)
    if unanswered:
        compare(*worlds, *unanswered)
    return worlds


async def run_one(addresses, seed, tally):
    chooser = random.Random(seed)
    n_people = chooser.choice([2, 2, 2, 3, 3, 4, 5, 6])
    script = Script(chooser, n_people, chooser.randint(*STEPS))
    one_sided = script.one_sided()
    unanswered = chooser.choice(one_sided) if one_sided else None
    for n_left in reversed(range(LIVES_STARVED_MAX)):
        try:
            tally.add(await live_both(addresses, seed, script, unanswered), script)
            return
        except Starved:
            tally.starved += 1
            if n_left == 0:
                raise
        except Divergence as error:
            raise Divergence(f"seed {seed}: {error}\n" + "\n".join(map(str, script.steps))) from None


class Supply:
    """The seeds of the lives to come: so many, or for so long, or given ones."""

    def __init__(self, seed, n_runs=None, seconds=None, lives=()):
        self.chooser, self.n_runs, self.lives = random.Random(seed), n_runs, list(lives)
        self.end = None if seconds is None else time.monotonic() + seconds
        self.n_taken = 0

    def take(self):
        """None: that was all."""
        if self.lives:
            return self.lives.pop(0)
        if self.n_taken == self.n_runs or self.end is not None and time.monotonic() >= self.end:
            return None
        self.n_taken += 1
        return self.chooser.getrandbits(48)


def note_end(task, tally):
    """One that diverged is told at once; a few more may, so that it is seen how often."""
    try:
        task.result()
    except Divergence as error:
        tally.diverged.append(str(error))
        print(error, flush=True)
        if len(tally.diverged) == DIVERGED_MAX:
            raise


async def go_on(servers, supply, tally, say):
    running, done, chooser = set(), set(), random.Random(supply.chooser.random())
    addresses = [instance.address for instance in servers.instances]
    due = time.monotonic() + PROGRESS_SECONDS
    try:
        while True:
            while len(running) < AT_ONCE and (seed := supply.take()) is not None:
                running.add(asyncio.ensure_future(run_one(addresses, seed, tally)))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                note_end(task, tally)
            servers.step_clocks(chooser)
            tally.clocks += 1
            if time.monotonic() >= due:
                say(tally)
                due += PROGRESS_SECONDS
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*done, *running, return_exceptions=True)


async def play(folder, supply, say):
    servers, tally = Servers(folder), Tally()
    try:
        await servers.start()
        await go_on(servers, supply, tally, say)
        await servers.stop()
    finally:
        await servers.kill_all()
    return tally


def run(seed, say=lambda tally: None, **how_many):
    """how_many: as of a Supply. Lives that diverged are in the tally."""
    folder = tempfile.mkdtemp(prefix="sighej-meets-")
    try:
        tally = asyncio.run(play(folder, Supply(seed, **how_many), say))
    except BaseException:
        print(f"seed {seed}; logs are in {folder}")
        raise
    if tally.diverged:
        print(f"logs are in {folder}")
    else:
        shutil.rmtree(folder)
    return tally
