# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine sleeps, is locked, runs out of power; programs ask for silence. What the daemon makes
of it, with a login manager and a UPower of our own on a private system bus."""
import os
import signal
import subprocess
import sys
import time

import pytest
from fakebluez import FakeBluez
from gi.repository import GLib
from machine import Machine
from people import wait_state
from sighejrun import MANAGER, NAME, ROOT, Run

OPEN_SECONDS = 3600
NEVER_REACHED = "http://127.0.0.1:9"
FAST_AIR = {"radio": {"interval-ms": 20}}
N_PACKETS = 20
INHIBITORS_MAX, WHO_MAX, WHY_MAX = 32, 64, 200
CALL_MS = 20000
BACK_SECONDS_MAX = 2
SLOW = os.environ.get("SIGHEJ_SLOW") == "1"

HOLD = """
import sys, gi, signal
gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib
flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
bus = Gio.DBusConnection.new_for_address_sync(sys.argv[1], flags, None, None)
_, fds = bus.call_with_unix_fd_list_sync("org.sighej", "/org/sighej", "org.sighej.Manager1", "Inhibit",
                                         GLib.Variant("(ss)", ("Impress", "Presentation")), None, 0,
                                         20000, None, None)
print("held", fds.get_length(), flush=True)
signal.pause()
"""


@pytest.fixture
def machine(run):
    return Machine(run)


@pytest.fixture
def lonely(run, machine):
    """A daemon on that machine whose backend never answers."""
    return run.daemon("anna", backend=NEVER_REACHED, interests=["devops"], env=machine.env)


def wait_held(machine, n_locks, n_given=None):
    Run.until(lambda: len(machine.held()) == n_locks
              and n_given in (None, len(machine.locks)), f"{n_locks} locks are held")


def wait_paused(daemon, reason):
    wait_state(daemon, "paused", reason)


def wait_on(daemon):
    Run.until(lambda: daemon.get("State") != "paused", "the pause is over")


def wait_token(ear, name, others):
    """A token of that name which is none of the others."""
    return Run.until(lambda: next((t for t in ear.tokens(name) if t not in others), None),
                     f"a new token of {name}")


# ---- sleep


def test_F_09_silent_and_deleted_before_sleep_and_new_after_it(run, people, backend, ear, machine):
    run.set_air(**FAST_AIR)
    anna, bo = people("anna", "devops", env=machine.env), people("bo", "jazz")
    people.open()
    wait_held(machine, 1)
    assert machine.locks[0].asked[::3] == ("sleep", "delay")
    tokens = [wait_token(ear, "anna", [])]

    # A backend that cannot answer keeps the machine awake, but nobody hears us any more.
    os.kill(backend.pid, signal.SIGSTOP)
    machine.prepare_for_sleep(True)
    wait_paused(anna, "suspended")
    mark = ear.mark()
    Run.until(lambda: len(ear.after(mark, "bo")) >= N_PACKETS, "the air is not silent")
    assert not ear.after(mark, "anna")
    # Unless the wait is over meanwhile, which a loaded machine may take for this.
    assert machine.held() or anna.find("have not confirmed within")
    os.kill(backend.pid, signal.SIGCONT)
    wait_held(machine, 0)
    Run.until(lambda: backend.stats()["active_sessions_now"] == 1, "bo's session is the only one")

    machine.prepare_for_sleep(False)
    wait_held(machine, 1, n_given=2)
    wait_state(anna, "open")
    tokens.append(wait_token(ear, "anna", tokens))
    # A machine that wakes has slept, whatever it said before.
    machine.prepare_for_sleep(False)
    wait_held(machine, 1, n_given=3)
    wait_token(ear, "anna", tokens)
    wait_state(anna, "open")
    Run.until(lambda: backend.stats()["total_sessions_today"] == 4, "all sessions are counted")
    anna.call("Close")
    wait_held(machine, 0, n_given=3)


def test_F_09_sleep_waits_for_bluez(run, backend, machine):
    """What the radio has asked for and BlueZ has not done yet is not done."""
    bluez = FakeBluez(run, bus=machine.bus)
    anna = run.daemon("anna", radio="bluez", backend=backend.uri, interests=["devops"],
                      env=machine.env)
    anna.call("Open", "(u)", OPEN_SECONDS)
    wait_held(machine, 1)
    before = bluez.wait_on_air()
    bluez.tell("hang UnregisterAdvertisement")
    machine.prepare_for_sleep(True)
    bluez.wait_calls("UnregisterAdvertisement")
    Run.until(lambda: backend.stats()["active_sessions_now"] == 0, "the session is deleted")
    # Unless the wait is over meanwhile, which a loaded machine may take for this.
    assert machine.held() or anna.find("have not confirmed within")
    bluez.tell("let UnregisterAdvertisement")
    wait_held(machine, 0)
    bluez.wait_on_air(n_adverts=0)
    machine.prepare_for_sleep(False)
    wait_held(machine, 1, n_given=2)
    assert bluez.wait_on_air() != before
    bluez.assert_fair()


def test_back_on_air_after_each_sleep(run, backend, machine, capsys):
    """With SIGHEJ_SLOW=1 a hundred times, and then the time it took counts too."""
    n_times = 100 if SLOW else 3
    bluez = FakeBluez(run, bus=machine.bus)
    anna = run.daemon("anna", radio="bluez", backend=backend.uri, interests=["devops"],
                      env=machine.env)
    anna.call("Open", "(u)", OPEN_SECONDS)
    tokens, took = {bluez.wait_on_air()[0]}, []
    for _ in range(n_times):
        wait_held(machine, 1)
        machine.prepare_for_sleep(True)
        wait_held(machine, 0)
        assert bluez.on_air() == []
        begun = time.monotonic()
        machine.prepare_for_sleep(False)
        tokens.add(bluez.wait_on_air()[0])
        took.append(bluez.air()[-1].time - begun)
    assert len(tokens) == n_times + 1
    assert bluez.on_air()
    bluez.assert_fair()
    if SLOW:
        with capsys.disabled():
            print(f"\nback on air after {n_times} sleeps: median "
                  f"{sorted(took)[n_times // 2]:.3f} s, longest {max(took):.3f} s")
        assert max(took) < BACK_SECONDS_MAX


def test_what_ends_in_sleep_is_over_after_it(run, clock, machine):
    anna = run.daemon("anna", backend=NEVER_REACHED, interests=["devops"], env=machine.env)
    anna.call("Open", "(u)", 300)
    wait_held(machine, 1)
    machine.prepare_for_sleep(True)
    wait_paused(anna, "suspended")
    wait_held(machine, 0)
    clock.advance(301)
    machine.prepare_for_sleep(False)
    wait_state(anna, "off", "expired")
    assert len(machine.locks) == 1


def test_sleep_holds_up_nothing_longer_than_it_may(run, clock, backend, machine):
    anna = run.daemon("anna", backend=backend.uri, interests=["devops"], env=machine.env)
    anna.call("Open", "(u)", OPEN_SECONDS)
    wait_state(anna, "open")
    wait_held(machine, 1)
    os.kill(backend.pid, signal.SIGSTOP)
    machine.prepare_for_sleep(True)
    wait_paused(anna, "suspended")
    clock.advance(3)
    wait_held(machine, 0)
    os.kill(backend.pid, signal.SIGCONT)


def test_login_manager_comes_goes_and_refuses(lonely, machine):
    machine.deny = "org.freedesktop.DBus.Error.AccessDenied"
    lonely.call("Open", "(u)", OPEN_SECONDS)
    Run.until(lambda: lonely.find("sleep does not wait for us"), "the refusal is told")
    machine.prepare_for_sleep(True)
    wait_paused(lonely, "suspended")
    machine.deny = None
    machine.prepare_for_sleep(False)
    wait_on(lonely)
    wait_held(machine, 1)

    # Restarted: it knows nothing of a lock that it gave before.
    machine.stop_login1()
    wait_held(machine, 0)
    machine.start_login1()
    wait_held(machine, 1, n_given=2)

    # Restarted on the way to sleep, and again: the word of the last one counts.
    machine.prepare_for_sleep(True)
    wait_paused(lonely, "suspended")
    machine.stop_login1()
    machine.values["PreparingForSleep"] = True
    machine.start_login1()
    Run.until(lambda: lonely.find("still about to sleep"), "it is asked")
    assert lonely.get("State") == "paused"
    machine.stop_login1()
    machine.start_login1()
    wait_on(lonely)
    wait_held(machine, 1)


def test_late_lock_is_given_back(lonely, machine):
    machine.keep = True
    lonely.call("Open", "(u)", OPEN_SECONDS)
    Run.until(lambda: machine.waiting, "the lock is asked for")
    lonely.call("Close")
    wait_state(lonely, "off")
    machine.answer(*machine.waiting.pop())
    wait_held(machine, 0, n_given=1)


# ---- the screen


def test_locked_screen_pauses(lonely, machine):
    Run.until(lambda: machine.n_session_asked, "the session is asked for")
    lonely.call("Open", "(u)", OPEN_SECONDS)
    machine.lock_screen(True)
    wait_paused(lonely, "locked")
    # What the person says goes before, and comes back to the screen.
    lonely.call("Pause", "(u)", 0)
    wait_paused(lonely, "user")
    lonely.call("Resume")
    wait_paused(lonely, "locked")
    machine.lock_screen(False)
    wait_on(lonely)

    # A locker that keeps no hint: asked to lock it has locked, until a word comes.
    for word in (lambda: machine.ask_to("Unlock"), lambda: lonely.call("Resume"),
                 lambda: machine.lock_screen(False), machine.end_session):
        machine.ask_to("Lock")
        wait_paused(lonely, "locked")
        word()
        wait_on(lonely)


def test_lock_outlives_the_login_manager(lonely, machine):
    lonely.call("Open", "(u)", OPEN_SECONDS)
    wait_held(machine, 1)
    machine.lock_screen(True)
    wait_paused(lonely, "locked")
    n_asked = machine.n_session_asked
    machine.stop_login1()
    machine.start_login1()
    wait_held(machine, 1, n_given=2)
    Run.until(lambda: machine.n_session_asked > n_asked, "the session is asked for again")
    assert lonely.get("Reason") == "locked"
    lines = [check for check in lonely.call("Check", interface="org.sighej.Diagnostics1")[0]
             if check[0] == "presence.lock"]
    assert [line[1] for line in lines] == ["warning"]
    lonely.call("Resume")
    wait_on(lonely)


def test_silence_behind_the_lock_can_be_chosen(lonely, machine):
    lonely.call("Open", "(u)", OPEN_SECONDS)
    wait_held(machine, 1)
    machine.lock_screen(True)
    wait_paused(lonely, "locked")
    lonely.set("PauseOnLock", GLib.Variant("b", False))
    wait_on(lonely)
    lonely.set("PauseOnLock", GLib.Variant("b", True))
    wait_paused(lonely, "locked")


def test_locked_screen_closes_where_that_is_wished(run, machine):
    anna = run.daemon("anna", backend=NEVER_REACHED, interests=["devops"], env=machine.env,
                      config="[Presence]\nCloseOnLock=true\nPauseOnLock=false\n")
    anna.call("Open", "(u)", OPEN_SECONDS)
    wait_held(machine, 1)
    machine.lock_screen(True)
    wait_state(anna, "off", "locked")
    Run.until(lambda: [values for _, member, values in anna.signals if member == "Closed"]
              == [("locked",)], "it is told")
    # Who opens with the screen locked wants it so.
    anna.call("Open", "(u)", OPEN_SECONDS)
    assert anna.get("State") not in ("off", "paused")


# ---- programs that ask for silence


def inhibit(daemon, who="Impress", why="Presentation"):
    """The descriptor that keeps it up."""
    _, fds = daemon.connection.call_with_unix_fd_list_sync(
        NAME, ROOT, MANAGER, "Inhibit", GLib.Variant("(ss)", (who, why)), None, 0, CALL_MS, None,
        None)
    return fds.get(0)


def refused(daemon, *arguments):
    with pytest.raises(GLib.Error) as caught:
        inhibit(daemon, *arguments)
    name, _, text = caught.value.message.removeprefix("GDBus.Error:").partition(": ")
    assert name == "org.sighej.Error.Failed"
    return text


def test_programs_ask_for_silence(lonely):
    first = inhibit(lonely)
    assert lonely.get("State") == "off"
    lonely.call("Open", "(u)", OPEN_SECONDS)
    assert (lonely.get("State"), lonely.get("Reason")) == ("paused", "inhibited")
    with pytest.raises(GLib.Error, match="Inhibited: Impress asks for silence .Presentation."):
        lonely.call("Resume")

    # Killed it cannot say that it is done; its descriptor does.
    holder = subprocess.Popen([sys.executable, "-c", HOLD, lonely.bus.address],
                              stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held 1\n"
    assert lonely.get("Inhibitors") == [("Impress", "Presentation")] * 2
    os.write(first, b"x" * 1000)
    os.close(first)
    Run.until(lambda: len(lonely.get("Inhibitors")) == 1, "the first is done")
    assert lonely.get("Reason") == "inhibited"
    holder.kill()
    holder.communicate()
    wait_on(lonely)
    assert lonely.get("Inhibitors") == []

    # busctl has it for as long as it runs.
    shown = subprocess.run(["busctl", "--user", "call", NAME, ROOT, MANAGER, "Inhibit", "ss", "a",
                            ""], env=lonely.environment, capture_output=True, text=True,
                           timeout=60, check=True)
    assert shown.stdout.startswith("h ")
    Run.until(lambda: lonely.get("Inhibitors") == [], "busctl has ended")


def test_inhibitors_are_bounded(lonely):
    assert refused(lonely, "", "why") == "who is empty"
    assert refused(lonely, "w" * (WHO_MAX + 1), "") == f"who has more than {WHO_MAX} characters"
    assert refused(lonely, "w", "y" * (WHY_MAX + 1)) == f"why has more than {WHY_MAX} characters"
    for text in ("a\nb", "\x1b[31m", "\u202egnp"):
        assert refused(lonely, text, "") == "who has a character that cannot be shown"
    held = [inhibit(lonely, "ø" * WHO_MAX, "å" * WHY_MAX) for _ in range(INHIBITORS_MAX)]
    assert "close one of them" in refused(lonely)
    os.close(held.pop())
    Run.until(lambda: len(lonely.get("Inhibitors")) == INHIBITORS_MAX - 1, "there is room")
    held.append(inhibit(lonely))
    for descriptor in held:
        os.close(descriptor)
    Run.until(lambda: lonely.get("Inhibitors") == [], "all are done")


# ---- power


def test_battery_is_followed(lonely, machine):
    machine.start_power(on_battery=True)
    Run.until(lambda: lonely.find("runs on its battery"), "the battery is seen")
    machine.plug(True)
    Run.until(lambda: lonely.find("runs on mains"), "mains are seen")
    lonely.lines.clear()
    machine.plug(False)
    Run.until(lambda: lonely.find("runs on its battery"), "the battery is seen")
    machine.stop_power()
    Run.until(lambda: lonely.find("runs on mains"), "without UPower it is mains")
