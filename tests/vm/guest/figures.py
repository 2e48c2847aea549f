# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures that a run of the tests prints at its end and leaves in figures.txt.

    times = Times("off the air after Close, legacy", limit_s=2)
    times.add(0.012)                        # again and again
    times.check()                           # says it, and fails when one took longer

A bound of time says little on a machine that others keep busy. So when something took longer, the time
to start a process is taken at once, and the bound is stretched by how much longer that takes than on an
idle machine, four times at most; the figure then says so.
"""
import os
import subprocess
import time
from statistics import median

LINES = []
PROCESS_S = 0.025               # to start and end one in the guest of an idle host, processor emulated
PROCESSES = 4
STRETCH_MAX = 4


def say(line):
    LINES.append(line)
    with open(os.path.join(os.environ["VM_OUT"], "figures.txt"), "a") as f:
        f.write(line + "\n")


def process_s():
    begin = time.monotonic()
    for _ in range(PROCESSES):
        subprocess.run(["true"], check=True)
    return (time.monotonic() - begin) / PROCESSES


def stretch():
    return min(max(process_s() / PROCESS_S, 1), STRETCH_MAX)


class Times:
    """How long something took, each time, and the most it may take."""

    def __init__(self, what, limit_s):
        self.what, self.limit_s, self.all_s = what, limit_s, []
        self.stretched, self.late = [], []

    def add(self, seconds):
        self.all_s.append(seconds)
        if seconds > self.limit_s:
            by = stretch()
            self.stretched.append(by)
            if seconds > self.limit_s * by:
                self.late.append(seconds)

    def __str__(self):
        ordered = sorted(self.all_s)
        line = "%s: %d times, median %.0f ms, 95 %% %.0f ms, max %.0f ms" % (
            self.what, len(ordered), median(ordered) * 1000, ordered[(len(ordered) * 95 - 1) // 100] * 1000,
            ordered[-1] * 1000)
        if self.stretched:
            line += "; %d above %g s on a machine up to %.1f times slower than idle" % (
                len(self.stretched), self.limit_s, max(self.stretched))
        return line

    def check(self):
        assert self.all_s, self.what
        say(str(self))
        assert not self.late, "%s; too late: %s" % (self, " ".join("%.2f s" % seconds for seconds in self.late))
