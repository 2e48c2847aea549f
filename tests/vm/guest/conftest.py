# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests that run inside the guest; see stack.py for what a Stack can do."""
import time

import pytest

import figures
from stack import Stack, in_guest

pytest.register_assert_rewrite("people")

if not in_guest():
    pytest.exit("these tests run inside the VM only: start them with tests/vm/run", returncode=2)

STARTED = time.monotonic()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    item.failed = getattr(item, "failed", False) or report.failed


class Running:
    """The Stack of a module; a new one takes its place after a failure."""

    def __init__(self, name, kind, experimental):
        self.name, self.kind, self.experimental, self.renewals = name, kind, experimental, 0
        self.stack = self.make(name)

    def make(self, name):
        stack = Stack(name, controllers=self.kind, experimental=self.experimental)
        stack.start()
        return stack

    def renew(self):
        try:
            self.stack.stop()
        finally:
            self.renewals += 1
            self.stack = self.make("%s-%d" % (self.name, self.renewals))


@pytest.fixture(scope="module", params=["legacy", "extended"])
def running_stack(request):
    """A module that says EXPERIMENTAL = True has bluetoothd --experimental."""
    running = Running("%s-%s" % (request.module.__name__, request.param), request.param,
                      getattr(request.module, "EXPERIMENTAL", False))
    yield running
    running.stack.stop()


@pytest.fixture
def stack(request, running_stack):
    """A running Stack; each test of the module runs on legacy and on extended controllers.

    The tests of a module share it, so they leave it as they found it: adapters on,
    bluetoothd up, nothing registered. After a failure it is replaced.
    """
    yield running_stack.stack
    if request.node.failed:
        running_stack.renew()


def pytest_sessionfinish(session):
    if Stack.unjudged:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    for stack in Stack.unjudged:
        terminalreporter.write_line("nobody has judged what %s had on the air" % stack.name)
    figures.say("a process starts and ends in %.0f ms" % (figures.process_s() * 1000))
    figures.say("on the air: %s" % Stack.verdict)
    for line in figures.LINES:
        terminalreporter.write_line(line)
    terminalreporter.write_line("guest: tests took %.1f s" % (time.monotonic() - STARTED))
