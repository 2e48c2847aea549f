# SPDX-License-Identifier: GPL-2.0-or-later
"""From two units that were never started to two people who met, and the machine they did it on.

Anna sits at the screen and starts nothing: her first call does. Bo's user manager runs without a session, and
he has enabled the unit. Between them are the system's bluetoothd, the backend behind its socket, Redis and PostgreSQL.
"""
import os
import re

import pytest

import canaries
from stack import wait_until

DROP_IN = "/etc/sighej/sighejd.conf.d/reload.conf"
NUDGE_TIMEOUT_S = 150           # discovery gives a sample every ten seconds
OPEN_S = 14400
NUDGE, MEET = "org.sighej.Nudge1", "org.sighej.Meet1"
NUDGE_PATH, MEET_PATH = "/org/sighej/nudges/1", "/org/sighej/meets/1"
NAMES = ("anna", "bo")


@pytest.fixture(scope="module")
def people(machine):
    return {name: machine.person(name) for name in NAMES}


def ctl(machine, name, *arguments):
    return machine.ask("sighejctl", *arguments, user=name)


def test_annas_first_call_starts_her_unit(machine):
    assert not machine.is_active("sighejd.service", user="anna")
    ctl(machine, "anna", "interests", "set", canaries.INTEREST, canaries.OTHERS["anna"])
    machine.wait_active("sighejd.service", user="anna")


def test_bo_enables_his(machine):
    machine.run("systemctl", "--user", "enable", "--now", "sighejd.service", user="bo")
    assert machine.is_active("sighejd.service", user="bo")
    ctl(machine, "bo", "interests", "set", canaries.OTHERS["bo"], canaries.INTEREST)


def test_each_has_a_daemon_in_a_sandbox(machine):
    for name in NAMES:
        pid = machine.main_pid("sighejd.service", user=name)
        with open("/proc/%d/status" % pid, encoding="utf-8") as f:
            status = dict(re.findall(r"(?m)^(\w+):\t(.*)$", f.read()))
        assert (status["NoNewPrivs"], status["Seccomp"], status["CapEff"]) == ("1", "2", "0" * 16)


def test_both_open_and_are_on_the_air(machine, people):
    for one in people.values():
        one.call("Open", "(u)", OPEN_S)
    for number, one in enumerate(people.values()):
        one.wait_property("State", "open", 60)
        assert (one.get("Bluetooth"), one.get("Backend")) == ("ready", "online")
        machine.wait_on_air(number, lambda now: len(now) == 1)


def test_both_are_nudged(people):
    for name, one in people.items():
        wait_until(lambda: one.call("ListNudges")[0], NUDGE_TIMEOUT_S, name + " is nudged")
        (path, state, _band, shared, _expires), = one.call("ListNudges")[0]
        assert (path, state, shared) == (NUDGE_PATH, "new", [canaries.INTEREST])


def test_settings_read_again_end_nothing(machine, people):
    anna, pid = people["anna"], machine.main_pid("sighejd.service", user="anna")
    before = [one.data for one in machine.wait_on_air(0, lambda now: len(now) == 1)]
    facts = [anna.get(name) for name in ("OpenSince", "OpenUntil", "Interests")]
    os.makedirs(os.path.dirname(DROP_IN), exist_ok=True)
    with open(DROP_IN, "w", encoding="utf-8") as f:
        f.write("[Presence]\nQuietHours=nonsense\n")
    machine.run("systemctl", "--user", "reload", "sighejd.service", user="anna")
    wait_until(lambda: "open; the old settings stay: " + DROP_IN + ":2" in
               machine.unit("sighejd.service", "StatusText", user="anna")["StatusText"], what="the wrong line is told")
    os.unlink(DROP_IN)
    machine.run("systemctl", "--user", "reload", "sighejd.service", user="anna")
    wait_until(lambda: machine.unit("sighejd.service", "StatusText", user="anna")["StatusText"] == "open",
               what="the right settings are taken")
    assert [one.data for one in machine.wait_on_air(0, lambda now: len(now) == 1)] == before
    assert [anna.get(name) for name in ("OpenSince", "OpenUntil", "Interests")] == facts
    assert machine.is_active("sighejd.service", user="anna")
    assert machine.main_pid("sighejd.service", user="anna") == pid
    assert len(anna.call("ListNudges")[0]) == 1


def test_two_waves_are_a_meet(machine, people):
    ctl(machine, "anna", "wave", "1")
    assert people["bo"].get("State", NUDGE, NUDGE_PATH) == "new"
    people["bo"].call("Wave", interface=NUDGE, path=NUDGE_PATH)
    for one in people.values():
        wait_until(lambda: one.call("ListMeets")[0], 60, one.name + " has a meet")
        one.wait_property("Trust", "verified", 60, interface=MEET, path=MEET_PATH)
    assert people["anna"].get("Cue", MEET, MEET_PATH) == people["bo"].get("Cue", MEET, MEET_PATH) != ""


def test_they_talk(machine, people):
    ctl(machine, "anna", "say", "1", canaries.SAID["anna"])
    people["bo"].wait_property("Unread", 1, 60, interface=MEET, path=MEET_PATH)
    people["bo"].call("SendMessage", "(s)", canaries.SAID["bo"], interface=MEET, path=MEET_PATH)
    people["anna"].wait_property("Unread", 1, 60, interface=MEET, path=MEET_PATH)
    assert canaries.SAID["bo"] in ctl(machine, "anna", "messages", "1")


def test_they_met(machine, people):
    ctl(machine, "anna", "met", "1")
    people["bo"].call("ConfirmMet", interface=MEET, path=MEET_PATH)
    for one in people.values():
        wait_until(lambda: not one.call("ListMeets")[0], 60, one.name + "'s meet is over")


def test_closed_is_silent(machine, people):
    ctl(machine, "anna", "close")
    people["bo"].call("Close")
    for number, one in enumerate(people.values()):
        one.wait_property("State", "off")
        machine.wait_silent(number, 5)


def test_the_database_counted_it(machine):
    """The counters of today, by PostgreSQL itself."""
    def counted():
        tables = machine.ask("runuser", "-u", "postgres", "--", "psql", "-At", "-d", "sighej", "-c",
                             "select sum(n_live_tup + n_tup_ins) from pg_stat_user_tables")
        return tables and int(tables) > 0
    wait_until(counted, 90, "rows in PostgreSQL")


def test_the_journal_keeps_the_secrets(machine):
    canaries.check_journal(machine)
