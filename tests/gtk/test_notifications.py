# SPDX-License-Identifier: GPL-2.0-or-later
"""The real daemon and the real client: who tells the person of a nudge, and that only one does."""
import os
import signal

import pytest
from gi.repository import GLib

from client import BUS_NAME, Client
from keeper import Keeper
from people import People, wait_state
from sighejrun import NUDGE, ROOT, Run

FIRST, SECOND = ROOT + "/nudges/1", ROOT + "/nudges/2"
NUDGED, OPEN = "Someone near also likes", "Open to talk until"
SERVICE = "[D-BUS Service]\nName={name}\nExec={build}/client/gtk/sighej --gapplication-service\n"


class Board:
    """What the desktop shows; the client's buttons have the names of its actions, the daemon's words."""

    def __init__(self, session):
        self.session = session

    def up(self, beginning):
        """(number, title, body, {button: label}) of all that begin so."""
        return [(number, title, body, dict(zip(actions[::2], actions[1::2])))
                for number, title, body, actions in self.session.tell_desktop("ListNotifications")[0]
                if title.startswith(beginning)]

    def wait(self, beginning):
        return Run.until(lambda: self.up(beginning), f"“{beginning}” is up")[0]

    def wait_gone(self, beginning):
        Run.until(lambda: not self.up(beginning), f"“{beginning}” is withdrawn")

    def n_told(self, beginning):
        """How often one that begins so was sent."""
        return self.session.tell_desktop("CountNotifications", "(s)", beginning)[0]

    def press(self, notice, label):
        key = next(key for key, text in notice[3].items() if text == label)
        self.session.tell_desktop("Press", "(us)", notice[0], key)


@pytest.fixture
def people(run):
    return People(run, run.backend(config="[Log]\nLevel=debug\n"))


@pytest.fixture
def board(session):
    return Board(session)


def add_service(session, text):
    session.bus.add_service(BUS_NAME, text.format(name=BUS_NAME, build=session.build))
    session.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 "ReloadConfig", None, None, 0, 20000, None)


@pytest.fixture
def installed(session):
    """The client is on the machine: the bus can start it."""
    session.set_toolkit()
    add_service(session, SERVICE)
    yield
    if session.has_name(BUS_NAME):
        os.kill(pid_of_client(session), signal.SIGKILL)
        Run.until(lambda: not session.has_name(BUS_NAME), "the client is gone")


@pytest.fixture
def broken(session):
    """It is on the machine, and ends at once."""
    add_service(session, "[D-BUS Service]\nName={name}\nExec=/bin/false\n")


@pytest.fixture
def anna(session, people):
    return people("anna", "devops", "jazz", bus=session.bus)


@pytest.fixture
def bo(people):
    return people("bo", "devops", "chess")


def announced(one, path):
    return one.get("Announced", path=path, interface=NUDGE)


def nudge_state(one):
    return one.get("State", path=FIRST, interface=NUDGE)


def pid_of_client(session):
    return session.connection.call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "GetConnectionUnixProcessID", GLib.Variant("(s)", (BUS_NAME,)), None, 0, 20000, None).unpack()[0]


def test_the_daemon_starts_the_client_and_it_tells(session, people, board, installed, anna, bo):
    assert not session.has_name(BUS_NAME)
    people.open()
    Run.until(lambda: session.has_name(BUS_NAME), "the daemon had the client started")
    notice = board.wait(NUDGED)
    assert set(notice[3].values()) >= {"Wave", "Not now"}
    assert any(key.startswith("app.wave") for key in notice[3]), "it is the client that tells"
    Run.until(lambda: announced(anna, FIRST), "the client says that it told")

    board.press(notice, "Wave")
    Run.until(lambda: nudge_state(anna) == "waved", "the wave is with the backend")
    board.wait_gone(NUDGED)
    bo.call("Wave", path=FIRST, interface=NUDGE)
    assert board.wait("They waved too")[2].startswith("Look for ")
    assert board.n_told(NUDGED) == 1 and board.n_told("They waved too") == 1

    board.press(board.wait(OPEN), "Close")
    wait_state(anna, "off", "user")
    Run.until(lambda: not session.tell_desktop("ListNotifications")[0], "all is withdrawn")


def test_who_tells_changes_and_each_nudge_is_told_once(session, people, board, installed, anna, bo):
    people.open()
    board.wait(NUDGED)
    os.kill(pid_of_client(session), signal.SIGKILL)
    Run.until(lambda: not session.has_name(BUS_NAME), "the client is gone")
    assert board.n_told(NUDGED) == 1

    cleo = people("cleo", "jazz")
    people.open(cleo)
    people.wait_nudges(2, some=(anna,))
    Run.until(lambda: board.n_told(NUDGED) == 2, "the daemon tells of the second")
    assert announced(anna, SECOND)

    client = Client(session)
    client.program.wait_words("Someone near")
    assert board.n_told(NUDGED) == 2, "the client that comes tells of neither"
    second = next(n for n in board.up(NUDGED) if "wave" in n[3])
    board.press(second, "Not now")
    Run.until(lambda: len(anna.call("ListNudges")[0]) == 1, "the daemon's own buttons work still")
    assert len(board.up(OPEN)) == 1


def test_a_client_that_does_not_start(session, people, board, broken, anna, bo):
    people.open()
    notice = board.wait(NUDGED)
    assert "wave" in notice[3], "the daemon tells"
    assert announced(anna, FIRST) and not session.has_name(BUS_NAME)
    board.press(notice, "Not now")
    Run.until(lambda: not anna.call("ListNudges")[0], "it is put away")
    assert len(board.up(OPEN)) == 1


@pytest.fixture
def keeper(session):
    """Before the client looks which of the two there are."""
    return Keeper(session.bus)


@pytest.fixture
def service(session, desk):
    """The client as the bus starts it: without a window."""
    session.set_toolkit()
    process = session.start("sighej", [session.build + "/client/gtk/sighej", "--gapplication-service"])
    process.ends_with = None
    desk.state("open")
    return process


def test_without_a_window(session, desk, keeper, service):
    lasting = keeper.wait("open")
    assert lasting["title"].startswith(OPEN) and lasting["priority"] == "low"
    desk.nudge(1)
    assert keeper.wait("nudge-1")["title"] == "Someone near also likes DevOps"
    assert keeper.up["nudge-1"]["default-action"] == "app.show-nudge"
    desk.wait("Announced", True, FIRST, NUDGE)

    session.tell_desktop("SetLocked", "(b)", True)
    keeper.wait("nudge-1", "Someone near is open to talk")
    desk.nudge(2)
    keeper.wait("nudge-2", "Someone near is open to talk")
    session.tell_desktop("SetLocked", "(b)", False)
    session.tell_desktop("SetInhibited", "(b)", True)
    desk.nudge(3)
    desk.state("paused", "user")
    keeper.wait("open", "Paused")
    assert "nudge-3" not in keeper.up
    desk.state("open")
    session.tell_desktop("SetInhibited", "(b)", False)
    keeper.wait("nudge-3")

    desk.meet(1)
    assert keeper.wait("meet-1")["body"].startswith("Look for ")
    desk.tell("Say", "(us)", 1, "<b>Hi</b>")
    assert keeper.wait("message-1")["body"] == "‹b›Hi‹/b›"
    keeper.press("nudge-3", "Not now")
    keeper.press("open", "Close")
    desk.wait("State", "off")
    for number in (1, 2):
        desk.tell("RemoveNudge", "(u)", number)
    desk.tell("RemoveMeet", "(u)", 1)
    keeper.wait_gone("open", "nudge-1", "nudge-2", "meet-1", "message-1")
    assert keeper.added.count("nudge-2") == 1 and keeper.added.count("nudge-3") == 1

    desk.state("open")
    keeper.wait("open")
    desk.state("off", "expired")
    keeper.wait("expired", "Time is up")
    keeper.wait_gone("open")
    keeper.press("expired", "Open again")
    keeper.wait("open")
    assert service.running(), "it stays while the session is not off"
    keeper.ask("quit")
    keeper.wait_gone("open")
