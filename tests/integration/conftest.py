# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests that run the real programs on private buses and loopback.

The programs come from the meson build folder in $SIGHEJ_BUILD. Every program started through the
fixture `run` must end with 0 when it is told to, and warnings of theirs are fatal; a test that
provokes some passes env=MAY_WARN (people.py). After a failure all their logs are printed.
"""
import os
import sys
import time

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "scripts", "lib"), os.path.join(TOP, "tests", "lib"),
                os.path.join(HERE, "backend")]

import sighejrun  # noqa: E402
from air import Ear  # noqa: E402
from desk import Desk  # noqa: E402
from journal import Journal  # noqa: E402
from people import People  # noqa: E402
from timeshift import TimeShift  # noqa: E402

LOG_LINES_SHOWN = 200
DAY_SECONDS = 24 * 3600
BEFORE_MIDNIGHT_SECONDS, AFTER_MIDNIGHT_SECONDS = 180, 400  # of UTC, by the real clock
ENVIRONMENT = {
    # The machine a test runs on neither sleeps nor is locked, whatever it does: machine.py has one.
    "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent",
    "LC_ALL": "C.UTF-8", "TZ": "UTC", "G_DEBUG": "fatal-warnings",
    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=1"),
    "UBSAN_OPTIONS": os.environ.get("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1"),
}


def pytest_runtest_setup(item):
    """Around midnight UTC who opened the day before is nudged with nobody until its session is renewed
    (docs/protocol.md "Avoid tags"), which is right and no test's matter but those that turn the clock to it."""
    since_midnight = (time.time() + BEFORE_MIDNIGHT_SECONDS) % DAY_SECONDS
    left = BEFORE_MIDNIGHT_SECONDS + AFTER_MIDNIGHT_SECONDS - since_midnight
    if left > 0:
        print(f"{item.name} waits {left:.0f} s, until midnight UTC is over")
        time.sleep(left)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    for node in (item, item.getparent(pytest.Module)):
        node.failed = getattr(node, "failed", False) or report.failed


@pytest.fixture(scope="session")
def build():
    folder = os.environ.get("SIGHEJ_BUILD")
    if not folder or not os.path.exists(os.path.join(folder, "daemon/sighejd")):
        pytest.exit("SIGHEJ_BUILD must name a meson build folder with the programs in it", 2)
    return os.path.abspath(folder)


def show_logs(processes):
    for process in processes:
        lines = [line for line in process.text().splitlines() if "GET /stats" not in line]
        print(f"==== {process.name}: {len(lines)} lines")
        print("\n".join(lines[-LOG_LINES_SHOWN:]))


def start_programs(request, build):
    one = sighejrun.Run(build, env=dict(ENVIRONMENT))
    yield one
    processes = list(one.started)
    one.close()
    if getattr(request.node, "failed", False) or one.failures:
        show_logs(processes)
    assert one.failures == []


@pytest.fixture
def run(request, build):
    """Starts programs; see scripts/lib/sighejrun.py."""
    yield from start_programs(request, build)


@pytest.fixture(scope="module")
def module_run(request, build):
    """One for all tests of a module, which leave to each other what each needs."""
    yield from start_programs(request, build)


@pytest.fixture
def backend(run):
    return run.backend(config="[Log]\nLevel=debug\n")


@pytest.fixture
def people(run, backend):
    """Makes daemons that know the backend; see people.py."""
    return People(run, backend)


@pytest.fixture
def away(run):
    """No daemon on the bus, and none to be started."""
    return Desk(run)


@pytest.fixture
def desk(away):
    return away.start()


@pytest.fixture
def ear(run):
    """A radio of our own that hears all the others."""
    one = Ear(run.air)
    yield one
    one.close()


@pytest.fixture
def clock(run, tmp_path):
    """Turns the clock of all programs that are started after it is asked for."""
    shift = TimeShift(str(tmp_path))
    run.env.update(shift.environment(run.env))
    shift.run = run
    return shift


@pytest.fixture
def journal():
    """systemd's, for who puts its prefix in front of a program; see journal.py."""
    if not Journal.can_be():
        pytest.skip("a journal of our own needs a mount namespace: run this as root, where namespaces are allowed")
    one = Journal()
    yield one
    one.close()
