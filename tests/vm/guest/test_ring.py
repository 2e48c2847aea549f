# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole daemon through faults, again and again: how soon it is off the air, how soon back.

Anna and Bo stay open from test to test; each fault happens to both at a time. All times are from
the order, or from when the way was free again, to what the HCI trace shows. SIGHEJ_SLOW=1 repeats
each 100 times. What was on the air besides is aircheck's to judge, when the Stack stops.
"""
import contextlib
import os
import signal
import struct
import time

import pytest
from gi.repository import Gio, GLib

import aircheck
import bluez
from figures import Times, say
from machine import Machine
from people import SILENCE_S, TOKEN_MAX_S, People
from stack import ADAPTER, BLUEZ, SystemBus, count_controllers, get_property, wait_until

SLOW = os.environ.get("SIGHEJ_SLOW") == "1"
BACK_S = 2                      # from when nothing stands in the way
LEFT_SCAN_S = 10.24             # the most that the kernel goes on with a scan whose bluetoothd was killed
ABORT_S = 5
ASLEEP_S = 20
CLEAR_S = 5                     # how long settings must be harmless before it advertises again
RFKILL_BLUETOOTH, RFKILL_CHANGE_ALL = 2, 3


def rounds(few):
    return range(100 if SLOW else few)


@pytest.fixture(scope="module")
def kept(running_stack):
    """The people of a module, as long as no test fails."""
    of_module = []
    yield of_module
    while of_module:
        of_module.pop().__exit__(None, None, None)


@pytest.fixture
def people(request, stack, kept):
    """Both open and on the air; a test leaves them so."""
    if kept and kept[0].stack is not stack:
        kept.pop().stop()
    if not kept:
        kept.append(People(stack).__enter__())
        kept[0].open()
    Way(kept[0], "").wait_some()
    yield kept[0]
    if request.node.failed:
        kept.pop().stop()


class Way:
    """From a fault to both being off the air, and from its end to both being on the air again."""

    def __init__(self, people, fault, end=None):
        kind = people.stack.kind
        self.people = people
        self.off = Times("off the air after %s, %s" % (fault, kind), SILENCE_S)
        self.back = Times("back on the air after %s, %s" % (end or fault, kind), BACK_S)
        self.registered = {}

    def registrations(self, one):
        return one.call("GetCounters", interface="org.sighej.Diagnostics1")[0]["radio.registered"]

    def begin(self):
        """Before the fault: what each has registered until now."""
        self.registered = {one: self.registrations(one) for one in self.people}
        return time.time()

    def wait_off(self, when, numbers=(0, 1)):
        for number in numbers:
            self.off.add(self.people.wait_silent(number, when))

    def wait_some(self):
        for number in (0, 1):
            wait_until(lambda number=number: self.people.on_air_now(number), what="hci%d on the air" % number)

    def wait_registered(self):
        """Until each has registered anew, which on legacy controllers is not what the kernel resumes by itself."""
        for number, one in enumerate(self.people):
            wait_until(lambda one=one: self.registrations(one) > self.registered[one], what="registered anew")
            wait_until(lambda number=number: len(self.people.on_air_now(number)) == 1, what="hci%d on the air" % number)

    def wait_back(self, freed):
        self.wait_registered()
        for number in (0, 1):
            now, = self.people.on_air_now(number)
            assert now.address_kind == "nonresolvable" and now.start >= freed
            self.back.add(now.start - freed)


def survives(process):
    """A program that aborts leaves the bus before it is gone."""
    try:
        wait_until(lambda: not process.is_running(), ABORT_S)
        return False
    except AssertionError:
        return True


def begin_anew(people, way):
    """Other controllers and another bluetoothd, whatever became of the ones that were."""
    stack = people.stack
    stack.stop_bluetoothd(signal.SIGKILL)
    way.begin()
    for number in (0, 1):
        stack.tell("unplug %d" % number)
    wait_until(lambda: count_controllers() == 0, what="no controllers")
    stack.start_bluetoothd()
    for _number in (0, 1):
        stack.tell("plug")
    way.wait_registered()


def expose(people, way):
    """Makes both discoverable, for as long as it takes them to withdraw, and waits until they are back."""
    stack = people.stack
    for number, one in enumerate(people):
        when = stack.set_discoverable(number, True)
        # Not before it says so: the kernel and bluetoothd begin the advertisement anew, with gaps between.
        wait_until(lambda one=one: stack.bluetoothd.check() and one.get("Reason") == "privacy-blocked", what="blocked")
        way.wait_off(when, [number])
    for number in (0, 1):
        stack.set_discoverable(number, False)
    for one in people:
        wait_until(lambda one=one: stack.bluetoothd.check() and one.get("Privacy") == "guarded", what="guarded")
    assert [people.on_air_now(number) for number in (0, 1)] == [[], []]
    freed = time.time()
    people.clock.advance(CLEAR_S + 1)
    way.wait_back(freed)


# -- off the air

def test_closing_is_silence(people):
    """And it is answered when there is silence."""
    way = Way(people, "Close")
    for _ in rounds(6):
        for number, one in enumerate(people):
            when = time.time()
            one.call("Close")
            answered = time.time()
            way.wait_off(when, [number])
            assert people.on_air(number)[-1].end <= answered
        people.open()
        way.wait_some()
    way.off.check()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_the_end_of_the_daemon_is_silence(people, signum):
    way = Way(people, "%s of the daemon" % signum.name)
    for _ in rounds(2):
        for number, one in enumerate(people):
            when = time.time()
            one.process.popen.send_signal(signum)
            way.wait_off(when, [number])
            wait_until(lambda one=one: not one.process.is_running(), what="its end")
            one.start_daemon()
        people.open()
        way.wait_some()
    way.off.check()


def test_the_loss_of_the_bus_is_silence(people):
    way = Way(people, "loss of the bus")
    for _ in rounds(2):
        for number, one in enumerate(people):
            when = time.time()
            one.dbus.popen.kill()
            way.wait_off(when, [number])
            one.stop()
            one.start()
        people.open()
        way.wait_some()
    way.off.check()


def test_discoverable_set_by_another_program(people, stack):
    """Withdrawn; back when settings have been harmless for a while, which passes in an instant here.

    bluetoothd before 5.73 may die when an advertisement is withdrawn while it renews that itself, as it does then;
    or be damaged and die later, so another one takes its place in the end.
    """
    way, died = Way(people, "Discoverable", "harmless settings"), 0
    for _ in rounds(5):
        way.begin()
        try:
            expose(people, way)
        except (AssertionError, GLib.Error, StopIteration):
            if survives(stack.bluetoothd):
                raise
            died += 1
            begin_anew(people, way)
    begin_anew(people, way)
    way.off.check()
    way.back.check()
    if died:
        say("bluetoothd died %d times when made discoverable, %s" % (died, stack.kind))


# -- back on the air

@contextlib.contextmanager
def name_returns(stack):
    """A list that will hold when org.bluez was owned again."""
    when = []

    def on_changed(_bus, _sender, _path, _interface, _member, arguments):
        if arguments.unpack()[2]:
            when.append(time.time())
    subscription = stack.bus.signal_subscribe("org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
                                              None, BLUEZ, Gio.DBusSignalFlags.NONE, on_changed)
    yield when
    stack.bus.signal_unsubscribe(subscription)


def restart_again_and_again(people, signum, times):
    """Here it is the test that starts bluetoothd."""
    way, stack = Way(people, "", "%s of bluetoothd and its return" % signum.name), people.stack
    if signum == signal.SIGKILL and stack.kind == "legacy":
        way.back.limit_s += LEFT_SCAN_S
    for _ in times:
        way.begin()
        with name_returns(stack) as returned:
            stack.stop_bluetoothd(signum)
            stack.start_bluetoothd()
            way.wait_back(returned[0])
    way.back.check()


def test_bluetoothd_restarted_in_good_order(people):
    restart_again_and_again(people, signal.SIGTERM, rounds(3))


def test_bluetoothd_killed(people):
    """Until it runs again the kernel goes on sending, and scanning: nobody but the kernel can end that scan, and
    while it lasts a legacy controller takes no new address."""
    restart_again_and_again(people, signal.SIGKILL, rounds(1 if people.stack.kind == "legacy" else 15))


def test_bluetoothd_killed_and_started_by_the_bus(people, stack):
    """Nobody but the daemons asks for it; with systemd the service file of Debian does what ours does here."""
    way = Way(people, "", "SIGKILL of bluetoothd and its return by the bus")
    way.back.limit_s += LEFT_SCAN_S if stack.kind == "legacy" else 0
    with stack.started_by_the_bus():
        for _ in rounds(1 if stack.kind == "legacy" else 3):
            way.begin()
            with name_returns(stack) as returned:
                stack.kill_bluetoothd()
                wait_until(lambda returned=returned: returned, what="started by the bus")
                way.wait_back(returned[0])
    way.back.check()


def test_powered_off_and_on(people, stack):
    way = Way(people, "Powered off", "Powered on")
    for _ in rounds(8):
        off = way.begin()
        for number in (0, 1):
            stack.set_powered(number, False)
        way.wait_off(off)
        freed = time.time()
        for number in (0, 1):
            stack.set_powered(number, True)
        way.wait_back(freed)
    way.back.check()


def test_unplugged_and_plugged_in(people, stack):
    """Both, the first one first, so that each is the same hciN again."""
    way = Way(people, "unplugging", "replug")
    for _ in rounds(8):
        off = way.begin()
        for number in (0, 1):
            stack.tell("unplug %d" % number)
        way.wait_off(off)
        wait_until(lambda: not stack.adapters(), what="no adapters")
        freed = time.time()
        for _number in (0, 1):
            stack.tell("plug")
        way.wait_back(freed)
    way.back.check()


def set_rfkill(on):
    """As `rfkill block bluetooth` does."""
    with open("/dev/rfkill", "wb", buffering=0) as f:
        f.write(struct.pack("=IBBBB", 0, RFKILL_BLUETOOTH, RFKILL_CHANGE_ALL, on, 0))


def test_blocked_by_rfkill(people):
    way = Way(people, "rfkill block", "rfkill unblock")
    try:
        for _ in rounds(3):
            off = way.begin()
            set_rfkill(True)
            way.wait_off(off)
            for one in people:
                one.wait_property("Reason", "bluetooth-blocked-soft")
            freed = time.time()
            set_rfkill(False)
            way.wait_back(freed)
    finally:
        set_rfkill(False)
    way.off.check()
    way.back.check()


def test_asleep_and_awake(people, stack):
    """The login manager is the one of tests/integration; nothing but the machine's sleep itself is missing."""
    way, login = Way(people, "the word that the machine will sleep", "waking up"), Machine(SystemBus())
    try:
        for _ in rounds(8):
            wait_until(lambda: len(login.held()) == 2, what="both hold sleep up")
            before = {people.on_air_now(number)[0].data for number in (0, 1)}
            told = way.begin()
            login.prepare_for_sleep(True)
            wait_until(lambda: not login.held(), what="both let it go")
            let_go = time.time()
            way.wait_off(told)
            assert all(people.on_air(number)[-1].end <= let_go for number in (0, 1))
            people.clock.advance(ASLEEP_S)
            woken = time.time()
            login.prepare_for_sleep(False)
            way.wait_back(woken)
            assert not before & {people.on_air_now(number)[0].data for number in (0, 1)}
    finally:
        login.stop_login1()
    way.off.check()
    way.back.check()


# -- beside another program

def test_another_program_scans(people, stack):
    """Legacy controllers keep their address as long as anybody scans; silence goes before the old one."""
    foreign = bluez.Scanner(stack, stack.adapter_path(0))
    foreign.start()
    wait_until(lambda: get_property(stack.bus, "org.bluez", foreign.adapter, ADAPTER, "Discovering"))
    before, = people.on_air_now(0)
    people.clock.advance(TOKEN_MAX_S)
    if stack.kind == "legacy":
        people[0].wait_property("Reason", "scan-conflict")
        people.wait_silent(0, 0)
        foreign.stop()
        people.clock.advance(60)
    people[0].wait_property("State", "open")
    wait_until(lambda: [o.data != before.data for o in people.on_air_now(0)] == [True], what="the next token")
    assert people.on_air_now(0)[0].address != before.address
    if stack.kind == "extended":
        foreign.stop()
    # Its end is not the end of our scan.
    heard = len(stack.trace().reports(0))
    wait_until(lambda: [r for r in stack.trace().reports(0)[heard:] if r.data.startswith(aircheck.AD_HEAD)],
               what="anna goes on hearing bo")
