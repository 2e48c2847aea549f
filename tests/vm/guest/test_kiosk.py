# SPDX-License-Identifier: GPL-2.0-or-later
"""A kiosk on the guest's system bus: on the air by itself, marked as what it is, and as hard to follow as a person."""
import os
import pwd
import signal
import time

import pytest

import aircheck
from people import CONSTANT_DIGITS, SILENCE_S, TOKEN_MAX_S
from stack import Daemon, Process, TimeShift, call_bus, has_owner, program, wait_until

POLICY = "/etc/dbus-1/system.d/org.sighej.test.conf"
# Root asks in these tests, and there is no polkit, so it may.
POLICY_TEXT = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy user="nobody"><allow own="org.sighej"/></policy>
  <policy context="default"><allow send_destination="org.sighej"/></policy>
</busconfig>
"""
REALM = "35"                    # of sighej.example, BLE 3
KIOSK_HEAD = aircheck.AD_HEAD + "12" + REALM
# The controller of a Raspberry Pi, and the one that does not scan while its token changes.
pytestmark = pytest.mark.parametrize("running_stack", ["legacy"], indirect=True)


class Kiosk(Daemon):
    """As its unit starts it, but for the sandbox."""

    def __init__(self, stack):
        super().__init__(stack, "kiosk", "hci0", backend="https://sighej.example", clock=TimeShift(stack.folder))
        self.env["STATE_DIRECTORY"] = self.folder

    def start_bus(self):
        os.makedirs(self.folder, mode=0o755, exist_ok=True)
        os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        with open(POLICY, "w") as f:
            f.write(POLICY_TEXT)
        self.bus = self.stack.bus
        call_bus(self.bus, "ReloadConfig")

    def start_daemon(self):
        conf = os.path.join(self.folder, "kiosk.conf")
        with open(conf, "w") as f:
            for group, keys in self.config.items():
                f.write("[%s]\n%s\n" % (group, "\n".join("%s=%s" % item for item in keys.items())))
        self.process = Process(
            "sighejd kiosk", [program("daemon/sighejd"), "--system", "--radio=bluez", "--config=" + conf],
            os.path.join(self.folder, "sighejd.log"), self.env, self.user, self.clock)
        self.process.wait_for(lambda: has_owner(self.bus, "org.sighej"))

    def stop(self, signum=signal.SIGTERM):
        code = self.process.stop(signum) if self.process is not None else None
        self.process = self.bus = None
        if os.path.exists(POLICY):
            os.unlink(POLICY)
        return code


@pytest.fixture
def kiosk(stack):
    with Kiosk(stack) as one:
        one.began = time.time()
        yield one


def beacon(kiosk):
    """What the kiosk has on the air now, when it has."""
    one, = kiosk.stack.wait_on_air(0, lambda now: len([o for o in now if aircheck.carries_ours(o)]) == 1)
    return one


def test_its_beacon_rolls_as_a_persons_token_does(kiosk):
    before = beacon(kiosk)
    assert before.data.startswith(KIOSK_HEAD)
    assert (before.pdu, before.address_kind) == ("ADV_NONCONN_IND", "nonresolvable")
    kiosk.wait_property("State", "open")
    assert (kiosk.get("Reason"), kiosk.get("Privacy"), kiosk.get("Rotating")) == ("", "guarded", True)

    kiosk.clock.advance(TOKEN_MAX_S)
    wait_until(lambda: kiosk.stack.trace().on_air_intervals(0)[-1].data != before.data, what="another token")
    after = beacon(kiosk)
    assert after.address != before.address and after.address_kind == "nonresolvable"
    assert after.data[:CONSTANT_DIGITS] == before.data[:CONSTANT_DIGITS]
    assert after.data[CONSTANT_DIGITS:] != before.data[CONSTANT_DIGITS:]
    wait_until(lambda: any(scan.end is None for scan in kiosk.stack.trace().scans(0)), what="seen if you see")


def assert_silent(kiosk, when):
    kiosk.stack.wait_on_air(0, lambda now: not now)
    assert all(o.end - when < SILENCE_S for o in kiosk.stack.trace().on_air_intervals(0))


def test_closed_or_killed_it_is_silent(kiosk):
    before = beacon(kiosk)
    kiosk.call("Close")
    assert_silent(kiosk, time.time())
    kiosk.call("Open", "(u)", 0)
    after = beacon(kiosk)
    assert after.data != before.data and after.address != before.address
    assert_silent(kiosk, kiosk.kill())                                        # N-8
