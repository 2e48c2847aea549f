# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the fault tests: the real programs, with a proxy wherever something can break.

Each fault runs a few times; with SIGHEJ_SLOW=1 (scripts/test --slow) 100 times.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, *(os.path.join(TOP, "tests", folder)
                        for folder in ("integration/backend", "lib", "model"))]

from backendlib import Backend  # noqa: E402
import pytest  # noqa: E402


def check_end(backend):
    """Alive to the end of the test, and a good end of its own."""
    alive = backend.process.poll() is None
    status = backend.stop()
    if not alive or status != 0:
        print(backend.log())
    assert alive and status == 0, f"it ended with {status}"


@pytest.fixture
def make_backend(tmp_path):
    made = []

    def make(*arguments, **settings):
        folder = tmp_path / f"backend{len(made)}"
        folder.mkdir()
        made.append(Backend(folder, *arguments, **settings))
        return made[-1]

    yield make
    for backend in made:
        if backend.process.returncode is None:
            check_end(backend)
