#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the desktop client costs: the first frame, memory, and wake-ups while nobody touches it.

Beside gnome-calculator, a small libadwaita program of Debian, in turns, in the same session: one X
server, one bus, one accessibility bus, the same settings. A frame is seen from outside, in the X
server's picture. Needs gnome-calculator and what tests/gtk needs.
"""
import os
import re
import statistics
import sys
import time

from benchlib import Cost, parse, run_benchmark, settle
from sighejrun import Failed, Process

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, folder) for folder in ("gtk", "integration", "lib")]

from client import GtkDesk  # noqa: E402
from session import Session  # noqa: E402

WIDTH, HEIGHT = 360, 640
FRAME_SECONDS, LOOK_EVERY_SECONDS = 60, 0.002
COLOURS_MIN = 4         # what a window shows that is more than its background
DRAWN_SECONDS = 3       # until everything that follows the first frame is done, memory is read
SETTLE_SECONDS = 20     # GLib lets a thread go that had nothing to do for 15 s
BAR = 1.5


class Program:
    """Started here, first seen there."""

    def __init__(self, session, name, argv):
        blank = session.display.picture().pixels
        self.started = time.monotonic()
        self.process = session.run.add(Process(name, argv, env=session.environment))
        self.process.ends_with = None
        self.first_frame_ms = (self._see_frame(session.display, blank) - self.started) * 1000

    def _see_frame(self, display, blank):
        while self.process.running() and time.monotonic() < self.started + FRAME_SECONDS:
            picture = display.picture()
            seen = time.monotonic()
            if picture.pixels != blank and picture.n_colours() >= COLOURS_MIN:
                return seen
            time.sleep(LOOK_EVERY_SECONDS)
        raise Failed(f"{self.process.name} showed nothing: {self.process.text()}")

    def family(self):
        """Its process ids, children included."""
        found, left = [], [self.process.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                        left += [int(child) for child in file.read().split()]
            except OSError:
                pass                # ended meanwhile
        return found

    def memory_kib(self):
        totals = {"Pss": 0, "Private_Dirty": 0}
        for pid in self.family():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                text = file.read()
            for field in totals:
                totals[field] += int(re.search(rf"^{field}:\s+(\d+)", text, re.MULTILINE).group(1))
        return totals


def start_and_weigh(session, name, argv, figures):
    """One start: how long until the first frame, and its memory after that."""
    blank = session.display.picture().pixels
    program = Program(session, name, argv)
    settle(session.run, DRAWN_SECONDS)
    memory = program.memory_kib()
    for figure, value in (("first_frame_ms", program.first_frame_ms), ("pss_kib", memory["Pss"]),
                          ("private_dirty_kib", memory["Private_Dirty"])):
        figures.setdefault(figure, []).append(value)
    program.process.stop()
    session.run.until(lambda: session.display.picture().pixels == blank, f"{name} is gone")


def idle(session, name, argv, seconds, prepare=None):
    """Wake-ups of all its threads in that time, after it has come to rest."""
    program = Program(session, name, argv)
    if prepare:
        prepare()
    settle(session.run, SETTLE_SECONDS)
    before = {pid: Cost(pid) for pid in program.family()}
    settle(session.run, seconds)
    wake_ups = sum(Cost(pid).switches_since(cost) for pid, cost in before.items())
    program.process.stop()
    return wake_ups


def main():
    arguments = parse(__doc__, runs=(7, "starts of each"), seconds=(30, "how long nobody touches it"))

    def measure(run):
        session = Session(run, os.path.abspath(run.build), WIDTH, HEIGHT)
        session.set_toolkit()
        desk = GtkDesk(session).start()
        argv = {"client": [os.path.join(run.build, "client/gtk/sighej")],
                "calculator": ["gnome-calculator"]}
        figures = {name: {} for name in argv}
        for number in range(arguments.runs + 1):
            for name, command in argv.items():
                start_and_weigh(session, name, command, figures[name] if number else {})
        result = {}
        for figure in figures["client"]:
            ours, theirs = (statistics.median(figures[name][figure]) for name in argv)
            result[figure] = {"client": round(ours), "calculator": round(theirs),
                              "ratio": round(ours / theirs, 2)}
        wake_ups = {
            "client_off": idle(session, "client", argv["client"], arguments.seconds),
            "client_open": idle(session, "client", argv["client"], arguments.seconds,
                                lambda: desk.state("open", backend="online")),
            "calculator": idle(session, "calculator", argv["calculator"], arguments.seconds)}
        result[f"wake_ups_in_{arguments.seconds}_s"] = wake_ups
        bar = max(BAR * wake_ups["calculator"], 1)
        return {**result, "at_most": BAR,
                "kept": all(value["ratio"] <= BAR for value in list(result.values())[:3])
                and max(wake_ups["client_off"], wake_ups["client_open"]) <= bar}

    return run_benchmark(measure, arguments)


if __name__ == "__main__":
    sys.exit(main())
