# SPDX-License-Identifier: GPL-2.0-or-later
"""The kiosk by itself, and what others on its machine may do with it: SECURITY-DESIGN T-12 on the real bus and polkit."""
import os
import re
import xml.etree.ElementTree as ElementTree

import pytest
from gi.repository import Gio, GLib

from machine import KIOSK, connect_as
from stack import MANAGER, PROPERTIES, ROOT, SYSTEM_BUS, call, wait_until

INTERFACES = "/usr/share/dbus-1/interfaces/org.sighej.xml"
DROP_INS = "/etc/sighej/kiosk.conf.d"
DROP_IN = DROP_INS + "/reload.conf"
DIAGNOSTICS = "org.sighej.Diagnostics1"
READING = {"SearchInterests", "Check", "GetCounters", "GetCalibration"}
# One of each type for a call that shall not come so far as to be looked at.
VALUES = {"s": "x", "u": 300, "t": 300, "b": True, "as": ["x"], "o": "/org/bluez/hci0", "i": 0, "d": 0.0, "a{sv}": {}}
REFUSED = ("org.sighej.Error.NotPermitted", "org.sighej.Error.NotSupported", "org.freedesktop.DBus.Error.AccessDenied")


def writing():
    """(interface, method, signature) of everything that is more than reading, and (interface, property, type)."""
    methods, properties = [], []
    for interface in ElementTree.parse(INTERFACES).getroot().findall("interface"):
        if interface.get("name") not in (MANAGER, DIAGNOSTICS):
            continue
        for method in interface.findall("method"):
            if method.get("name") not in READING:
                signature = [a.get("type") for a in method.findall("arg") if a.get("direction", "in") == "in"]
                methods.append((interface.get("name"), method.get("name"), signature))
        properties += [(interface.get("name"), p.get("name"), p.get("type"))
                       for p in interface.findall("property") if "write" in p.get("access")]
    return methods, properties


@pytest.fixture(scope="module")
def mallory():
    return connect_as("mallory", SYSTEM_BUS)


def ask(bus, prop):
    return call(bus, "org.sighej", ROOT, PROPERTIES, "Get", GLib.Variant("(ss)", (MANAGER, prop)))[0]


def error_of(bus, interface, method, arguments):
    """The name of the error that it is answered with."""
    with pytest.raises(GLib.Error) as caught:
        call(bus, "org.sighej", ROOT, interface, method, arguments)
    return Gio.dbus_error_get_remote_error(caught.value)


def test_it_is_on_the_air_without_anybodys_doing(machine):
    on_air, = machine.wait_on_air(KIOSK, lambda now: len(now) == 1)
    assert (on_air.pdu, on_air.address_kind) == ("ADV_NONCONN_IND", "nonresolvable")
    wait_until(lambda: ask(machine.bus, "State") == "open", what="the kiosk is open")


def test_anybody_may_read(mallory):
    assert (ask(mallory, "State"), ask(mallory, "Reason")) == ("open", "")
    assert call(mallory, "org.sighej", ROOT, DIAGNOSTICS, "Check")[0]


def test_a_stranger_cannot_take_its_name(machine, mallory):
    with pytest.raises(GLib.Error) as caught:
        call(mallory, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
             GLib.Variant("(su)", ("org.sighej", 2)))
    assert Gio.dbus_error_get_remote_error(caught.value) == "org.freedesktop.DBus.Error.AccessDenied"
    assert ask(machine.bus, "State") == "open"


def test_a_stranger_changes_nothing(machine, mallory):
    methods, properties = writing()
    assert len(methods) > 15 and len(properties) > 5
    answers = {}
    for interface, method, signature in methods:
        arguments = GLib.Variant("(%s)" % "".join(signature), tuple(VALUES[one] for one in signature))
        answers[method] = error_of(mallory, interface, method, arguments)
    for interface, prop, kind in properties:
        value = GLib.Variant("(ssv)", (interface, prop, GLib.Variant(kind, VALUES[kind])))
        answers[prop] = error_of(mallory, PROPERTIES, "Set", value)
    assert {name: error for name, error in answers.items() if error not in REFUSED} == {}
    for name in ("Open", "Close", "Pause", "Resume", "Wipe", "SetLogLevel", "Adapter", "BackendUri"):
        assert answers[name] == "org.sighej.Error.NotPermitted", name
    assert ask(machine.bus, "State") == "open"
    machine.say("mallory: %d methods and properties refused" % len(answers))


def test_a_stranger_is_told_so_by_the_command(machine):
    result = machine.run("sighejctl", "--system", "close", user="mallory", check=False)
    assert result.returncode == 7 and result.stdout == ""
    assert result.stderr


def test_who_sits_at_it_may_switch_it_but_not_change_it(machine):
    machine.run_at_screen("sighejctl", "--system", "close")
    machine.wait_silent(KIOSK, 10)
    assert ask(machine.bus, "State") == "off"
    machine.run_at_screen("sighejctl", "--system", "open")
    machine.wait_on_air(KIOSK, lambda now: len(now) == 1)
    anna = connect_as("anna", SYSTEM_BUS)
    assert error_of(anna, MANAGER, "Wipe", None) == "org.sighej.Error.NotPermitted"


def test_root_may_change_it(machine):
    call(machine.bus, "org.sighej", ROOT, PROPERTIES, "Set",
         GLib.Variant("(ssv)", (MANAGER, "Language", GLib.Variant("s", "da"))))
    assert ask(machine.bus, "Language") == "da"


def test_it_reads_its_configuration_again_when_told(machine):
    pid = machine.main_pid("sighejd.service")

    def reload(text):
        os.makedirs(DROP_INS, exist_ok=True)
        with open(DROP_IN, "w", encoding="utf-8") as f:
            f.write(text)
        machine.run("systemctl", "reload", "sighejd.service")

    def is_told(words):
        return words in machine.unit("sighejd.service", "StatusText")["StatusText"]

    reload("[Presence]\nQuietHours=00:00-12:00;12:00-00:00\n")
    machine.wait_silent(KIOSK, 10)
    wait_until(lambda: is_told("waiting: quiet-hours"), what="the service manager knows")
    reload("[Presence]\nQuietHours=never\n")
    wait_until(lambda: is_told("waiting: quiet-hours; the old settings stay: %s:2: QuietHours" % DROP_IN),
               what="the wrong line is told")
    reload("")
    machine.wait_on_air(KIOSK, lambda now: len(now) == 1)
    os.unlink(DROP_IN)
    wait_until(lambda: machine.is_active("sighejd.service") and is_told("open"), what="it is as before")
    assert machine.main_pid("sighejd.service") == pid


def test_nobody_reaches_anothers_bus():
    for name in ("mallory", "bo"):
        with pytest.raises(GLib.Error):
            connect_as(name, "unix:path=/run/user/1101/bus")


def test_its_sandbox_is_what_the_unit_says(machine):
    pid = machine.main_pid("sighejd.service")
    with open("/proc/%d/status" % pid, encoding="utf-8") as f:
        status = dict(re.findall(r"(?m)^(\w+):\t(.*)$", f.read()))
    assert (status["CapEff"], status["NoNewPrivs"], status["Seccomp"]) == ("0" * 16, "1", "2")
    assert sorted(os.listdir("/proc/%d/root/dev" % pid)) != sorted(os.listdir("/dev"))
    assert os.listdir("/proc/%d/root/home" % pid) == []
