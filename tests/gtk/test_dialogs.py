# SPDX-License-Identifier: GPL-2.0-or-later
"""What comes up over the pages: each is reached, named, closed by Escape, and there is a picture of it."""
import os

import pytest
from gi.repository import GLib

from client import Client, GtkDesk
from shiftedclock import ShiftedClock
from states import LOOKS, picture_name, reach
from test_pictures import assert_fits, assert_named, brightness_is

TIP_AFTER_SECONDS = 600


@pytest.fixture(scope="module")
def person(module_session, module_run):
    """(desk, client, clock)"""
    module_session.set_toolkit(animations=False)
    clock = ShiftedClock(os.path.join(module_run.folder("clock"), "timeshift"), wall_only=True)
    desk = GtkDesk(module_session).start()
    sanitizer = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "abort_on_error=1") + ":detect_leaks=0"}
    return desk, Client(module_session, **clock.environment(sanitizer)), clock


def activate(client, action, *nudge):
    """As the desktop does, when a button of a notification is pressed."""
    client.session.connection.call_sync(
        "org.sighej.SigHej", "/org/sighej/SigHej", "org.freedesktop.Application", "ActivateAction",
        GLib.Variant("(sava{sv})", (action, [GLib.Variant("u", n) for n in nudge], {})), None, 0, 20000, None)


def take(client, pictures, name, named=True):
    for look in LOOKS:
        client.session.look_dark(look == "dark")
        client.display.still(brightness_is(look)).save(os.path.join(pictures, picture_name(name, "en", look, "")))
    if named:
        assert_named(client)


def show(client, pictures, name, *words, named=True):
    """The dialog says this, fits, and goes by Escape."""
    client.program.wait_words(*words)
    client.program.until(lambda: len(client.program.windows()) == 2, "shows a dialog")
    assert_fits(client, words[0])
    take(client, pictures, name, named)
    client.display.press("Escape")
    client.program.until(lambda: len(client.program.windows()) == 1, "has closed the dialog")


def test_details_of_a_lost_connection(person, pictures):
    _desk, client = reach(person, "offline")
    client.program.click_on("Details")
    show(client, pictures, "details", "Closed by a proxy")


def test_how_to_fix_a_missing_permission(person, pictures):
    _desk, client = reach(person, "denied")
    client.program.click_on("How to fix")
    show(client, pictures, "how-to-fix", "bluetooth")


def test_a_code_where_bluetooth_is_missing(person, pictures):
    _desk, client = reach(person, "bluetooth-missing")
    client.program.click_on("Use a code")
    show(client, pictures, "code", "code")


def test_a_report_of_a_nudge(person, pictures):
    _desk, client = reach(person, "nudge")
    activate(client, "report-nudge", 1)
    show(client, pictures, "report", "What is wrong?")


def test_blocking_is_asked_about(person, pictures):
    desk, client = reach(person, "nudge")
    activate(client, "block-nudge", 1)
    show(client, pictures, "block", "30 days")
    client.program.wait_words("Someone near also likes DevOps")     # Escape is no


def test_about(person, pictures):
    _desk, client = reach(person, "off")
    activate(client, "about")
    show(client, pictures, "about", "SigHej", named=False)      # libadwaita's own rows have no names


def test_who_was_alone_for_long_is_given_a_tip(person, pictures):
    desk, client, clock = person
    reach(person, "open-alone")
    assert not client.program.labels("code")
    clock.shift(TIP_AFTER_SECONDS + 1)
    desk.put("NearbyCount", "u", 0)         # no timer knows that the clock was turned
    client.program.wait_words("code")
    take(client, pictures, "tip")
