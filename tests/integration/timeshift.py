# SPDX-License-Identifier: GPL-2.0-or-later
"""Minutes that pass in an instant, for the programs of a Run (tests/lib/timeshift.c)."""
import atexit
import contextlib
import functools
import os
import shutil
import signal
import struct
import subprocess
import tempfile

from gi.repository import GLib

from sighejrun import Bus

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "..", "lib", "timeshift.c")
SIGNAL = signal.SIGRTMIN + 7
HURRY_MS, HURRY_SECONDS = 200, 5


@functools.cache
def build_library():
    """Once for all tests of this process."""
    folder = tempfile.mkdtemp(prefix="sighej-timeshift-")
    atexit.register(shutil.rmtree, folder)
    library = os.path.join(folder, "timeshift.so")
    subprocess.run(["cc", "-O1", "-fPIC", "-shared", "-o", library, SOURCE], check=True)
    return library


class TimeShift:
    """advance (seconds): BOOTTIME and the wall clock jump, as after a suspend; not MONOTONIC."""

    def __init__(self, folder):
        self.run, self.shift_ns = None, 0
        self.file = os.path.join(folder, "timeshift")
        self.preload = build_library()
        self.write("wb")

    def write(self, mode):
        with open(self.file, mode) as file:
            file.write(struct.pack("=q", self.shift_ns))

    def environment(self, env):
        """A sanitizer wants to be the first library, and is not harmed by being the second."""
        return {"LD_PRELOAD": self.preload, "TIMESHIFT_FILE": self.file,
                "ASAN_OPTIONS": env.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}

    def advance(self, seconds):
        self.shift_ns += int(seconds * 1e9)
        self.write("r+b")
        for process in self.run.started:
            if process.running() and not isinstance(process, Bus):
                os.kill(process.pid, SIGNAL)

    @contextlib.contextmanager
    def hurry(self, seconds=HURRY_SECONDS):
        """While it lasts, and the main context runs, time passes so many seconds each 0.2 s."""
        tick = GLib.timeout_add(HURRY_MS, lambda: self.advance(seconds) or True)
        try:
            yield
        finally:
            GLib.source_remove(tick)
