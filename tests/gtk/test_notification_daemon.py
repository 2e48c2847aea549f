# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon's notifications on a real notification server, Debian's notification-daemon, with SIGHEJ_SLOW=1:
they are on the screen while they should be. Pictures are kept."""
import os
import subprocess

import pytest
from gi.repository import GLib

from display import Display
from people import People
from sighejrun import NUDGE, ROOT, Process, Run

SERVER = "/usr/lib/notification-daemon/notification-daemon"
NOTIFICATIONS = "org.freedesktop.Notifications"
XDOTOOL_SECONDS = 30

pytestmark = pytest.mark.skipif(os.environ.get("SIGHEJ_SLOW") != "1", reason="takes long; SIGHEJ_SLOW=1")


@pytest.fixture
def display(run):
    return Display(run, 640, 480)


@pytest.fixture
def bus(run, display):
    one = run.bus("anna-bus")
    home = run.folder("server-home")
    server = run.add(Process("notification-daemon", [SERVER], env={
        **os.environ, "DISPLAY": display.name, "GDK_BACKEND": "x11", "DBUS_SESSION_BUS_ADDRESS": one.address,
        "HOME": home, "XDG_CACHE_HOME": home, "NO_AT_BRIDGE": "1"}))
    server.ends_with = None
    connection = one.connect()
    Run.until(lambda: connection.call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
        GLib.Variant("(s)", (NOTIFICATIONS,)), None, 0, 20000, None).unpack()[0],
        "the server is there")
    return one


def n_shown(display):
    """The windows of the server that are on the screen."""
    found = subprocess.run(["xdotool", "search", "--onlyvisible", "--class", "notification-daemon"],
                           env={**os.environ, "DISPLAY": display.name}, capture_output=True, text=True,
                           timeout=XDOTOOL_SECONDS, check=False)
    return len(found.stdout.split())


def test_on_the_screen_while_it_counts(run, display, bus, pictures):
    people = People(run, run.backend(config="[Log]\nLevel=debug\n"))
    anna = people("anna", "devops", "jazz", bus=bus)
    closed = []
    anna.connection.signal_subscribe(NOTIFICATIONS, NOTIFICATIONS, "NotificationClosed", None, None, 0,
                                     lambda *signal: closed.append(signal[-1].unpack()))
    people.open(anna)
    Run.until(lambda: n_shown(display) == 1, "the lasting one is on the screen")
    display.picture().save(os.path.join(pictures, "notification-daemon-open.png"))
    # This server shows one at a time, and puts what is not urgent into its list after seconds.
    Run.until(lambda: n_shown(display) == 0, "the lasting one is in the list")
    assert closed == []

    people("bo", "devops")
    people.open()
    Run.until(lambda: n_shown(display) == 1, "the nudge is on the screen")
    display.picture().save(os.path.join(pictures, "notification-daemon-nudge.png"))
    anna.call("NotNow", path=ROOT + "/nudges/1", interface=NUDGE)
    Run.until(lambda: n_shown(display) == 0 and len(closed) == 1, "the nudge is withdrawn")
    anna.call("Close")
    Run.until(lambda: len(closed) == 2, "all is withdrawn")
