# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests that run inside the guest; see stack.py for what a Stack can do."""
import os
import sys
import time

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from stack import Stack, in_guest  # noqa: E402

if not in_guest():
    pytest.exit("these tests run inside the VM only: start them with tests/vm/run", returncode=2)

STARTED = time.monotonic()


@pytest.fixture(scope="module", params=["legacy", "extended"])
def stack(request):
    """A running Stack; each test of the module runs on legacy and on extended controllers."""
    name = "%s-%s" % (request.module.__name__, request.param)
    with Stack(name, controllers=request.param) as running:
        yield running


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line("guest: tests took %.1f s" % (time.monotonic() - STARTED))
