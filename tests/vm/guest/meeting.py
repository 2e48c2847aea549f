# SPDX-License-Identifier: GPL-2.0-or-later
"""Pairs of people who meet on one stack, and how long it takes from both being open to both being nudged.

Each pair has two daemons on two controllers, in a room of its own, and hears the other as at 1 m
(-59 dBm, sigma 4). Several pairs at once are several measurements at once; were they in one room,
one bluetoothd would have to tell ten daemons of ninety devices at each restart, which no machine does.
"""
import math
import os
import statistics

from stack import Backend, Daemon, TimeShift, wait_until

ONE_METRE_DBM, SIGMA_DB = -59, 4
LOSS = 0.1                      # of the packets, beside collisions
OPEN_S = 3600
MANY_NUDGES = {"Presence": {"MaxNudgesPerHour": "60"}}
NUDGE_TIMEOUT_S = 120           # nobody waits so long in success
START_TIMEOUT_S = 60


class Pair:
    """Two daemons; open() and close() them, both_at() says when both had got so far."""

    def __init__(self, stack, number, backend, clock):
        self.number = number
        self.people = [Daemon(stack, "pair%d-%s" % (number, "ab"[side]),
                              os.path.basename(stack.adapter_path(self.controller(side))),
                              backend=backend, clock=clock, config=MANY_NUDGES) for side in (0, 1)]

    def controller(self, side):
        return 2 * self.number + side

    def start(self):
        for one in self.people:
            one.start()
            one.call("SetInterests", "(as)", ["board game %d" % self.number])

    def open(self, *sides):
        for side in sides:
            self.people[side].signals.clear()
            self.people[side].call("Open", "(u)", OPEN_S)

    def wait_open(self, *sides):
        for side in sides:
            self.people[side].wait_property("State", "open", START_TIMEOUT_S)

    def close(self):
        for one in self.people:
            one.call("Close")

    def both_at(self, is_it):
        """When the later of the two first had a signal that is_it (member, arguments) likes; None: not yet."""
        times = [[when for when, _, _, member, arguments in one.signals if is_it(member, arguments)]
                 for one in self.people]
        return max(min(t) for t in times) if all(times) else None

    def open_at(self):
        return self.both_at(lambda member, arguments: member == "PropertiesChanged" and
                            arguments[1].get("State") == "open")

    def nudged_at(self):
        return self.both_at(lambda member, _: member == "NudgeReceived")


class Meetings:
    """A room with pairs, as a context; meet() lets all pairs meet once."""

    def __init__(self, stack, pairs):
        self.stack, self.clock = stack, TimeShift(stack.folder)
        self.backend = Backend(stack, clock=self.clock)
        self.pairs = [Pair(stack, number, self.backend.uri, self.clock) for number in range(pairs)]

    def __enter__(self):
        self.stack.tell("rssi * * %d %d" % (ONE_METRE_DBM, SIGMA_DB))
        self.stack.tell("loss * * 1")
        for pair in self.pairs:
            for side in (0, 1):
                self.stack.tell("loss %d %d %g" % (pair.controller(side), pair.controller(1 - side), LOSS))
        self.backend.start()
        for pair in self.pairs:
            pair.start()
        return self

    def __exit__(self, *failure):
        for pair in self.pairs:
            for one in pair.people:
                one.__exit__(*failure)
        self.backend.__exit__(*failure)
        self.stack.tell("loss * * 0")

    def wait_nudged(self):
        """Seconds from both of each pair being open to both being nudged."""
        wait_until(lambda: all(pair.nudged_at() for pair in self.pairs), NUDGE_TIMEOUT_S, "all pairs have met")
        return [pair.nudged_at() - pair.open_at() for pair in self.pairs]

    def meet(self, long_open_s=0):
        """All pairs at once. With long_open_s the first of each has been open so long before."""
        if long_open_s:
            for pair in self.pairs:
                pair.open(0)
            for pair in self.pairs:
                pair.wait_open(0)
            self.clock.advance(long_open_s)
            for pair in self.pairs:
                pair.open(1)
        else:
            for pair in self.pairs:
                pair.open(0, 1)
        seconds = self.wait_nudged()
        for pair in self.pairs:
            pair.close()
        return seconds


def percentile(values, share):
    """The smallest value that so large a share does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def describe(seconds):
    return "%d meetings: median %.1f s, 95 %% within %.1f s, slowest %.1f s" % (
        len(seconds), statistics.median(seconds), percentile(seconds, 0.95), max(seconds))
