# SPDX-License-Identifier: GPL-2.0-or-later
"""The client with what its Flatpak may do, and no more: the bus through the proxy Flatpak puts before it."""
import os

import pytest
import yaml
from gi.repository import GLib

from client import BUS_NAME, OFF_WORDS, Client
from desk import FAKE_DAEMON
from keeper import Keeper
from people import People, wait_state
from sighejrun import Run
from test_notifications import NUDGED, OPEN, Board, nudge_state

HERE = os.path.dirname(os.path.abspath(__file__))
MANIFEST = os.path.join(HERE, "..", "..", "flatpak", BUS_NAME + ".yml")
# What flatpak(1) lets every program do: own its name, and ask the portals.
EVERY_PROGRAM = [f"--own={BUS_NAME}.*", "--call=org.freedesktop.portal.*=*",
                 "--broadcast=org.freedesktop.portal.*=@/org/freedesktop/portal/*"]


def proxy_rules():
    with open(MANIFEST, encoding="utf-8") as file:
        arguments = yaml.safe_load(file)["finish-args"]
    names = [one.removeprefix("--talk-name=") for one in arguments if one.startswith("--talk-name=")]
    assert names == ["org.sighej"]
    return [*EVERY_PROGRAM, *("--talk=" + name for name in names)]


@pytest.fixture
def proxy(session):
    """The bus as a program in the Flatpak has it."""
    path = os.path.join(session.run.folder("proxy"), "bus")
    process = session.start("proxy", ["xdg-dbus-proxy", session.bus.address, path, "--filter", "--log",
                                      *proxy_rules()])
    process.ends_with = None
    Run.until(lambda: os.path.exists(path), "the proxy listens")
    process.path = path
    return process


@pytest.fixture
def inside(proxy, a11y_address):
    """The environment of a program in the Flatpak."""
    return {"FLATPAK_ID": BUS_NAME, "GTK_USE_PORTAL": "1", "AT_SPI_BUS_ADDRESS": a11y_address,
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=" + proxy.path}


@pytest.fixture
def people(run):
    return People(run, run.backend(config="[Log]\nLevel=debug\n"))


def test_it_starts_the_service_and_opens(session, away, inside):
    session.bus.add_service("org.sighej", "[D-BUS Service]\nName=org.sighej\nExec=" + " ".join(FAKE_DAEMON) + "\n")
    session.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 "ReloadConfig", None, None, 0, 20000, None)
    client = Client(session, **inside)
    Run.until(lambda: session.has_name("org.sighej"), "the service was started")
    away.put("NoticeAccepted", "b", True)
    away.state("off", bluetooth="ready", backend="offline", nearby=0)
    client.program.wait_words(OFF_WORDS["en"])
    client.program.click("push-button", "Open")
    Run.until(lambda: away.get("State") != "off", "the service was told to open")
    assert session.has_name(BUS_NAME) and session.has_name(BUS_NAME + ".Sandboxed")


def test_it_tells_by_the_portal_and_the_daemon_keeps(session, people, inside):
    """On GNOME: who is outside could let a notification stand, who is inside does not know it."""
    keeper, board = Keeper(session.bus), Board(session)
    anna, bo = people("anna", "devops", bus=session.bus), people("bo", "devops")
    service = session.start("sighej", [session.build + "/client/gtk/sighej", "--gapplication-service"], **inside)
    service.ends_with = None
    Run.until(lambda: session.has_name(BUS_NAME), "the client is there")
    people.open()
    notice = board.wait(NUDGED)
    assert any(key.startswith("app.wave") for key in notice[3]), "it is the client that tells"
    lasting = board.wait(OPEN)
    assert "close" in lasting[3] and keeper.added == [], "it is the daemon that keeps"

    keeper.ask("wave", GLib.Variant("u", 1))
    Run.until(lambda: nudge_state(anna) == "waved", "its buttons reach into the sandbox")
    board.press(lasting, "Close")
    wait_state(anna, "off", "user")
    assert service.running() and board.n_told(OPEN) == 1
