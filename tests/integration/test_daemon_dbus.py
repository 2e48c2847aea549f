# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon on its bus, as dbus/org.sighej.xml documents it: each member, each error, each end."""
import os
import signal
import socket
import subprocess
import time

import pytest
from gi.repository import GLib
from people import wait_state
from sighejrun import DIAGNOSTICS, MANAGER, NUDGE, ROOT, Run

OPEN_SECONDS_MIN, OPEN_SECONDS_MAX, PAUSE_SECONDS_MIN = 300, 14400, 60
CLOSE_SECONDS_MAX, STOP_SECONDS_MAX = 5, 7
EXIT_USAGE, EXIT_NAME_TAKEN, EXIT_BUS_LOST, EXIT_CONFIG = 2, 69, 75, 78
NEVER_REACHED = "http://127.0.0.1:9"
# For a daemon that is brought to warn; everywhere else a warning may be made fatal.
MAY_WARN = {"G_DEBUG": ""}
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"


def error_of(action, *arguments):
    """The D-Bus error name and the text an action fails with."""
    with pytest.raises(GLib.Error) as caught:
        action(*arguments)
    name, _, text = caught.value.message.removeprefix("GDBus.Error:").partition(": ")
    return name, text


def assert_error(expected, action, *arguments):
    name, text = error_of(action, *arguments)
    assert name == "org.sighej.Error." + expected, text
    assert text and text[0].islower() or text[0].isdigit(), text
    assert not text.endswith("."), text


@pytest.fixture
def off(run):
    """A daemon without a radio and without a backend."""
    return run.daemon("anna", radio="none")


@pytest.fixture
def lonely(run):
    """A daemon on the simulated radio whose backend never answers."""
    return run.daemon("anna", backend=NEVER_REACHED, interests=["devops"])


def sighejd(build, *options, **environment):
    return subprocess.run([os.path.join(build, "daemon/sighejd"), *options], capture_output=True,
                          text=True, timeout=20, env={**os.environ, **environment}, check=False)


# ---- what a daemon shows that was never asked for anything


def test_every_property_of_a_fresh_daemon(off):
    shown = off.call("GetAll", "(s)", MANAGER, interface="org.freedesktop.DBus.Properties")[0]
    assert shown == {
        "Version": "0.1.0", "ApiVersion": 1, "State": "off", "Reason": "", "OpenSince": 0,
        "OpenUntil": 0, "PausedUntil": 0, "Interests": [], "Privacy": shown["Privacy"],
        "Rotating": False, "Language": "en", "NearbyCount": 0, "Bluetooth": "missing",
        "Backend": "offline", "BackendUri": "", "Adapter": "/", "Adapters": [], "Radio": "none",
        "QuietHours": [], "NoticeAccepted": False, "Inhibitors": [], "PauseOnLock": True,
        "NotifyNearby": False}


def test_introspection_is_what_the_xml_says(off):
    shown = off.call("Introspect", interface="org.freedesktop.DBus.Introspectable")[0]
    for interface in (MANAGER, DIAGNOSTICS, OBJECT_MANAGER):
        assert f'interface name="{interface}"' in shown


def test_object_manager_knows_no_nudge(off):
    assert off.call("GetManagedObjects", interface=OBJECT_MANAGER) == ({},)
    assert off.call("ListNudges") == ([],)


@pytest.mark.parametrize("environment, language", [
    ({"LC_ALL": "", "LC_MESSAGES": "da_DK.UTF-8"}, "da"), ({"LC_ALL": "", "LANG": "da_DK"}, "da"),
    ({"LC_ALL": "de_DE.UTF-8"}, "en"), ({"LC_ALL": "C"}, "en")])
def test_language_comes_from_the_locale(run, environment, language):
    assert run.daemon("anna", radio="none", env=environment).get("Language") == language


# ---- the documented errors


@pytest.mark.parametrize("seconds", [1, OPEN_SECONDS_MIN - 1, OPEN_SECONDS_MAX + 1, 2**32 - 1])
def test_open_refuses_durations(lonely, seconds):
    assert_error("InvalidDuration", lonely.call, "Open", "(u)", seconds)
    assert lonely.get("State") == "off"


def test_open_needs_an_interest_then_a_backend(off):
    assert_error("InvalidInterest", off.call, "Open", "(u)", 0)
    off.call("SetInterests", "(as)", ["devops"])
    assert_error("Offline", off.call, "Open", "(u)", 0)


def test_not_open(lonely):
    assert_error("NotOpen", lonely.call, "Pause", "(u)", 0)
    assert_error("NotOpen", lonely.call, "Resume")
    assert_error("NotOpen", lonely.call, "Extend", "(u)", 600)
    lonely.call("Close")


def test_pause_and_extend_refuse_durations(lonely):
    lonely.call("Open", "(u)", OPEN_SECONDS_MAX)
    for seconds in (1, PAUSE_SECONDS_MIN - 1, OPEN_SECONDS_MAX + 1):
        assert_error("InvalidDuration", lonely.call, "Pause", "(u)", seconds)
    for seconds in (0, 59, 600, OPEN_SECONDS_MAX + 1):
        assert_error("InvalidDuration", lonely.call, "Extend", "(u)", seconds)


@pytest.mark.parametrize("interests", [
    [], [""], ["   "], ["x" * 41], ["devops", "two\nlines"], ["\u0007"],
    [f"interest {i}" for i in range(21)]], ids=len)
def test_set_interests_refuses(off, interests):
    assert_error("InvalidInterest", off.call, "SetInterests", "(as)", interests)
    assert off.get("Interests") == []


def test_search_refuses(off):
    assert_error("InvalidInterest", off.call, "SearchInterests", "(su)", "x" * 41, 5)
    assert_error("Failed", off.call, "SearchInterests", "(su)", "jazz", 0)
    assert_error("Failed", off.call, "SearchInterests", "(su)", "jazz", 51)


@pytest.mark.parametrize("name, value, error", [
    ("BackendUri", GLib.Variant("s", "http://sighej.example"), "Failed"),
    ("BackendUri", GLib.Variant("s", "ftp://localhost"), "Failed"),
    ("BackendUri", GLib.Variant("s", "nonsense"), "Failed"),
    ("Language", GLib.Variant("s", "de"), "NotSupported"),
    ("QuietHours", GLib.Variant("as", ["22-08"]), "Failed"),
    ("QuietHours", GLib.Variant("as", [f"0{i}:00-0{i}:30" for i in range(9)]), "Failed"),
    ("Adapter", GLib.Variant("o", "/org/bluez/hci9"), "NotFound")])
def test_properties_refuse(off, name, value, error):
    before = off.get(name)
    assert_error(error, off.set, name, value)
    assert off.get(name) == before


@pytest.mark.parametrize("name, value", [
    ("State", GLib.Variant("s", "open")), ("Version", GLib.Variant("s", "9")),
    ("NoSuch", GLib.Variant("s", "")), ("Language", GLib.Variant("u", 7)),
    ("NoticeAccepted", GLib.Variant("s", "true"))])
def test_wrong_property_writes_are_refused_by_the_bus(off, name, value):
    assert error_of(off.set, name, value)[0].startswith("org.freedesktop.DBus.Error.")
    assert off.get("State") == "off"


@pytest.mark.parametrize("method, signature, arguments", [
    ("Open", "(s)", ["2h"]), ("Open", None, []), ("SetInterests", "(s)", ["devops"]),
    ("Close", "(u)", [1]), ("Wave", None, [])])
def test_wrong_calls_are_refused_by_the_bus(off, method, signature, arguments):
    name, _ = error_of(off.call, method, signature, *arguments)
    assert name in ("org.freedesktop.DBus.Error.InvalidArgs",
                    "org.freedesktop.DBus.Error.UnknownMethod")
    assert off.running()


def test_nudge_that_is_not_there(off):
    name, _ = error_of(lambda: off.call("NotNow", path=ROOT + "/nudges/1", interface=NUDGE))
    assert name.startswith("org.freedesktop.DBus.Error.Unknown")


# ---- what may be chosen


def test_interests_are_merged_and_kept(run):
    anna = run.daemon("anna", radio="none")
    anna.call("SetInterests", "(as)", ["DevOps", " devops ", "Brætspil"])
    assert anna.get("Interests") == ["DevOps", "Brætspil"]
    path = os.path.join(anna.home, "state/sighej/interests")
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert anna.stop() == 0
    assert run.daemon("anna", radio="none").get("Interests") == ["DevOps", "Brætspil"]


def test_written_properties_are_kept(run):
    chosen = {"BackendUri": GLib.Variant("s", NEVER_REACHED), "Language": GLib.Variant("s", "da"),
              "QuietHours": GLib.Variant("as", ["22:00-08:00", "12:00-12:30"]),
              "NoticeAccepted": GLib.Variant("b", True), "PauseOnLock": GLib.Variant("b", False),
              "NotifyNearby": GLib.Variant("b", True)}
    anna = run.daemon("anna", radio="none")
    for name, value in chosen.items():
        anna.set(name, value)
        assert anna.get(name) == value.unpack()
    anna.stop()
    again = run.daemon("anna", radio="none", backend="https://other.example")
    assert {name: again.get(name) for name in chosen} == {
        name: value.unpack() for name, value in chosen.items()}


def test_adapter_of_the_radio_may_be_chosen(lonely):
    (adapter,) = lonely.get("Adapters")
    lonely.set("Adapter", GLib.Variant("o", adapter))
    assert lonely.get("Adapter") == adapter
    lonely.set("Adapter", GLib.Variant("o", "/"))
    assert lonely.get("Adapter") == adapter


def test_search_answers_in_the_language(off):
    assert ("board-games", "Board games", "games") in off.call("SearchInterests", "(su)",
                                                               "board", 5)[0]
    off.set("Language", GLib.Variant("s", "da"))
    assert ("board-games", "Brætspil", "games") in off.call("SearchInterests", "(su)",
                                                            "brætspil", 5)[0]
    assert len(off.call("SearchInterests", "(su)", "", 50)[0]) == 50


def test_unreadable_choices_are_put_aside(run):
    folder = os.path.join(run.folder("anna"), "state/sighej")
    os.makedirs(folder)
    with open(os.path.join(folder, "interests"), "wb") as file:
        file.write(b"\xff\xfe\n")
    anna = run.daemon("anna", radio="none", env=MAY_WARN)
    assert anna.get("Interests") == []
    assert sorted(os.listdir(folder)) == ["interests.bad"]
    assert "cannot be understood" in anna.text()


# ---- being open, as far as it goes without a backend


def test_open_without_a_radio_waits_and_says_why(run):
    anna = run.daemon("anna", radio="none", backend=NEVER_REACHED, interests=["devops"])
    before = int(time.time())
    (until,) = anna.call("Open", "(u)", 0)
    assert before + 7200 <= until <= time.time() + 7200
    assert (anna.get("State"), anna.get("Reason")) == ("waiting", "bluetooth-missing")
    assert anna.get("OpenUntil") == until
    assert anna.get("OpenSince") >= before
    # Nothing is asked of the backend for a radio that cannot use it.
    assert anna.get("Backend") == "offline"
    assert anna.counters()["link.failures"] == 0


def test_open_without_a_backend_waits_and_says_why(lonely):
    lonely.call("Open", "(u)", OPEN_SECONDS_MIN)
    wait_state(lonely, "waiting", "backend-offline")
    assert not lonely.get("Rotating")


def test_a_whole_opening(lonely):
    since = int(time.time())
    lonely.call("Open", "(u)", 600)
    (until,) = lonely.call("Open", "(u)", 1200)
    assert since + 1200 <= until <= time.time() + 1200
    assert lonely.call("Extend", "(u)", 60) == (until + 60,)
    assert lonely.call("Pause", "(u)", 0) == (0,)
    assert (lonely.get("State"), lonely.get("Reason")) == ("paused", "user")
    (paused_until,) = lonely.call("Pause", "(u)", 60)
    assert paused_until >= since + 60
    assert lonely.get("PausedUntil") == paused_until
    lonely.call("Resume")
    lonely.call("Resume")
    assert lonely.get("State") in ("opening", "waiting")
    assert lonely.get("PausedUntil") == 0
    lonely.call("Close")
    wait_state(lonely, "off", "user")
    assert lonely.get("OpenUntil") == lonely.get("OpenSince") == 0
    Run.until(lambda: [v for _, m, v in lonely.signals if m == "Closed"] == [("user",)], "Closed")


def test_quiet_hours_make_it_wait(lonely):
    now = time.gmtime()
    begin, end = (now.tm_hour - 1) % 24, (now.tm_hour + 2) % 24
    lonely.set("QuietHours", GLib.Variant("as", [f"{begin:02}:00-{end:02}:00"]))
    lonely.call("Open", "(u)", 0)
    assert (lonely.get("State"), lonely.get("Reason")) == ("waiting", "quiet-hours")
    lonely.set("QuietHours", GLib.Variant("as", []))
    wait_state(lonely, "waiting", "backend-offline")


def test_changes_of_one_moment_come_in_one_signal(lonely):
    changes = []
    lonely.on_signal("PropertiesChanged", changes.append, "org.freedesktop.DBus.Properties")
    lonely.call("Open", "(u)", 600)
    Run.until(lambda: [1 for _, changed, _ in changes if "State" in changed], "a change is told")
    told = [changed.keys() for _, changed, _ in changes if "OpenSince" in changed]
    assert len(told) == 1 and {"State", "OpenSince", "OpenUntil"} <= told[0]


# ---- with a backend


def test_nudge_comes_and_goes_as_an_object(people):
    anna, bo = people.anna_and_bo()
    added, removed = [], []
    anna.on_signal("InterfacesAdded", added.append, OBJECT_MANAGER)
    anna.on_signal("InterfacesRemoved", removed.append, OBJECT_MANAGER)
    people.open()
    people.wait_nudges()
    ((path, shared),) = anna.nudges()
    assert path == ROOT + "/nudges/1"
    assert shared == ["devops", "board games"]

    nudge = anna.call("GetAll", "(s)", NUDGE, path=path,
                      interface="org.freedesktop.DBus.Properties")[0]
    assert added == [(path, {NUDGE: {**nudge, "Band": added[0][1][NUDGE]["Band"]}})]
    assert nudge["State"] == "new"
    assert nudge["SharedInterests"] == shared
    assert nudge["Categories"] == ["tech", "games"]
    assert nudge["Message"].startswith("Someone nearby shares your interest in ")
    assert nudge["Band"] in ("here", "near")
    assert nudge["Expires"] - nudge["Created"] == 600
    assert nudge["Announced"] is True    # there is no client, so the daemon tells
    assert anna.call("ListNudges")[0] == [
        (path, "new", nudge["Band"], shared, nudge["Expires"])]
    assert list(anna.call("GetManagedObjects", interface=OBJECT_MANAGER)[0]) == [path]

    anna.call("NotNow", path=path, interface=NUDGE)
    Run.until(lambda: removed == [(path, [NUDGE])], "the object leaves the bus")
    assert anna.call("ListNudges") == ([],)
    assert error_of(lambda: anna.call("NotNow", path=path, interface=NUDGE))[0].startswith(
        "org.freedesktop.DBus.Error.Unknown")
    assert len(bo.call("ListNudges")[0]) == 1


def test_close_wipes_and_answers_when_silent(people, ear):
    people.anna_and_bo()
    people.open()
    people.wait_nudges()
    for one in people.all.values():
        started = time.monotonic()
        one.call("Close")
        closed = time.monotonic()
        assert closed - started < CLOSE_SECONDS_MAX
        assert one.call("ListNudges") == ([],)
        assert one.get("NearbyCount") == 0
        wait_state(one, "off", "user")
        assert ear.heard(one.name, closed) == []


def test_closed_and_opened_in_one_breath(people):
    anna, _ = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    for _ in range(3):
        anna.call("Close")
        anna.call("Open", "(u)", 600)
    wait_state(anna, "open")
    # A new opening: both may be nudged about it, and nothing of the old one is left.
    people.wait_nudges(2)
    assert [path for path, *_ in anna.call("ListNudges")[0]] == [ROOT + "/nudges/2"]
    Run.until(lambda: people.backend.stats()["active_sessions_now"] == 2, "two sessions are left")


def test_paused_and_resumed_is_the_same_opening(people):
    anna, bo = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    anna.call("Pause", "(u)", 0)
    assert len(anna.call("ListNudges")[0]) == 1
    anna.call("Resume")
    wait_state(anna, "open")
    people.wait_judged(anna, bo)
    people.assert_nudged()


def test_new_interests_and_new_backend_while_open(run, people):
    anna, bo = people("anna", "jazz"), people("bo", "hardstyle")
    people.open()
    people.wait_judged(anna, bo)
    anna.call("SetInterests", "(as)", ["hardstyle"])
    people.wait_nudges()
    assert anna.nudges()[0][1] == ["hardstyle"]

    other = run.backend(name="other")
    anna.set("BackendUri", GLib.Variant("s", other.uri))
    Run.until(lambda: other.stats()["active_sessions_now"] == 1, "the other backend has a session")
    wait_state(anna, "open")
    Run.until(lambda: people.backend.stats()["active_sessions_now"] == 1, "the first has none of it")


def test_nudge_quota_silences(people):
    anna, bo = people.anna_and_bo(config="[Presence]\nMaxNudgesPerHour=1\n")
    people.open()
    people.wait_nudges()
    for one in (anna, bo):
        wait_state(one, "waiting", "rate-limited")
        assert len(one.call("ListNudges")[0]) == 1
        assert not one.get("Rotating")


# ---- diagnostics


def test_check_names_each_part(off):
    results = {result[0]: result for result in off.call("Check", interface=DIAGNOSTICS)[0]}
    assert all(level in ("ok", "warning", "error") for _, level, _, _ in results.values())
    assert any(name.startswith("bluetooth.") for name in results)
    assert any(name.startswith("backend.") for name in results)
    assert results["presence.interests"][1] == "error"
    assert all(step for _, level, _, step in results.values() if level == "error")


def test_counters_are_plain_numbers(lonely):
    counters = lonely.counters()
    for name in ("radio.heard", "payload.accepted", "payload.other-realm", "sightings.reports",
                 "nudges.taken", "link.sessions"):
        assert counters[name] == 0


def test_log_level(off):
    off.call("SetLogLevel", "(s)", "error", interface=DIAGNOSTICS)
    off.call("SetLogLevel", "(s)", "debug", interface=DIAGNOSTICS)
    assert_error("Failed", lambda: off.call("SetLogLevel", "(s)", "loud", interface=DIAGNOSTICS))


# ---- the ends


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_in_good_order(people, ear, number):
    anna, _ = people.anna_and_bo()
    people.open()
    started = time.monotonic()
    anna.kill(number)
    assert anna.wait() == 0
    ended = time.monotonic()
    assert ended - started < STOP_SECONDS_MAX
    Run.until(lambda: [v for _, m, v in anna.signals if m == "Closed"] == [("user",)], "Closed")
    assert ear.heard("anna", ended) == []
    Run.until(lambda: people.backend.stats()["active_sessions_now"] == 1, "the session is deleted")


def test_lost_bus_leaves_the_air_and_is_no_clean_end(run, backend):
    anna = run.daemon("anna", backend=backend.uri, interests=["devops"], env=MAY_WARN)
    anna.ends_with = EXIT_BUS_LOST
    anna.call("Open", "(u)", 600)
    wait_state(anna, "open")
    anna.bus.crash()
    assert anna.wait() == EXIT_BUS_LOST
    Run.until(lambda: backend.stats()["active_sessions_now"] == 0, "the session is deleted")


def test_second_daemon_on_a_bus_says_so(run, build):
    anna = run.daemon("anna", radio="none")
    second = sighejd(build, "--radio=none", DBUS_SESSION_BUS_ADDRESS=anna.bus.address,
                     XDG_STATE_HOME=anna.home + "/second", **MAY_WARN)
    assert second.returncode == EXIT_NAME_TAKEN
    assert "another sighejd" in second.stderr and "busctl --user status org.sighej" in second.stderr
    assert anna.get("State") == "off"


NOBODY_MAY_OWN = """<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><deny own="*"/></policy>
</busconfig>
"""


def test_a_name_that_the_policy_forbids_is_not_tried_again(run, build, tmp_path):
    policy = tmp_path / "bus.conf"
    policy.write_text(NOBODY_MAY_OWN.format(folder=run.top))
    bus = run.bus(options=(f"--config-file={policy}",))
    ended = sighejd(build, "--radio=none", DBUS_SESSION_BUS_ADDRESS=bus.address, XDG_STATE_HOME=str(tmp_path),
                    **MAY_WARN)
    assert ended.returncode == EXIT_NAME_TAKEN
    assert "its policy forbids it" in ended.stderr


def test_no_bus_is_tried_again_by_the_service_manager(build):
    ended = sighejd(build, "--radio=none", DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus",
                    **MAY_WARN)
    assert ended.returncode == EXIT_BUS_LOST
    assert "cannot reach the session bus" in ended.stderr


def test_no_system_bus_is_no_bluetooth(run):
    anna = run.daemon("anna", radio="bluez", backend=NEVER_REACHED, interests=["devops"],
                      env={"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"})
    assert anna.get("Bluetooth") == "missing"
    assert "no system bus" in anna.text()
    anna.call("Open", "(u)", 0)
    assert (anna.get("State"), anna.get("Reason")) == ("waiting", "bluetooth-missing")


def test_service_manager_is_told(run):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(os.path.join(run.top, "notify"))
    listener.settimeout(20)
    anna = run.daemon("anna", backend=NEVER_REACHED, interests=["devops"],
                      env={"NOTIFY_SOCKET": listener.getsockname(), "WATCHDOG_USEC": "200000"})

    def told(*wanted):
        missing = set(wanted)
        while missing:
            missing.discard(listener.recv(4096).decode())

    told("READY=1", "STATUS=off", "WATCHDOG=1")
    told("WATCHDOG=1")
    anna.call("Open", "(u)", 600)
    told("STATUS=opening", "STATUS=waiting: backend-offline")
    anna.kill(signal.SIGTERM)
    told("STOPPING=1", "STATUS=off: user")
    assert anna.wait() == 0


# ---- options and configuration


def test_help_names_every_option(build):
    shown = sighejd(build, "--help")
    assert shown.returncode == 0
    for option in ("--config=", "--check-config", "--session", "--system", "--radio=",
                   "--adapter=", "--log-level=", "--version", "--help"):
        assert option in shown.stdout


def test_version(build):
    assert sighejd(build, "--version").stdout == "sighejd 0.1.0\n"


@pytest.mark.parametrize("options", [
    ["--no-such-option"], ["argument"], ["--session", "--system"], ["--config"]], ids=" ".join)
def test_wrong_options(build, options):
    ended = sighejd(build, *options)
    assert ended.returncode == EXIT_USAGE
    assert ended.stderr.startswith("sighejd: ")
    assert ended.stdout == ""


@pytest.mark.parametrize("options, word", [
    (["--radio=wifi"], "--radio"), (["--log-level=loud"], "--log-level"),
    (["--adapter="], "--adapter"), (["--config=/nonexistent/file"], "/nonexistent/file")])
def test_wrong_option_values(build, options, word):
    ended = sighejd(build, *options)
    assert ended.returncode == EXIT_CONFIG
    assert word in ended.stderr


def test_check_config_shows_value_and_origin(build, tmp_path):
    path = tmp_path / "sighejd.conf"
    path.write_text("[Proximity]\nDwellSeconds=3\n")
    shown = sighejd(build, f"--config={path}", "--check-config", "--radio=sim")
    assert shown.returncode == 0
    lines = {line.split("=")[0]: line for line in shown.stdout.splitlines() if "=" in line}
    assert lines["DwellSeconds"].startswith("DwellSeconds=3 ")
    assert f"{path}:2" in lines["DwellSeconds"]
    assert "--radio" in lines["Radio"]
    assert "default" in lines["DefaultDuration"]


@pytest.mark.parametrize("text, words", [
    ("[Presence]\nDefaultDuration=5h\n", ["DefaultDuration", ":2"]),
    ("[Presence]\n\nQuietHours=late\n", ["QuietHours", ":3"]),
    ("[Backend]\nUri=http://sighej.example\n", ["Uri"]),
    ("no group\n", ["sighejd.conf"]), ("[Bluetooth]\nRadio=\n", ["Radio"])])
def test_wrong_configuration_stops_the_start(build, tmp_path, text, words):
    path = tmp_path / "sighejd.conf"
    path.write_text(text)
    for options in ([f"--config={path}", "--check-config"], [f"--config={path}"]):
        ended = sighejd(build, *options)
        assert ended.returncode == EXIT_CONFIG
        for word in words:
            assert word in ended.stderr
        assert len(ended.stderr.splitlines()) == 1


def test_unknown_keys_are_named_and_harmless(build, tmp_path):
    path = tmp_path / "sighejd.conf"
    path.write_text("[Presence]\nCloseOnLunch=true\n")
    shown = sighejd(build, f"--config={path}", "--check-config")
    assert shown.returncode == 0
    assert "CloseOnLunch" in shown.stderr and f"{path}:2" in shown.stderr


def test_unreadable_authorities_are_a_configuration_error(run, build):
    bus = run.bus()
    path = os.path.join(run.top, "sighejd.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[Backend]\nCaFile=/nonexistent/ca.pem\n")
    ended = sighejd(build, f"--config={path}", "--radio=none",
                    DBUS_SESSION_BUS_ADDRESS=bus.address, **MAY_WARN)
    assert ended.returncode == EXIT_CONFIG
    assert "/nonexistent/ca.pem" in ended.stderr
