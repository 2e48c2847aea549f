# SPDX-License-Identifier: GPL-2.0-or-later
"""The client where what it stands on gives way: daemon and bus come and go, hang, storm and talk nonsense."""
import os
import re

from gi.repository import GLib

from desk import FAKE_DAEMON
from sighejrun import Bus

SLOW = os.environ.get("SIGHEJ_SLOW") == "1"
STORM_PER_SECOND = 10000
ANSWERS_IN_STORM = 5
ENDLESS = 2 ** 32 - 1
MANY_CHANGES = 10000
NO_QUARANTINE = "abort_on_error=1:detect_leaks=0:quarantine_size_mb=0:malloc_context_size=0"
GROWTH_MAX_KIB = 3 * 1024
COLOURS_MIN = 8
FAR_FUTURE = 2 ** 64 - 1
OFF, ALONE, NEAR = "You are not open to talk", "No one near yet", "2 people near are open"
AWAY, NO_BUS = "not running", "session bus"


def answers(client):
    """The window does what a key says, and what the next one does."""
    client.display.press("F10")
    client.program.until(lambda: client.program.shown("menu-item"), "shows its menu")
    client.display.press("Escape")
    client.program.until(lambda: not client.program.shown("menu-item"), "shows its menu no more")


def memory_kib(client):
    with open(f"/proc/{client.process.pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Private_Dirty:\s+(\d+)", file.read(), re.MULTILINE).group(1))


def test_the_daemon_dies_and_comes_back(desk, client):
    for _ in range(3):
        desk.state("open", backend="online", nearby=2)
        client.program.wait_words(NEAR)
        desk.stop()
        client.program.wait_words(AWAY)
        desk.start()
        client.program.wait_words(OFF)
    assert client.process.running()


def test_a_daemon_that_is_not_there_is_offered_to_be_started(session, away, start_client):
    client = start_client()
    client.program.wait_words(AWAY)
    client.program.click("push-button", "Start")
    client.program.wait_words("could not be started", "terminal")
    install(session)
    client.program.click("push-button", "Start")
    client.program.wait_words(OFF)
    away.tell("Put", "(sv)", "NearbyCount", GLib.Variant("u", 1))       # it is there


def install(session):
    """The bus can start the daemon from now on."""
    session.bus.add_service("org.sighej", "[D-BUS Service]\nName=org.sighej\nExec=" + " ".join(FAKE_DAEMON) + "\n")
    session.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 "ReloadConfig", None, None, 0, 20000, None)


def test_without_a_bus_it_says_so(session, pictures):
    """There is no accessibility without a bus either: only the screen tells."""
    blank = session.display.picture()
    process = session.start("sighej", [os.path.join(session.build, "client/gtk/sighej")], GTK_A11Y="none",
                            DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")
    process.ends_with = None
    shown = session.display.still(lambda picture: picture.n_colours() > COLOURS_MIN)
    shown.save(os.path.join(pictures, "no-bus.png"))
    session.display.press("F10")
    session.display.still(lambda picture: picture.pixels != shown.pixels)
    assert process.running() and shown.pixels != blank.pixels


def test_the_bus_goes_away(run, start_client, a11y_address):
    bus = run.add(Bus("second-bus"))
    bus.ends_with = None
    client = start_client(DBUS_SESSION_BUS_ADDRESS=bus.address, AT_SPI_BUS_ADDRESS=a11y_address)
    client.program.wait_words(AWAY)
    bus.kill()
    client.program.wait_words(NO_BUS)
    answers(client)
    assert client.process.running()


def test_ten_thousand_changes_a_second(desk, client):
    """For three seconds; with SIGHEJ_SLOW=1 until it has answered: a window that is starved never does."""
    desk.state("open", backend="online", nearby=2)
    client.program.wait_words(NEAR)
    desk.tell("Storm", "(uu)", STORM_PER_SECOND, ENDLESS if SLOW else 3 * STORM_PER_SECOND)
    for _ in range(ANSWERS_IN_STORM):
        answers(client)
    desk.tell("Storm", "(uu)", 0, 0)
    desk.put("NearbyCount", "u", 2)
    client.program.wait_words(NEAR)


def test_changes_leave_nothing_behind(desk, start_client):
    client = start_client(ASAN_OPTIONS=NO_QUARANTINE)
    desk.state("open", backend="online", nearby=2)
    client.program.wait_words(NEAR)

    def flood():
        desk.tell("Flood", "(u)", MANY_CHANGES)
        desk.put("NearbyCount", "u", 2)
        client.program.wait_words(NEAR)
        return memory_kib(client)
    flood()
    before = flood()
    after = flood()
    assert after - before < GROWTH_MAX_KIB


def test_a_call_that_is_never_answered_holds_up_nothing(desk, client):
    client.program.wait_words(OFF)
    desk.tell("Hang")
    client.display.press("ctrl+o")
    answers(client)
    client.display.press("ctrl+o")
    client.program.wait_words(ALONE)


def test_nonsense_is_survived(desk, client):
    desk.tell("Garbage")
    answers(client)
    desk.state("dreaming", "of tomorrow", backend="fine", bluetooth="blue", nearby=2 ** 32 - 1)
    answers(client)
    for name in ("OpenSince", "OpenUntil", "PausedUntil"):
        desk.put(name, "t", FAR_FUTURE)
    for state in ("open", "paused", "opening", "waiting", "closing", "off"):
        desk.put("State", "s", state)
        answers(client)
    desk.put("Interests", "as", ["<b>&\u202e" * 10] * 50)
    desk.state("open", backend="online")
    desk.nudge(2 ** 32 - 1, shared=["<b>bold & brave</b>"], band="elsewhere")
    client.program.wait_words("<b>bold & brave</b>")
    desk.tell("RemoveNudge", "(u)", 2 ** 32 - 1)
    desk.put("NearbyCount", "u", 2)
    client.program.wait_words(NEAR)
    assert client.process.running()
