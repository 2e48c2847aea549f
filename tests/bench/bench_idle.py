#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What sighejd costs while it is closed: wake-ups and CPU time.

One daemon that has not been open yet, and one that was open and is closed again, on a system bus
with a login manager and UPower. Beside them, on a bus of its own: a bare GLib main loop with a D-Bus
connection.
"""
import os
import signal
import sys

from benchlib import Cost, parse, private_dirty_kib, run_benchmark, settle, tool
from sighejrun import Process

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

from machine import Machine  # noqa: E402

SETTLE_SECONDS = 20  # GLib lets a thread go that had nothing to do for 15 s
OPEN_SECONDS = 600


def open_and_close(run, daemon):
    daemon.call("Open", "(u)", OPEN_SECONDS)
    run.until(lambda: daemon.get("State") == "open", "it is open")
    daemon.call("Close")
    run.until(lambda: daemon.get("State") == "off", "it is closed")


def start_baseline(run):
    bus = run.bus("baseline-bus")
    baseline = run.add(Process("baseline", [tool(run, "bench-baseline"), "idle"],
                               env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": bus.address}))
    baseline.ends_with = -signal.SIGTERM
    return baseline


def main():
    arguments = parse(__doc__, seconds=(60, "how long"))

    def measure(run):
        backend, machine = run.backend(), Machine(run)
        machine.start_power(on_battery=True)
        never, again = (run.daemon(name, backend=backend.uri, interests=["devops"],
                                   env=machine.env, log_level="message")
                        for name in ("never", "again"))
        processes = {"never_open": never, "closed_again": again, "baseline": start_baseline(run)}
        open_and_close(run, again)
        settle(run, SETTLE_SECONDS)
        before = {name: Cost(process.pid) for name, process in processes.items()}
        settle(run, arguments.seconds)
        result = {}
        for name, process in processes.items():
            result[name] = Cost(process.pid).since(before[name])
            result[name]["private_dirty_kib"] = private_dirty_kib(process.pid)
        ours = [result[name]["wake_ups"] for name in ("never_open", "closed_again")]
        return {**result, "required_wake_ups": 0, "kept": ours == [0, 0]}

    return run_benchmark(measure, arguments)


if __name__ == "__main__":
    sys.exit(main())
