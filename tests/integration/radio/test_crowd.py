# SPDX-License-Identifier: GPL-2.0-or-later
"""A crowd around one daemon: all are counted, what is too much is dropped, evicted and told.

No time is measured here: tests/bench/bench_radio_crowd.py does.
"""
import math
import time

import pytest

from fakebluez import FakeBluez

TOKENS_MAX = 4096               # SIGHEJ_SIGHTINGS_TOKENS_MAX, SIGHEJ_BLUEZ_DEVICES_MAX
PACKETS_PER_SECOND_MAX = 2000   # SIGHEJ_BLUEZ_PACKETS_PER_SECOND_MAX
NEVER_SECONDS = 1000000
LONG_SECONDS = 600
TAKEN = ("radio.heard", "radio.foreign", "radio.dropped-rate")


class Crowd:
    """One daemon among many senders, with monitors, so that every packet arrives."""

    def __init__(self, run, backend):
        self.bluez = FakeBluez(run, experimental=True)
        self.daemon = run.daemon("anna", backend=backend.uri, interests=["devops"], radio="bluez",
                                 env=self.bluez.env, log_level="message")
        self.daemon.call("Open", "(u)", 3600)
        [data] = self.bluez.wait_on_air()
        self.realm = bytes.fromhex(data)[1]
        self.bluez.wait_calls("StartDiscovery", answered=True)

    def come(self, n_senders, rate):
        self.bluez.tell(f"crowd hci0 {n_senders} {rate} {LONG_SECONDS} seed={n_senders} "
                        f"realm={self.realm} rotate={NEVER_SECONDS}")

    def leave(self):
        self.bluez.tell("crowd hci0 stop")

    def count(self, *names):
        counters = self.daemon.counters()
        return sum(counters[name] for name in names)

    def wait_all_taken(self):
        """No packet is lost without being counted."""
        sent = self.bluez.sent()
        self.bluez.until(lambda: self.count(*TAKEN) == sent, f"all {sent} are accounted for")


@pytest.fixture
def crowd(run, backend):
    one = Crowd(run, backend)
    yield one
    one.bluez.assert_fair()


def test_a_thousand_are_counted_and_more_than_4096_are_not_kept(crowd):
    crowd.come(1000, 1500)
    crowd.bluez.until(lambda: crowd.daemon.get("NearbyCount") == 1000, "all are counted")
    crowd.leave()
    crowd.come(TOKENS_MAX, 1900)
    crowd.bluez.until(lambda: crowd.count("sightings.evicted") > 0
                      and crowd.count("radio.devices-evicted") > 0, "the oldest are evicted")
    crowd.leave()
    crowd.wait_all_taken()
    assert crowd.daemon.get("NearbyCount") <= TOKENS_MAX
    assert crowd.count("sightings.new") - crowd.count("sightings.evicted") <= TOKENS_MAX


def test_more_than_2000_a_second_are_dropped_and_it_answers_all_the_same(crowd):
    since = time.monotonic()
    crowd.come(1000, 5000)
    crowd.bluez.until(lambda: crowd.count("radio.dropped-rate") > 1000, "some are dropped")
    assert crowd.bluez.tell("crowd? hci0") == "running"
    crowd.leave()
    crowd.wait_all_taken()
    seconds = math.ceil(time.monotonic() - since) + 1
    assert crowd.count("radio.heard") <= PACKETS_PER_SECOND_MAX * seconds


def test_nothing_of_a_crowd_reaches_a_closed_daemon(crowd):
    crowd.come(100, 1000)
    crowd.bluez.until(lambda: crowd.count("radio.heard") > 0, "it hears")
    crowd.bluez.tell("foreign-scan hci0 on")
    crowd.daemon.call("Close")
    crowd.bluez.until(lambda: crowd.daemon.get("State") == "off", "it is closed")
    heard, sent = crowd.count(*TAKEN), crowd.bluez.sent()
    crowd.bluez.until(lambda: crowd.bluez.sent() > sent + 500, "the crowd goes on")
    assert crowd.count(*TAKEN) == heard
