# SPDX-License-Identifier: GPL-2.0-or-later
"""The GNOME extension's D-Bus part by gjs, without a shell: a real bus, a daemon that does as it is told.

What it says of each state is tests/extension/test-view.js, the shell itself test_gnome_shell.py.
"""
import json
import os

import pytest
from gi.repository import GLib

from desk import FAKE_DAEMON, Desk
from session import SessionBus
from sighejrun import Process, Run

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "../..")
EXTENSION = os.path.join(TOP, "extension/gnome-shell/sighej@sighej.org")
DRIVER = os.path.join(TOP, "tests/extension/drive-daemon.js")
MANY = 10000


class Toggle(Process):
    """drive-daemon.js: what the toggle would show, and presses on it. It ends when nobody types any more."""

    def __init__(self, run, build, address, language="en"):
        keys = os.path.join(run.folder("toggle"), "keys")
        os.mkfifo(keys)
        super().__init__("toggle", ["/bin/sh", "-c", 'exec gjs "$0" "$1" <"$2"', DRIVER, EXTENSION, keys], env={
            **os.environ, "DBUS_SESSION_BUS_ADDRESS": address, "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "LANGUAGE": language, "SIGHEJ_LOCALE_DIR": os.path.join(build, "po")})
        self.keys, self.n_seen = os.open(keys, os.O_WRONLY), 0

    def stop(self):
        os.close(self.keys)
        return self.wait()

    def said(self, signal):
        """What came with that signal since the last press."""
        objects = [json.loads(line) for _, line in self.lines[self.n_seen:]]
        return [one for one in objects if one["signal"] == signal]

    def press(self, method):
        self.n_seen = len(self.lines)
        os.write(self.keys, (method + "\n").encode())

    def shows(self, **like):
        """Waits until what it shows is like this."""
        def found():
            said = self.said("changed")
            return said and like.items() <= said[-1].items()
        Run.until(found, f"the toggle shows {like}")

    def hears(self, signal):
        """Waits for the first of these."""
        Run.until(lambda: self.said(signal), f"the toggle says {signal}")
        return self.said(signal)[0]


@pytest.fixture
def desk(run):
    return Desk(run)


@pytest.fixture
def toggle(run, build, desk):
    return run.add(Toggle(run, build, desk.bus.address))


OFF = {"checked": False, "label": "Open to talk", "pause": None, "canClose": False, "ticks": False}


def test_no_daemon_counts_as_off(desk, toggle):
    toggle.shows(**OFF)
    toggle.press("open")
    assert toggle.hears("failed")["sentence"] == "The SigHej service is not there. Install sighejd, or start it"


def test_what_the_daemon_says_is_shown(desk, toggle):
    toggle.shows(**OFF)
    desk.start()
    toggle.press("open")
    toggle.shows(checked=True, pause="pause", canClose=True, ticks=True, subtitle="2 h left · No one near yet")
    desk.put("NearbyCount", "u", 2)
    toggle.shows(checked=True, subtitle="2 h left · 2 people near are open")
    toggle.press("pause")
    toggle.shows(checked=True, label="Paused", pause="resume", ticks=False)
    toggle.press("resume")
    toggle.shows(checked=True, pause="pause", ticks=True)
    toggle.press("close")
    toggle.shows(**OFF)


def test_a_daemon_that_dies_is_off_and_one_that_comes_back_is_read(desk, toggle):
    desk.start()
    toggle.press("open")
    toggle.shows(checked=True)
    desk.stop()
    toggle.shows(**OFF)
    desk.start()
    desk.put("Reason", "s", "bluetooth-off")
    desk.put("State", "s", "waiting")
    toggle.shows(checked=True, label="Waiting", subtitle="Waiting · Bluetooth is off")


def test_only_a_press_starts_the_daemon(run, build):
    bus = run.add(SessionBus(run, dict(os.environ)))
    bus.add_service("org.sighej", "[D-BUS Service]\nName=org.sighej\nExec=" + " ".join(FAKE_DAEMON) + "\n")
    connection = bus.connect()
    connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                         "ReloadConfig", None, None, 0, 20000, None)
    toggle = run.add(Toggle(run, build, bus.address))
    toggle.shows(**OFF)
    assert not owned(connection)
    toggle.press("open")
    toggle.shows(checked=True)
    assert owned(connection)


def owned(connection):
    return connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                "NameHasOwner", GLib.Variant("(s)", ("org.sighej",)), None, 0, 20000,
                                None).unpack()[0]


def test_who_has_not_begun_yet_is_sent_to_the_window(desk, toggle):
    desk.start()
    desk.put("NoticeAccepted", "b", False)
    toggle.press("open")
    toggle.hears("first-run")
    desk.put("NoticeAccepted", "b", True)
    desk.tell("Fail", "(ss)", "org.sighej.Error.InvalidInterest", "no interest is chosen")
    toggle.press("open")
    toggle.hears("first-run")
    assert toggle.said("failed") == []
    assert desk.get("State") == "off"


def test_what_failed_is_told_in_the_daemons_words(desk, toggle):
    desk.start()
    desk.tell("Fail", "(ss)", "org.sighej.Error.BluetoothOff", "Bluetooth is off; turn it on")
    toggle.press("open")
    assert toggle.hears("failed")["sentence"] == "Bluetooth is off; turn it on"
    assert toggle.said("first-run") == []


def test_many_changes_end_at_the_last(desk, toggle):
    desk.start()
    toggle.press("open")
    toggle.shows(checked=True, subtitle="2 h left · No one near yet")
    desk.tell("Flood", "(u)", MANY)
    toggle.shows(checked=True, subtitle=f"2 h left · {MANY} people near are open")
    toggle.press("close")
    toggle.shows(**OFF)


def test_properties_of_another_kind_are_none(desk, toggle):
    desk.start()
    toggle.press("open")
    toggle.shows(checked=True)
    desk.connection.call_sync("org.sighej", "/test", "org.sighej.Test1", "Garbage", None, None, 0, 20000, None)
    toggle.shows(**OFF)


def test_it_speaks_danish(run, build, desk):
    toggle = run.add(Toggle(run, build, desk.bus.address, language="da"))
    toggle.shows(label="Åben for en snak")


def test_its_icon_is_the_clients():
    icons = (os.path.join(EXTENSION, "sighej-symbolic.svg"),
             os.path.join(TOP, "client/gtk/data/icons/symbolic/org.sighej.SigHej-symbolic.svg"))
    assert len({open(path, "rb").read() for path in icons}) == 1
