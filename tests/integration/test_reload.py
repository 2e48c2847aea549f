# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGHUP: the configuration is read again, and the opening goes on."""
import os
import signal
import socket
import time

import pytest
from gi.repository import GLib
from people import DWELL_SECONDS, MAY_WARN, wait_packets, wait_state
from sighejrun import DIAGNOSTICS, Run

TAKEN, REFUSED = "the configuration is read again", "is not taken, the old settings stay"
NEVER_REACHED = "http://127.0.0.1:9"
N_PACKETS = 5


def write(daemon, text, backend):
    with open(daemon.config_path + ".new", "w", encoding="utf-8") as file:
        file.write(f"[Proximity]\nDwellSeconds={DWELL_SECONDS}\n[Backend]\nUri={backend}\n{text}")
    os.rename(daemon.config_path + ".new", daemon.config_path)


def reload(daemon, words=TAKEN):
    before = daemon.text().count(words)
    daemon.kill(signal.SIGHUP)
    Run.until(lambda: daemon.text().count(words) > before, words)


def put(daemon, text, backend=NEVER_REACHED, words=TAKEN):
    write(daemon, text, backend)
    reload(daemon, words)


def quiet_now():
    """Quiet hours around this moment, of UTC."""
    hour = time.gmtime().tm_hour
    return f"[Presence]\nQuietHours={(hour - 1) % 24:02}:00-{(hour + 2) % 24:02}:00\n"


@pytest.fixture
def lonely(run):
    """A daemon whose backend never answers, and which is brought to warn."""
    return run.daemon("anna", backend=NEVER_REACHED, interests=["devops"], env=MAY_WARN)


def test_the_opening_goes_on_and_no_nudge_is_lost(people, ear):
    both = people.anna_and_bo()
    people.open()
    for one in both:
        wait_packets(ear, one.name, 1, 0)
    facts = [(one.get("OpenSince"), one.get("OpenUntil")) for one in both]
    for one in both:
        put(one, "[Presence]\nDefaultDuration=1h\nMaxNudgesPerHour=5\n", people.backend.uri)
    people.wait_nudges()
    for one in both:
        reload(one)
    now = time.monotonic()
    for one in both:
        wait_packets(ear, one.name, N_PACKETS, now)
        assert len(ear.tokens(one.name)) == 1, one.name
        assert one.counters()["link.sessions"] == 1 and one.get("State") == "open"
        assert len(one.call("ListNudges")[0]) == 1
        assert [member for _, member, _ in one.signals if member == "Closed"] == []
    people.assert_nudged()
    assert [(one.get("OpenSince"), one.get("OpenUntil")) for one in both] == facts
    assert people.backend.stats()["active_sessions_now"] == 2


def test_quota_and_quiet_hours_hold_at_once(people):
    anna, bo = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    uri = people.backend.uri
    put(anna, "[Presence]\nMaxNudgesPerHour=1\n", uri)
    wait_state(anna, "waiting", "rate-limited")
    put(anna, "[Presence]\nMaxNudgesPerHour=2\n", uri)
    wait_state(anna, "open")
    put(bo, quiet_now(), uri)
    wait_state(bo, "waiting", "quiet-hours")
    assert len(bo.get("QuietHours")) == 1
    put(bo, "", uri)
    wait_state(bo, "open")


def test_the_next_opening_is_as_long_as_the_file_says(lonely):
    put(lonely, "[Presence]\nDefaultDuration=10min\n")
    lonely.call("Open", "(u)", 0)
    assert lonely.get("OpenUntil") - lonely.get("OpenSince") == 600


@pytest.mark.parametrize("text, line, word", [
    ("MaxNudgesPerHour=many\n", 7, "MaxNudgesPerHour"), ("DefaultDuration=1h\nnonsense\n", 8, "Key=value"),
], ids=["value", "text"])
def test_a_wrong_file_changes_nothing_and_names_the_line(lonely, text, line, word):
    put(lonely, quiet_now() + text, words=REFUSED)
    complaint = lonely.find(REFUSED + ".*").group()
    assert f"{lonely.config_path}:{line}" in complaint and word in complaint
    assert lonely.get("QuietHours") == []
    put(lonely, quiet_now())
    assert len(lonely.get("QuietHours")) == 1


def test_a_file_that_is_gone_changes_nothing(lonely):
    os.unlink(lonely.config_path)
    reload(lonely, REFUSED)
    assert lonely.get("BackendUri") == NEVER_REACHED


def test_unknown_keys_are_named_and_harmless(lonely):
    put(lonely, "[Presence]\nNonsense=1\nDefaultDuration=10min\n")
    assert lonely.find(r"sighejd\.conf:6: unknown key Nonsense")


def test_another_backend_waits_for_the_end_of_the_opening(run, people):
    anna = people("anna", "devops")
    people.open()
    other = run.backend(name="other")
    put(anna, "", other.uri)
    assert anna.find("the other backend of the configuration waits")
    assert anna.get("BackendUri") == people.backend.uri and anna.get("State") == "open"
    anna.call("Close")
    Run.until(lambda: anna.get("BackendUri") == other.uri, "the other backend is taken")
    assert people.backend.stats()["active_sessions_now"] == 0
    people.open()
    assert other.stats()["active_sessions_now"] == 1


def test_what_needs_a_restart_is_named(lonely):
    put(lonely, "CaFile=/nowhere\n[Bluetooth]\nRadio=none\nRfkillFolder=/nowhere\n")
    assert lonely.find("changed, but needs a restart: RfkillFolder, CaFile")  # --radio goes before the file
    assert lonely.get("Radio") == "sim"


def test_what_a_person_chose_goes_before_it(lonely):
    lonely.set("QuietHours", GLib.Variant("as", []))
    lonely.set("BackendUri", GLib.Variant("s", "http://127.0.0.1:7"))
    put(lonely, quiet_now())
    assert lonely.get("QuietHours") == [] and lonely.get("BackendUri") == "http://127.0.0.1:7"


def test_the_level_of_the_log(run):
    """Only at the level debug a line begins with the time."""
    anna = run.daemon("anna", radio="none", log_level=None)
    put(anna, "[Log]\nLevel=debug\n")
    put(anna, "[Log]\nLevel=info\n")
    anna.call("SetLogLevel", "(s)", "message", interface=DIAGNOSTICS)
    put(anna, "[Log]\nLevel=debug\n")
    told = [line for _, line in anna.lines if TAKEN in line]
    assert [line.startswith("sighejd: ") for line in told] == [False, True, True]


def test_the_service_manager_is_told(run):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(os.path.join(run.top, "notify"))
    listener.settimeout(20)
    anna = run.daemon("anna", radio="none", env={"NOTIFY_SOCKET": listener.getsockname(), **MAY_WARN})

    def reloaded():
        """What it was told next of a reload: two messages after the first."""
        while not listener.recv(4096).decode().startswith("RELOADING=1\nMONOTONIC_USEC="):
            pass
        return [listener.recv(4096).decode() for _ in range(2)]

    put(anna, "[Log]\nLevel=loud\n", words=REFUSED)
    ready, status = reloaded()
    assert ready == "READY=1"
    assert status.startswith(f"STATUS=off; the old settings stay: {anna.config_path}:6: Level")
    put(anna, "")
    assert reloaded() == ["READY=1", "STATUS=off"]


def test_a_kiosk_reads_its_own(run):
    kiosk = run.daemon("kiosk", bus=run.bus("system-bus"), kiosk=True)
    wait_state(kiosk, "open")
    put(kiosk, quiet_now())
    wait_state(kiosk, "waiting", "quiet-hours")
    put(kiosk, "")
    wait_state(kiosk, "open")
