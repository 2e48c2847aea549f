# SPDX-License-Identifier: GPL-2.0-or-later
"""A person's daemon leaves when nobody has needed it for five minutes, and comes back knowing what is true."""
import os

import pytest
from fakebluez import FakeBluez
from gi.repository import Gio, GLib
from people import wait_state
from sighejrun import MANAGER, NAME, ROOT, Run

IDLE_SECONDS, SHORTER_SECONDS, OPEN_SECONDS = 300, 200, 3600
NEVER_REACHED = "http://127.0.0.1:9"
CALL_MS = 20000


@pytest.fixture
def anna(run, clock):
    return run.daemon("anna", backend=NEVER_REACHED, interests=["devops"])


def wait_gone(daemon):
    Run.until(lambda: not daemon.running(), f"{daemon.name} has left")
    assert daemon.wait() == 0
    assert daemon.find("nobody has needed this")


def test_off_and_not_called_it_leaves(anna, clock):
    for _ in range(3):
        clock.advance(SHORTER_SECONDS)
        assert anna.get("State") == "off"  # this is a call
    clock.advance(IDLE_SECONDS)
    wait_gone(anna)


def test_open_it_stays_and_leaves_five_minutes_after(anna, clock):
    anna.call("Open", "(u)", OPEN_SECONDS)
    clock.advance(3 * IDLE_SECONDS)
    assert anna.get("State") != "off"
    clock.advance(OPEN_SECONDS)
    Run.until(lambda: any(member == "Closed" for _, member, _ in anna.signals), "the opening is over")
    clock.advance(SHORTER_SECONDS)
    assert anna.get("Reason") == "expired"
    clock.advance(IDLE_SECONDS)
    wait_gone(anna)


def test_who_asks_for_silence_keeps_it(anna, clock):
    _, fds = anna.connection.call_with_unix_fd_list_sync(
        NAME, ROOT, MANAGER, "Inhibit", GLib.Variant("(ss)", ("Impress", "Presentation")), None, 0, CALL_MS, None, None)
    clock.advance(2 * IDLE_SECONDS)
    assert anna.get("Inhibitors") == [("Impress", "Presentation")]
    os.close(fds.steal_fds()[0])
    Run.until(lambda: anna.get("Inhibitors") == [], "the inhibitor is gone")
    clock.advance(IDLE_SECONDS)
    wait_gone(anna)


def test_a_kiosk_stays_closed_or_not(run, clock):
    kiosk = run.daemon("kiosk", bus=run.bus("system-bus"), kiosk=True)
    kiosk.call("Close")
    wait_state(kiosk, "off", "user")
    clock.advance(10 * IDLE_SECONDS)
    assert kiosk.get("State") == "off"


# ---- who has it started is answered by what is true


TOO_LATE = "adapters are not known within"  # said by a daemon that did not wait any longer


def test_on_the_bus_only_when_the_adapters_are_known(run):
    bluez = FakeBluez(run, adapters=("hci0 extended",))
    bluez.tell("slow GetManagedObjects 300")
    anna = run.daemon("anna", radio="bluez", env=bluez.env)
    shown = (anna.get("Bluetooth"), anna.get("Adapter"))
    assert shown == ("ready", "/org/bluez/hci0") or anna.find(TOO_LATE)


def test_on_the_bus_without_an_answer_after_two_seconds(run):
    bluez = FakeBluez(run, adapters=("hci0 extended",))
    bluez.tell("hang GetManagedObjects")
    anna = run.daemon("anna", radio="bluez", env=bluez.env)
    assert anna.find(TOO_LATE) and anna.get("Bluetooth") == "missing"
    bluez.tell("let GetManagedObjects")
    Run.until(lambda: anna.get("Bluetooth") == "ready", "the adapter is there")
