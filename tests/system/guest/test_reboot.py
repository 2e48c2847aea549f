# SPDX-License-Identifier: GPL-2.0-or-later
"""The second boot of the same disk: nobody has done anything but switch the machine on."""
import os
import time

import aircheck
import canaries
from machine import KIOSK, may_fail
from stack import wait_until

OPEN_S = 14400
POWER_ON = "/vm/job/power-on"           # vm-run touches it when it starts the machine


def since_power_on(when):
    """Of a moment by our clock: a file of the host's is stamped with the host's."""
    path = os.path.join(os.environ["VM_OUT"], "clock")
    with open(path, "w", encoding="ascii") as f:
        f.write("x")
    return when - time.time() + os.stat(path).st_mtime - os.stat(POWER_ON).st_mtime


def test_the_kiosk_advertises_by_itself(machine):
    machine.wait_on_air(KIOSK, lambda now: len(now) == 1)
    began = min(o.start for o in machine.trace().on_air_intervals(KIOSK) if aircheck.carries_ours(o))
    machine.say("from power-on to the kiosk advertising: %.1f s" % since_power_on(began))


def test_everything_is_back(machine):
    wait_until(lambda: may_fail(machine.runs_well), 60, "the machine runs")
    assert machine.failed() == []
    wait_until(machine.is_served, 60, "the backend serves")


def test_both_can_open_again(machine):
    assert machine.is_active("sighejd.service", user="bo")          # he enabled it
    for number, name in enumerate(("anna", "bo")):
        machine.run("sighejctl", "interests", user=name)
        one = machine.person(name)
        assert canaries.INTEREST in one.get("Interests")
        assert one.get("State") == "off"
        one.call("Open", "(u)", OPEN_S)
        one.wait_property("State", "open", 60)
        machine.wait_on_air(number, lambda now: len(now) == 1)
        one.call("Close")
        machine.wait_silent(number, 10)


def test_the_journal_of_both_boots_keeps_the_secrets(machine):
    boots = machine.ask("journalctl", "--list-boots", "--no-pager").splitlines()
    assert len([line for line in boots if not line.startswith("IDX")]) == 2
    canaries.check_journal(machine)


def test_nothing_was_on_the_air_that_must_never_be(machine):
    aircheck.judge(machine.trace(), []).check()
