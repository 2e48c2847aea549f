#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""From the second sighting report to both NudgeReceived signals, on the simulated radio.

Two daemons and a backend on loopback. Beside it, on one of the same buses: a loopback TCP round
trip through an echo and one D-Bus signal, which nobody can do the job with less than.
"""
import os
import re
import subprocess
import sys
import time

from benchlib import Run, parse, ratio, run_benchmark, summary, tool

ROUNDS_MAX = 55  # nudges an hour a daemon may take: 60
OPEN_SECONDS = 600
REQUIRED_MS = 3
# A line of a debug log begins with the time it was written, however late it is read.
REPORT_LINE = re.compile(r"\d\d:\d\d:(\d\d\.\d+) .*reported a sighting")
HOPS = 500


class Meeting:
    def __init__(self, run):
        self.reports = []
        backend = run.backend()
        self.people = [
            run.daemon(name, backend=backend.uri, interests=["devops", "hardstyle"], dwell_seconds=1,
                       log_level="debug", on_line=self.note_line,
                       config="[Presence]\nMaxNudgesPerHour=60\n")
            for name in ("anna", "bo")]

    def note_line(self, _, line):
        match = REPORT_LINE.match(line)
        if match:
            late = (time.time() - float(match[1])) % 60
            self.reports.append(time.monotonic() - late)

    def nudge_times(self, person, begun):
        return [when for when, member, _ in person.signals
                if member == "NudgeReceived" and when > begun[person]]

    def hold(self):
        """One meeting. Milliseconds."""
        self.reports.clear()
        begun = {person: person.signals[-1][0] if person.signals else 0 for person in self.people}
        for person in self.people:
            person.call("Open", "(u)", OPEN_SECONDS)
        Run.until(lambda: all(self.nudge_times(person, begun) for person in self.people),
                  "both are nudged")
        last = max(self.nudge_times(person, begun)[0] for person in self.people)
        second = sorted(when for when in self.reports if when <= last)[1]
        for person in self.people:
            person.call("Close")
            Run.until(lambda: person.get("State") == "off", "it is off")
        return (last - second) * 1000


def measure_hops(run, bus):
    out = subprocess.run([tool(run, "bench-baseline"), "hop", str(HOPS)], check=True, text=True,
                         capture_output=True,
                         env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": bus.address}).stdout
    return [int(line) / 1000 for line in out.split()]


def main():
    arguments = parse(__doc__, rounds=(20, f"how many meetings, at most {ROUNDS_MAX}"))
    rounds = max(1, min(arguments.rounds, ROUNDS_MAX))

    def measure(run):
        meeting = Meeting(run)
        meeting.hold()  # the first one finds cold caches
        nudges = summary([meeting.hold() for _ in range(rounds)])
        hops = summary(measure_hops(run, meeting.people[0].bus))
        return {
            "rounds": rounds,
            "second_sighting_to_both_nudges_ms": nudges,
            "baseline_echo_and_signal_ms": hops,
            "ratio_of_medians": ratio(nudges["median"], hops["median"]),
            "required_median_ms": REQUIRED_MS,
            "kept": nudges["median"] <= REQUIRED_MS,
        }

    return run_benchmark(measure, arguments)


if __name__ == "__main__":
    sys.exit(main())
