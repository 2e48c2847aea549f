# SPDX-License-Identifier: GPL-2.0-or-later
"""Which restart of our own discovery gives most samples where BlueZ has no monitors (BLE 6).

    tests/vm/run -- -s guest/bench_scan_schedule.py

The controller's duplicate filter lets each address through once for each start of a scan. Here a
bare client of BlueZ restarts its discovery at several paces, among made-up neighbours at the
intervals that matter, each heard with -60 dBm and a tenth of its events lost. Printed for each
pace: samples a minute of a neighbour, as BlueZ's signals brought them; the longest wait for one;
the share of time in which the controller did not scan, and its HCI commands, both from the trace.
It asserts nothing.
"""
import itertools
import struct
import time

import pytest
from gi.repository import GLib

import bluez
import hcitrace
from stack import wait_until

PACES_S = [0, 1, 1.5, 2, 2.5, 3, 5]     # 0: never
WINDOW_S = 21                           # two scans of 10.24 s
INTERVALS_MS = [125, 275, 1280]         # legacy; with monitors or BlueZ 5.77; extended without
NEIGHBOURS = 4                          # of each interval
SCAN_ENABLE = {0x200c, 0x2042}          # legacy and extended; the first parameter says on or off


def payload(interval_ms, number):
    return bytes([0x11, 0x35, 0xc5]) + bytes([number]) * 8 + struct.pack(">H", interval_ms)


@pytest.fixture
def crowd(stack):
    stack.tell("loss * * 0.1")
    for interval_ms, number in itertools.product(INTERVALS_MS, range(NEIGHBOURS)):
        stack.tell("peer p%d-%d 3A:00:00:%02X:%s %s %d -60" % (
            interval_ms, number, number, struct.pack(">H", interval_ms).hex(":").upper(),
            bluez.on_air(payload(interval_ms, number)), interval_ms))
    yield
    stack.tell("unpeer *")
    stack.tell("loss * * 0")


class Restarter(bluez.Scanner):
    """Stops and starts at each pace, with one call under way at a time."""

    def __init__(self, stack, adapter, pace_s):
        super().__init__(stack, adapter)
        self.pace_s, self.timer = pace_s, 0

    def start(self):
        super().start()
        self.arm()

    def stop(self):
        self.disarm()
        super().stop()

    def arm(self):
        if self.pace_s:
            self.timer = GLib.timeout_add(int(self.pace_s * 1000), self.on_due)

    def disarm(self):
        if self.timer:
            GLib.source_remove(self.timer)
        self.timer = 0

    def on_due(self):
        self.timer = 0
        self.call("StopDiscovery")
        self.call("StartDiscovery")
        self.arm()
        return False


def scan_share(records, index, since, until):
    """The share of the time in which the adapter scanned, and its commands a minute."""
    scanning, scanned_s, commands, at = None, 0.0, 0, since
    for record in records:
        if record.index != index or record.opcode != hcitrace.COMMAND or len(record.payload) < 4:
            continue
        opcode, = struct.unpack_from("<H", record.payload)
        inside = since <= record.time <= until
        commands += inside
        if opcode not in SCAN_ENABLE:
            continue
        now = min(max(record.time, since), until)
        if scanning:
            scanned_s += now - at
        scanning, at = bool(record.payload[3]), now
    if scanning:
        scanned_s += until - at
    return scanned_s / (until - since), commands * 60 / (until - since)


def samples(scanner, interval_ms, since, until):
    return [[since] + [h.time for h in scanner.heard(payload(interval_ms, number)) if since <= h.time < until] + [until]
            for number in range(NEIGHBOURS)]


def measure(stack, pace_s):
    scanner = Restarter(stack, stack.adapter_path(1), pace_s)
    scanner.start()
    wait_until(lambda: scanner.heard(payload(INTERVALS_MS[-1], 0)), what="the first sample")
    since = time.time()
    wait_until(lambda: time.time() >= since + WINDOW_S, 2 * WINDOW_S)
    scanner.stop()
    records = list(hcitrace.read_records(stack.path("hci.btsnoop")))
    share, commands = scan_share(records, 1, since, since + WINDOW_S)
    columns = []
    for interval_ms in INTERVALS_MS:
        found = samples(scanner, interval_ms, since, since + WINDOW_S)
        rate = sum(len(times) - 2 for times in found) / NEIGHBOURS * 60 / WINDOW_S
        longest = max(b - a for times in found for a, b in zip(times, times[1:]))
        columns.append("%5.1f, %4.1f s" % (rate, longest))
    return "| %-9s | %s | %4.1f %% | %4.0f |" % (
        "%g s" % pace_s if pace_s else "never", " | ".join(columns), 100 * (1 - share), commands)


def test_restart_paces(stack, crowd):
    print("\n%s controllers, loss 0.1, %d s each" % (stack.kind, WINDOW_S))
    print("| restart | %s | deaf | HCI commands a minute |" % " | ".join(
        "every %d ms: samples a minute, longest wait" % i for i in INTERVALS_MS))
    for pace_s in PACES_S:
        print(measure(stack, pace_s), flush=True)
