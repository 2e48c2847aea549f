# SPDX-License-Identifier: GPL-2.0-or-later
"""A clock that a test turns, for the programs that are started with it (timeshift.c)."""
import atexit
import contextlib
import functools
import os
import shutil
import signal
import struct
import subprocess
import tempfile

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "timeshift.c")
SIGNAL = signal.SIGRTMIN + 7


@functools.cache
def build_library():
    """Once for all tests of this process."""
    folder = tempfile.mkdtemp(prefix="sighej-timeshift-")
    atexit.register(shutil.rmtree, folder)
    library = os.path.join(folder, "timeshift.so")
    subprocess.run(["cc", "-O1", "-fPIC", "-shared", "-o", library, SOURCE], check=True)
    return library


class ShiftedClock:
    """BOOTTIME and the wall clock, so many seconds off; not MONOTONIC. With wall_only the wall clock
    alone, as when somebody sets it: no timer knows of that, and nobody needs to be told."""

    def __init__(self, file, wall_only=False, library=None):
        self.file, self.wall_only, self.seconds = str(file), wall_only, 0
        self.library = library or build_library()
        self.set(0)

    def environment(self, env=os.environ):
        """A sanitizer wants to be the first library, and is not harmed by being the second."""
        options = filter(None, [env.get("ASAN_OPTIONS"), "verify_asan_link_order=0"])
        return {"LD_PRELOAD": self.library, "TIMESHIFT_FILE": self.file,
                "ASAN_OPTIONS": ":".join(options),
                **({"TIMESHIFT_WALL_ONLY": "1"} if self.wall_only else {})}

    def set(self, seconds):
        """In place: the programs have the file mapped."""
        self.seconds = seconds
        with open(self.file, "r+b" if os.path.exists(self.file) else "wb") as file:
            file.write(struct.pack("=q", int(seconds * 1_000_000_000)))

    def shift(self, seconds):
        self.set(self.seconds + seconds)

    def advance(self, seconds, pids):
        """As after a suspend: the timers of these processes that are due expire."""
        self.shift(seconds)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, SIGNAL)
