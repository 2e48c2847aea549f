# SPDX-License-Identifier: GPL-2.0-or-later
"""Random lives of two to six people on three instances with one Redis, each held to the reference; and a
twin of each in which one wave that nobody answered was never made: what everybody else is told must be
the same, by every message, in the answer of GET /session, and in the order of all of it.
"""
import asyncio
import dataclasses
import os
import random
import shutil
import struct
import tempfile
import time

from meet_model import Script
from meet_world import Divergence, MeetWorld
from world import Instance, World

N_INSTANCES = 3
AT_ONCE = 12
STEPS = (20, 80)  # drawn; some cannot be done
CLOCK_SECONDS = 140  # so far off are the instances' wall clocks set, at most: within what tickets allow


class Servers(World):
    """The instances of the model without a proxy, and with wall clocks that may be set."""

    def __init__(self, folder, preload):
        super().__init__(folder, 0, False)
        self.shifts = [os.path.join(folder, f"clock-{i}") for i in range(N_INSTANCES)]
        self.instances = [Instance(folder, f"instance-{i}", self.key_file, f"unix://{self.redis_path}")
                          for i in range(N_INSTANCES)]
        for instance, shift in zip(self.instances, self.shifts):
            self.set_clock(shift, 0)
            asan = instance.environment.get("ASAN_OPTIONS", "")
            instance.environment.update(
                {"LD_PRELOAD": preload, "TIMESHIFT_FILE": shift, "TIMESHIFT_WALL_ONLY": "1",
                 "ASAN_OPTIONS": asan + ":verify_asan_link_order=0"} if preload else {})

    async def start(self):
        await self.start_redis()
        for instance in self.instances:
            await instance.start()

    @staticmethod
    def set_clock(path, seconds):
        with open(path, "r+b" if os.path.exists(path) else "wb") as file:
            file.write(struct.pack("=q", seconds * 1_000_000_000))

    def step_clocks(self, chooser):
        self.set_clock(chooser.choice(self.shifts), chooser.randint(-CLOCK_SECONDS, CLOCK_SECONDS))


@dataclasses.dataclass
class Tally:
    runs: int = 0
    twins: int = 0
    people: int = 0
    steps: int = 0
    cuts: int = 0
    agreed: int = 0
    met: int = 0
    seconds: float = 0

    def text(self, seed):
        return (f"seed {seed}: {self.runs:,} runs, {self.twins:,} with a twin without one wave; "
                f"{self.people:,} people, {self.steps:,} acts, {self.cuts:,} lost connections, {self.agreed:,} meets, "
                f"{self.met:,} of them to the end, {self.seconds:.0f} s: no divergence")


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


async def run_one(addresses, seed, tally):
    chooser = random.Random(seed)
    n_people = chooser.choice([2, 2, 2, 3, 3, 4, 5, 6])
    script = Script(chooser, n_people, chooser.randint(*STEPS))
    one_sided = script.one_sided()
    lives = [live(addresses, seed, script.steps, n_people)]
    if one_sided:
        who, pair = chooser.choice(one_sided)
        lives.append(live(addresses, seed + 1, script.without(who, pair), n_people))
    try:
        worlds = await all_or_none(lives)
        if one_sided:
            compare(*worlds, who, pair)
    except Divergence as error:
        raise Divergence(f"seed {seed}: {error}\n" + "\n".join(map(str, script.steps))) from None
    tally.runs += 1
    tally.twins += bool(one_sided)
    tally.people += n_people
    tally.steps += sum(len(world.steps_lived) for world in worlds)
    tally.cuts += sum(step[1] == "cut" for step in script.steps)
    tally.agreed += sum(encounter.was_agreed for encounter in worlds[0].encounters.values())
    tally.met += sum(encounter.met for encounter in worlds[0].encounters.values())


async def play(folder, seconds, seed, preload):
    servers, tally, chooser = Servers(folder, preload), Tally(), random.Random(seed)
    begin, running = time.monotonic(), set()
    try:
        await servers.start()
        addresses = [instance.address for instance in servers.instances]
        while time.monotonic() - begin < seconds or running:
            while len(running) < AT_ONCE and time.monotonic() - begin < seconds:
                running.add(asyncio.ensure_future(run_one(addresses, chooser.getrandbits(48), tally)))
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if preload:
                servers.step_clocks(chooser)
        await servers.stop()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await servers.kill_all()
    tally.seconds = time.monotonic() - begin
    return tally


def run(seconds, seed, preload=None):
    """So many as fit into that time; raises Divergence. preload: tests/lib/timeshift.c, built."""
    folder = tempfile.mkdtemp(prefix="sighej-meets-")
    try:
        tally = asyncio.run(play(folder, seconds, seed, preload))
    except BaseException:
        print(f"seed {seed}; logs are in {folder}")
        raise
    shutil.rmtree(folder)
    return tally
