# SPDX-License-Identifier: GPL-2.0-or-later
"""Minutes that pass in an instant, for the programs of a Run."""
import contextlib
import os

from gi.repository import GLib

from shiftedclock import ShiftedClock
from sighejrun import Bus

HURRY_MS, HURRY_SECONDS = 200, 5


class TimeShift(ShiftedClock):
    """advance (seconds): for everything that its run has started."""

    def __init__(self, folder):
        super().__init__(os.path.join(folder, "timeshift"))
        self.run = None

    def advance(self, seconds):
        super().advance(seconds, [process.pid for process in self.run.started
                                  if process.running() and not isinstance(process, Bus)])

    @contextlib.contextmanager
    def hurry(self, seconds=HURRY_SECONDS):
        """While it lasts, and the main context runs, time passes so many seconds each 0.2 s."""
        tick = GLib.timeout_add(HURRY_MS, lambda: self.advance(seconds) or True)
        try:
            yield
        finally:
            GLib.source_remove(tick)
