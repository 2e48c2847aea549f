# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the fault tests: the real programs, with a proxy wherever something can break.

Each fault runs a few times; with SIGHEJ_SLOW=1 (scripts/test --slow) 100 times.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, *(os.path.join(TOP, "tests", folder)
                        for folder in ("integration/backend", "integration", "lib", "model"))]

import pytest  # noqa: E402

from backendlib import Backend  # noqa: E402
from faultlib import family  # noqa: E402
from timeshift import TimeShift  # noqa: E402


def check_end(backend):
    """Alive to the end of the test, and a good end of its own."""
    alive = backend.process.poll() is None
    status = backend.stop()
    if not alive or status != 0:
        print(backend.log())
    assert alive and status == 0, f"it ended with {status}"


def maker(folder):
    made = []

    def make(*arguments, **settings):
        place = folder / f"backend{len(made)}"
        place.mkdir()
        made.append(Backend(place, *arguments, **settings))
        return made[-1]

    yield make
    for backend in made:
        if backend.process.returncode is None:
            check_end(backend)


@pytest.fixture
def make_backend(tmp_path):
    yield from maker(tmp_path)


@pytest.fixture(scope="module")
def module_backend(tmp_path_factory):
    """For tests that leave nothing behind."""
    yield from maker(tmp_path_factory.mktemp("module"))


class Family:
    """A program and its workers, as TimeShift wants to have them."""

    def __init__(self, pid):
        self.pid = pid

    @property
    def started(self):
        return [Family(pid) for pid in family(self.pid)]

    @staticmethod
    def running():
        return True


@pytest.fixture
def shifted_backend(make_backend, tmp_path):
    """A backend and the clock it goes by."""
    clock = TimeShift(str(tmp_path))
    backend = make_backend(**{"SESSIONS_PER_ADDRESS": "0", **clock.environment(dict(os.environ))})
    clock.run = Family(backend.pid)
    return backend, clock
