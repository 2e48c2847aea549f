# SPDX-License-Identifier: GPL-2.0-or-later
"""A first meeting on stock software: bluetoothd without experimental features, 20 s of dwelling.

What there is to show: both open at 1 m, to both nudged, median at most 25 s and 95 % at most 40 s.
SIGHEJ_SLOW=1 holds twenty meetings to it; what is beyond the 20 s is stretched by how much slower
the machine is than idle, and the figure says so. The short version proves that all meet.
"""
import os
import statistics

import pytest

import figures
from meeting import Meetings, describe, percentile
from stack import Stack

SLOW = bool(os.environ.get("SIGHEJ_SLOW"))
PAIRS, ROUNDS = (3, 7) if SLOW else (2, 1)
KINDS = ["legacy", "extended"] if SLOW else ["extended"]
MEDIAN_S, NEARLY_ALL_S, DWELL_S = 25, 40, 20
TOLD_S = 2                              # a signal of "open" may reach the test so late
LONG_OPEN_S = 400                       # longer than the 5 minutes after which it is quiet


@pytest.fixture(scope="module", params=KINDS)
def room(request):
    with Stack("first-meeting-" + request.param, controllers=request.param, count=2 * PAIRS) as stack:
        with Meetings(stack, PAIRS) as meetings:
            yield meetings


def hold_to_it(what, room, long_open_s=0):
    seconds, slower = [], []
    for _ in range(ROUNDS):
        seconds += room.meet(long_open_s)
        slower.append(figures.stretch())
    slower = statistics.median(slower)
    figures.say("%s, %s controllers: %s; on a machine %.1f times slower than idle" % (
        what, room.stack.kind, describe(seconds), slower))
    assert min(seconds) >= DWELL_S - TOLD_S
    if SLOW:
        assert statistics.median(seconds) <= DWELL_S + (MEDIAN_S - DWELL_S) * slower
        assert percentile(seconds, 0.95) <= DWELL_S + (NEARLY_ALL_S - DWELL_S) * slower


def test_both_open_now(room):
    hold_to_it("first meeting, both open now", room)


@pytest.mark.skipif(not SLOW, reason="SIGHEJ_SLOW=1 only")
def test_one_has_long_been_open(room):
    hold_to_it("first meeting, one has long been open", room, LONG_OPEN_S)
