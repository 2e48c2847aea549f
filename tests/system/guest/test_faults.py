# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong on a machine, while both are open and the kiosk is on the air: it all comes back by itself.

A person whose daemon dies is off, and has to open again; everything else nobody does anything about.
"""
import os
import signal
import socket
import urllib.error
import urllib.request

import pytest

import aircheck
import canaries
from gi.repository import GLib
from machine import KIOSK, READY, may_fail
from stack import wait_until

OPEN_S = 14400
BACK_S = 60                     # an emulated processor is slow; what is asked is that nobody has to do anything
FEW_DESCRIPTORS = 128
FLOOD = 400                     # connections, more than two workers can have then
INHIBITORS_MAX = 32
NAMES = ("anna", "bo")


@pytest.fixture(scope="module")
def people(machine):
    return {name: machine.person(name) for name in NAMES}


def open_all(machine, people):
    """Both are on the air; who was put off by the last fault opens again. Returns who had to."""
    reopened = set()

    def is_open(one):
        # A daemon that has just lost the system's bus may still answer, and then leave.
        if not one.answers():
            return False
        if may_fail(one.get, "State") == "off" and may_fail(one.call, "Open", "(u)", OPEN_S):
            reopened.add(one.name)
        return may_fail(one.get, "State") == "open" and may_fail(one.get, "Backend") == "online"

    for number, one in enumerate(people.values()):
        one.reconnect()
        wait_until(lambda: is_open(one), BACK_S, one.name + " is open")
        machine.wait_on_air(number, lambda now: len(now) == 1, BACK_S, one.name + " is on the air")
    return sorted(reopened)


def whole(machine, people, name):
    """All is back: the kiosk and the backend by themselves, and nothing counts as failed."""
    machine.reconnect()
    wait_until(lambda: may_fail(machine.adapters_on) == 3, BACK_S, "three adapters are on")
    machine.wait_on_air(KIOSK, lambda now: len(now) == 1, BACK_S, "the kiosk is on the air")
    wait_until(machine.is_served, BACK_S, "the backend serves")
    reopened = open_all(machine, people)
    for one in (machine, *people.values()):
        wait_until(lambda: may_fail(one.runs_well), BACK_S, "nothing counts as failed")
    machine.say("%-24s all back%s" % (name, "; opened again: " + ", ".join(reopened) if reopened else ""))


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
        return [int(child) for child in f.read().split()]


def kill_unit(unit, user=None):
    def kill(machine):
        os.kill(machine.main_pid(unit, user=user), signal.SIGKILL)
    return kill


def kill_child(unit):
    def kill(machine):
        os.kill(children(machine.main_pid(unit))[0], signal.SIGKILL)
    return kill


def restart(unit):
    def run(machine):
        machine.run("systemctl", "restart", unit)
    return run


FAULTS = {
    "kiosk killed": kill_unit("sighejd.service"),
    "anna's daemon killed": kill_unit("sighejd.service", "anna"),
    "backend killed": kill_unit("sighej-backend.service"),
    "backend's worker killed": kill_child("sighej-backend.service"),
    "redis killed": kill_unit("redis-server.service"),
    "postgres' child killed": kill_child("postgresql@15-main.service"),
    "postgres killed": kill_unit("postgresql@15-main.service"),
    "bluetoothd killed": kill_unit("bluetooth.service"),
    "bluetooth restarted": restart("bluetooth.service"),
    "anna's bus killed": kill_unit("dbus.service", "anna"),
    "dbus killed": kill_unit("dbus.service"),
    "dbus restarted": restart("dbus.service"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_it_comes_back(machine, people, name):
    open_all(machine, people)
    FAULTS[name](machine)
    whole(machine, people, name)


def test_a_full_disk(machine, people):
    """Nobody notices who writes nothing, who wants to write is told, and who starts meanwhile starts."""
    open_all(machine, people)
    machine.fill_disk()
    try:
        with pytest.raises(OSError):
            with open("/var/lib/full", "w", encoding="ascii") as f:
                f.write("x" * 65536)
        with pytest.raises(GLib.Error):
            people["anna"].call("SetInterests", "(as)", [canaries.INTEREST + " %d" % n for n in range(20)])
        assert people["anna"].get("State") == "open"
        kill_unit("sighejd.service")(machine)
        kill_unit("sighej-backend.service")(machine)
        machine.wait_on_air(KIOSK, lambda now: len(now) == 1, BACK_S, "the kiosk is on the air")
    finally:
        machine.empty_disk()
    whole(machine, people, "disk full")
    people["anna"].call("SetInterests", "(as)", [canaries.INTEREST, canaries.OTHERS["anna"]])


def limit_descriptors(machine, unit, user=None):
    """Writes a drop-in and restarts; returns what takes it back."""
    base, scope = ("/home/%s/.config/systemd/user" % user, ["--user"]) if user else ("/run/systemd/system", [])
    folder = "%s/%s.d" % (base, unit)
    os.makedirs(folder)
    path = os.path.join(folder, "few.conf")

    def apply():
        machine.run("systemctl", *scope, "daemon-reload", user=user)
        machine.run("systemctl", *scope, "restart", unit, user=user)

    def undo():
        os.unlink(path)
        apply()
    with open(path, "w", encoding="ascii") as f:
        f.write("[Service]\nLimitNOFILE=%d\n" % FEW_DESCRIPTORS)
    apply()
    return undo


def test_no_descriptor_left_at_the_backend(machine, people):
    undo = limit_descriptors(machine, "sighej-backend.service")
    wait_until(machine.is_served, BACK_S, "the backend serves")
    flood = []
    try:
        for _ in range(FLOOD):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", 8080))
            flood.append(one)
        with pytest.raises((urllib.error.URLError, OSError)):
            urllib.request.urlopen(READY, timeout=3).read()
    finally:
        for one in flood:
            one.close()
    wait_until(machine.is_served, BACK_S, "the backend serves again")
    undo()
    whole(machine, people, "backend flooded")


def test_no_descriptor_left_at_annas_daemon(machine, people):
    undo = limit_descriptors(machine, "sighejd.service", "anna")
    anna = people["anna"]
    anna.reconnect()
    wait_until(anna.answers, BACK_S, "anna's daemon answers")
    held = []
    with pytest.raises(GLib.Error):
        for _ in range(FEW_DESCRIPTORS):
            held.append(anna.inhibit())
    assert 0 < len(held) <= INHIBITORS_MAX
    for descriptor in held:
        os.close(descriptor)
    anna.wait_property("Inhibitors", [])
    os.close(anna.inhibit())
    undo()
    whole(machine, people, "inhibitors exhausted")


def test_nothing_has_failed(machine):
    assert machine.failed() == []


def test_the_journal_has_kept_the_secrets(machine):
    canaries.check_journal(machine)


def test_nothing_was_on_the_air_that_must_never_be(machine):
    aircheck.judge(machine.trace(), []).check()
