#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a crowd of Bluetooth devices costs sighejd, beside what it costs dbus-daemon.

1,000 advertisers through a real bus from a fake bluetoothd (tests/lib/fake-bluez.c), 500 packets a
second in all, TLS to a real backend: what the air can carry. Then 4,000 a second of tokens that
turn fast: abuse, in which packets must be dropped and tokens evicted, and D-Bus answered all the
same. Then closed, while the crowd goes on around it. Then, instead of sighejd, a GDBus client
that is told of the same devices and ignores them.
"""
import os
import signal
import statistics
import sys
import time

from bench_crowd import OPEN_SECONDS, start_proxy
from benchlib import Cost, HERE, parse, percentile, private_dirty_kib, ratio, run_benchmark, settle
from benchlib import tool
from sighejrun import Process

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lib"))

from fakebluez import FakeBluez  # noqa: E402

REQUIRED_RATIO = 3
REQUIRED_PRIVATE_DIRTY_KIB = 12 * 1024
ABUSE_ROTATE_SECONDS = 4
FOREVER_SECONDS = 100000
ASK_EVERY_SECONDS = 0.1


class Span:
    """What a program, the bus and the fake bluetoothd spend while some time passes."""

    def __init__(self, bluez, process):
        self.bluez, self.process = bluez, process
        self.before = [Cost(pid) for pid in self.pids()]
        self.sent, self.signals = bluez.sent(), int(bluez.tell("signals"))
        self.calls = len(bluez.calls())

    def pids(self):
        return self.process.pid, self.bluez.bus.pid

    def end(self):
        own, bus = (Cost(pid).since(before) for pid, before in zip(self.pids(), self.before))
        sent = self.bluez.sent() - self.sent
        signals = int(self.bluez.tell("signals")) - self.signals
        return {"seconds": own["seconds"], "packets_per_second": round(sent / own["seconds"]),
                "dbus_signals_per_second": round(signals / own["seconds"]),
                "cpu_percent": own["cpu_percent"], "dbus_daemon_cpu_percent": bus["cpu_percent"],
                "ratio_to_dbus_daemon": ratio(own["cpu_percent"], bus["cpu_percent"]),
                "wake_ups_per_second": own["wake_ups_per_second"],
                "calls_to_bluez": len(self.bluez.calls()) - self.calls,
                "private_dirty_kib": private_dirty_kib(self.process.pid)}


def start_crowd(bluez, arguments, realm, rate, rotate_seconds=None):
    rotate = f" rotate={rotate_seconds}" if rotate_seconds else ""
    bluez.tell(f"crowd hci0 {arguments.senders} {rate} {FOREVER_SECONDS} "
               f"seed={arguments.seed} realm={realm}{rotate}")


def ask_meanwhile(run, daemon, seconds):
    """How long a property takes, in milliseconds, asked again and again for so long."""
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        before = time.monotonic()
        daemon.get("State")
        took.append(1000 * (time.monotonic() - before))
        settle(run, ASK_EVERY_SECONDS)
    return {"median": round(statistics.median(took), 2), "p95": round(percentile(took, 0.95), 2)}


def grown(before, after):
    return {name: after[name] - before[name] for name in
            ("radio.heard", "radio.foreign", "radio.dropped-rate", "radio.devices-evicted",
             "sightings.new", "sightings.evicted")}


def measure_abuse(run, arguments, bluez, daemon, realm):
    start_crowd(bluez, arguments, realm, arguments.abuse_rate, ABUSE_ROTATE_SECONDS)
    counters, span = daemon.counters(), Span(bluez, daemon)
    answers_ms = ask_meanwhile(run, daemon, arguments.abuse_seconds)
    return {**span.end(), "answers_ms": answers_ms, **grown(counters, daemon.counters())}


def measure_closed(run, arguments, bluez, daemon, realm):
    """The crowd goes on because another program scans."""
    daemon.call("Close")
    run.until(lambda: daemon.get("State") == "off", "it is closed")
    bluez.tell("foreign-scan hci0 on")
    start_crowd(bluez, arguments, realm, arguments.rate)
    settle(run, arguments.idle_settle)
    span = Span(bluez, daemon)
    settle(run, arguments.idle_seconds)
    return span.end()


def measure_baseline(run, arguments, bluez):
    listener = run.add(Process("listener", [tool(run, "bench-baseline"), "listen"],
                               env={**os.environ, **bluez.env}))
    listener.ends_with = -signal.SIGTERM
    settle(run, arguments.idle_settle)
    span = Span(bluez, listener)
    settle(run, arguments.idle_seconds)
    return span.end()


def start_daemon(run, bluez):
    uri, certificate = start_proxy(run, run.backend())
    daemon = run.daemon("crowded", backend=uri, interests=["devops", "hardstyle"],
                        log_level="message", config=f"CaFile={certificate}\n", radio="bluez",
                        env=bluez.env)
    daemon.call("Open", "(u)", OPEN_SECONDS)
    [data] = bluez.wait_on_air()
    bluez.wait_calls("StartDiscovery", answered=True)
    return daemon, bytes.fromhex(data)[1]


def main():
    arguments = parse(__doc__, seconds=(60, "how long"), settle=(20, "seconds before that"),
                      senders=(1000, "advertisers"), rate=(500, "packets a second in all"),
                      seed=(1, "of the crowd"), abuse_rate=(4000, "packets a second of abuse"),
                      abuse_seconds=(20, "how long"), idle_seconds=(30, "closed, and for the "
                      "listener"), idle_settle=(20, "seconds before those"),
                      stock=(0, "1: BlueZ without monitors, a controller that filters duplicates"))

    def measure(run):
        bluez = FakeBluez(run, experimental=not arguments.stock)
        bluez.tell("duplicates hci0 " + ("filtered" if arguments.stock else "all"))
        daemon, realm = start_daemon(run, bluez)
        start_crowd(bluez, arguments, realm, arguments.rate)
        settle(run, arguments.settle)
        span = Span(bluez, daemon)
        settle(run, arguments.seconds)
        crowd, nearby = span.end(), daemon.get("NearbyCount")
        abuse = measure_abuse(run, arguments, bluez, daemon, realm)
        closed = measure_closed(run, arguments, bluez, daemon, realm)
        baseline = measure_baseline(run, arguments, bluez)
        return {
            "senders": arguments.senders,
            "nearby_count": nearby,
            "crowd": crowd,
            "abuse": abuse,
            "closed_in_the_crowd": closed,
            "baseline_listener": baseline,
            "ratio_of_cpu_to_the_listener": ratio(crowd["cpu_percent"], baseline["cpu_percent"]),
            "violations": bluez.violations(),
            "required_ratio_to_dbus_daemon": REQUIRED_RATIO,
            "required_private_dirty_kib": REQUIRED_PRIVATE_DIRTY_KIB,
            "kept": crowd["ratio_to_dbus_daemon"] <= REQUIRED_RATIO
                    and crowd["private_dirty_kib"] <= REQUIRED_PRIVATE_DIRTY_KIB
                    and closed["wake_ups_per_second"] == 0,
        }

    return run_benchmark(measure, arguments)


if __name__ == "__main__":
    sys.exit(main())
