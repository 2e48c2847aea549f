# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests that look at the GTK client as a person does: on a screen, by its accessibles.

The programs come from the meson build folder in $SIGHEJ_BUILD; pictures go to $SIGHEJ_ARTIFACTS, by
default the folder gtk-pictures in the build. After a failure the logs of all programs are printed,
and what the screen showed is among the pictures.
"""
import os
import re
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "scripts", "lib"), os.path.join(TOP, "tests", "lib"),
                os.path.join(TOP, "tests", "integration")]

from client import Client, GtkDesk  # noqa: E402
from session import start_programs, start_session  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    for node in (item, item.getparent(pytest.Module)):
        node.failed = getattr(node, "failed", False) or report.failed
    if report.failed and call.when == "call":
        for session in getattr(item.config, "sessions", []):
            name = re.sub(r"\W+", "-", item.name).strip("-")
            session.display.picture().save(os.path.join(pictures_folder(), f"failed-{name}.png"))


@pytest.fixture(scope="session")
def build():
    folder = os.environ.get("SIGHEJ_BUILD")
    if not folder or not os.path.exists(os.path.join(folder, "client/gtk/sighej")):
        pytest.exit("SIGHEJ_BUILD must name a meson build folder with the GTK client in it", 2)
    return os.path.abspath(folder)


def pictures_folder():
    folder = os.environ.get("SIGHEJ_ARTIFACTS") or os.path.join(os.environ["SIGHEJ_BUILD"], "gtk-pictures")
    os.makedirs(folder, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def pictures():
    """The folder the pictures go to."""
    return pictures_folder()


@pytest.fixture
def run(request, build):
    """Starts programs; see scripts/lib/sighejrun.py."""
    yield from start_programs(request, build)


@pytest.fixture(scope="module")
def module_run(request, build):
    """One for all tests of a module, which leave to each other what each needs."""
    yield from start_programs(request, build)


@pytest.fixture
def session(request, run, build):
    """A session on a screen of 360 × 640, the smallest; see session.py."""
    yield from start_session(request, run, build)


@pytest.fixture(scope="module")
def module_session(request, module_run, build):
    yield from start_session(request, module_run, build)


@pytest.fixture
def a11y_address(session):
    """By it GTK finds the accessibility bus of a session whose own bus it is not on."""
    return session.connection.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress",
                                        None, None, 0, 20000, None).unpack()[0]


@pytest.fixture
def away(session):
    """No daemon on the bus, and none to be started."""
    return GtkDesk(session)


@pytest.fixture
def desk(away):
    """A daemon that does as it is told."""
    return away.start()


@pytest.fixture
def start_client(session):
    """Starts the client: start_client (*arguments, language="da")."""
    return lambda *arguments, **options: Client(session, *arguments, **options)


@pytest.fixture
def client(desk, start_client):
    """The client, beside a daemon."""
    return start_client()
