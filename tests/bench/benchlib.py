# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benchmarks share: their arguments, what a process cost, how it is printed."""
import argparse
import glob
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "scripts", "lib"))

from sighejrun import Failed, Run  # noqa: E402

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def parse(description, **options):
    """The arguments each benchmark takes; @options are further integers with their defaults."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--build", default=os.environ.get("SIGHEJ_BUILD"),
                        help="meson build folder, of --buildtype=release (or $SIGHEJ_BUILD)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    for name, (default, text) in options.items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=default, metavar="N",
                            help=f"{text} ({default})")
    arguments = parser.parse_args()
    if not arguments.build or not os.path.exists(os.path.join(arguments.build, "daemon/sighejd")):
        parser.error("--build must name a build folder with the programs in it")
    return arguments


def run_benchmark(measure, arguments):
    """Prints what measure (run) returns. The exit status."""
    result = None
    try:
        with Run(arguments.build) as run:
            result = measure(run)
        if run.failures:
            raise Failed("; ".join(run.failures))
    except (Failed, subprocess.CalledProcessError) as failure:
        print(f"{os.path.basename(sys.argv[0])}: {failure}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0


def show(result):
    width = max(len(name) for name in result)
    for name, value in result.items():
        print(f"{name.replace('_', ' '):{width}}  {value}")


def tool(run, name):
    return os.path.join(run.build, "tests/bench", name)


def settle(run, seconds):
    """Lets that much time pass; the main context runs."""
    end = time.monotonic() + seconds
    run.until(lambda: time.monotonic() >= end, "time passes", seconds + 10)


def percentile(values, share):
    return sorted(values)[math.ceil(len(values) * share) - 1]


def summary(values):
    """Median, 95 % and most, rounded."""
    return {"median": round(statistics.median(values), 3), "p95": round(percentile(values, 0.95), 3),
            "max": round(max(values), 3)}


def ratio(value, baseline):
    return round(value / baseline, 1) if baseline else None


class Cost:
    """What a process has cost until now; the difference of two is a span of time."""

    def __init__(self, pid):
        self.pid, self.at = pid, time.monotonic()
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        self.cpu_seconds = (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
        self.switches = {}  # thread -> how often it was put on a processor
        for task in glob.glob(f"/proc/{pid}/task/*"):
            with open(task + "/status", encoding="ascii", errors="replace") as file:
                self.switches[task] = sum(
                    int(n) for n in re.findall(r"ctxt_switches:\s+(\d+)", file.read()))

    def switches_since(self, earlier):
        """A thread that has ended since woke at least once to do so."""
        return (sum(n - earlier.switches.get(task, 0) for task, n in self.switches.items())
                + len(earlier.switches.keys() - self.switches.keys()))

    def since(self, earlier):
        """CPU as a share of one core in percent, wake-ups, and the span in seconds."""
        seconds, switches = self.at - earlier.at, self.switches_since(earlier)
        return {"seconds": round(seconds, 1),
                "cpu_percent": round(100 * (self.cpu_seconds - earlier.cpu_seconds) / seconds, 3),
                "wake_ups": switches, "wake_ups_per_second": round(switches / seconds, 2)}


def private_dirty_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Private_Dirty:\s+(\d+)", file.read(), re.MULTILINE).group(1))
