# SPDX-License-Identifier: GPL-2.0-or-later
"""Minutes that pass in an instant."""
import sys
import time

import pytest

from stack import Process, TimeShift, wait_until

WAITER = """
import ctypes, os, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
begin = time.clock_gettime(time.CLOCK_BOOTTIME)
fd = libc.timerfd_create(time.CLOCK_BOOTTIME, 0)
when = struct.pack("qqqq", 0, 0, int(begin) + 600, 0)
assert libc.timerfd_settime(fd, 1, when, None) == 0
monotonic, wall = time.monotonic(), time.time()
print("armed", flush=True)
os.read(fd, 8)
print("fired", int(time.clock_gettime(time.CLOCK_BOOTTIME) - begin), int(time.time() - wall) // 60 * 60,
      int(time.monotonic() - monotonic) // 60 * 60, flush=True)
"""


@pytest.fixture
def waiter(tmp_path):
    clock = TimeShift(str(tmp_path))
    process = Process("waiter", [sys.executable, "-c", WAITER], str(tmp_path / "log"), clock=clock)
    process.wait_for(lambda: "armed" in process.log())
    yield clock, process
    process.popen.kill()
    process.popen.wait()


def test_a_timer_expires_when_time_is_turned(waiter):
    clock, process = waiter
    clock.advance(700)
    wait_until(lambda: not process.is_running(), what="the timer fires")
    words = process.log().split()
    assert words[:2] == ["armed", "fired"]
    assert 700 <= int(words[2]) < 760
    assert words[3:] == ["660", "0"]


def test_a_timer_waits_when_time_is_not_turned_enough(waiter):
    clock, process = waiter
    clock.advance(300)
    clock.advance(200)
    begin = time.monotonic()
    wait_until(lambda: time.monotonic() > begin + 0.3)
    assert process.is_running()
    clock.advance(100)
    wait_until(lambda: not process.is_running(), what="the timer fires")
