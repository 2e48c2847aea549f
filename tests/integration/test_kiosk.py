# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon on the system bus: a kiosk, which anybody may read and nobody but those polkit lets may change."""
import os
import subprocess
import xml.etree.ElementTree as ET

import pytest
from air import KIOSK, OPEN, encode, service_data
from gi.repository import Gio, GLib
from people import wait_state
from polkit import MANAGE, OPERATE, Polkit
from sighejrun import DIAGNOSTICS, MANAGER, NAME, PROPERTIES, ROOT, Run
from test_daemon_dbus import error_of

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CALL_MS = 20000
NOBODY_UID = 65534
WARDEN_SECONDS_MAX, WARDEN_ASKS_MAX = 60, 64
READ = {"SearchInterests", "Check", "GetCounters", "GetCalibration"}
GUARDED = {
    OPERATE: {"Open", "Close", "Pause", "Resume", "Calibrate", "SetCalibration", "ResetCalibration"},
    MANAGE: {"Wipe", "SetLogLevel", "Language", "BackendUri", "Adapter", "QuietHours"},
}
SAMPLES = {"u": 600, "s": "x", "as": ["x"], "b": True, "i": 0, "o": ROOT, "a{sv}": {}}


@pytest.fixture
def system(run):
    return run.bus("system-bus")


@pytest.fixture
def polkit(system):
    one = Polkit(system)
    yield one
    one.close()


@pytest.fixture
def kiosk(run, system):
    return run.daemon("kiosk", bus=system, kiosk=True, radio="sim")


def members():
    """(interface, method or property that can be written, signature) of what a kiosk has on the bus."""
    for interface in ET.parse(os.path.join(TOP, "dbus", "org.sighej.xml")).findall("interface"):
        name = interface.get("name")
        if name in (MANAGER, DIAGNOSTICS):
            for method in interface.findall("method"):
                types = [arg.get("type") for arg in method.findall("arg") if arg.get("direction") == "in"]
                yield name, method.get("name"), types
            for item in interface.findall("property"):
                if "write" in item.get("access"):
                    yield name, item.get("name"), item.get("type")


def use(kiosk, interface, member, types):
    if isinstance(types, str):
        kiosk.set(member, GLib.Variant(types, SAMPLES[types]), interface=interface)
    else:
        kiosk.call(member, f"({''.join(types)})", *[SAMPLES[one] for one in types], interface=interface)


def refusal(kiosk, interface, member, types):
    """The error's last word; None when it was let through."""
    try:
        use(kiosk, interface, member, types)
    except GLib.Error as error:
        name = error.message.removeprefix("GDBus.Error:").partition(": ")[0]
        if name.endswith((".NotPermitted", ".NotSupported")):
            return name.rpartition(".")[2]
    return None


def test_each_member_is_for_who_it_should_be_for(kiosk, polkit):
    """Whatever the API has is looked at: what is new and not thought of is for nobody but administrators."""
    seen = set()
    for interface, member, types in members():
        answer = refusal(kiosk, interface, member, types)
        asked = polkit.actions()
        seen.add(member)
        if member in READ:
            assert (answer, asked) == (None, []), member
        elif any(member in names for names in GUARDED.values()):
            action = next(action for action, names in GUARDED.items() if member in names)
            assert (answer, asked) == ("NotPermitted", [action]), member
        else:
            assert (answer, asked) == ("NotSupported", []), member
    assert seen >= READ | GUARDED[OPERATE] | GUARDED[MANAGE]


def test_the_actions_are_those_polkit_knows():
    policy = ET.parse(os.path.join(TOP, "dbus", "system", "org.sighej.kiosk.policy"))
    assert {action.get("id") for action in policy.findall("action")} == set(GUARDED)


def test_reading_is_free(kiosk, polkit):
    shown = kiosk.call("GetAll", "(s)", MANAGER, interface=PROPERTIES)[0]
    assert shown["Interests"] == [] and shown["NearbyCount"] == 0
    assert kiosk.call("GetManagedObjects", interface="org.freedesktop.DBus.ObjectManager") == ({},)
    assert any(line[0] == "bluetooth.adapter" for line in kiosk.call("Check", interface=DIAGNOSTICS)[0])
    assert polkit.asked == []


def test_refusals_say_what_to_do(kiosk, polkit):
    name, text = error_of(kiosk.set, "Language", GLib.Variant("s", "da"))
    assert name == "org.sighej.Error.NotPermitted" and "sudo" in text
    name, text = error_of(kiosk.call, "SetInterests", "(as)", ["devops"])
    assert name == "org.sighej.Error.NotSupported" and "this is a kiosk" in text
    assert kiosk.get("Language") == "en"
    assert polkit.actions() == [MANAGE]


def test_polkit_is_asked_about_the_caller(kiosk, polkit):
    polkit.allowed = {MANAGE}
    kiosk.set("Language", GLib.Variant("s", "da"))
    assert kiosk.get("Language") == "da"
    assert polkit.asked == [("system-bus-name", kiosk.connection.get_unique_name(), MANAGE, False)]


def test_a_caller_may_let_polkit_ask_for_a_password(kiosk, polkit):
    kiosk.connection.call_sync(NAME, ROOT, DIAGNOSTICS, "GetCounters", None, None,
                               Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, CALL_MS, None)
    with pytest.raises(GLib.Error):
        kiosk.connection.call_sync(NAME, ROOT, DIAGNOSTICS, "SetLogLevel", GLib.Variant("(s)", ("info",)), None,
                                   Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, CALL_MS, None)
    assert [asked[2:] for asked in polkit.asked] == [(MANAGE, True)]


class Waiting:
    """Calls that polkit has not answered yet."""

    def __init__(self, kiosk, n_calls):
        self.kiosk, self.answers = kiosk, []
        for _ in range(n_calls):
            kiosk.connection.call(NAME, ROOT, DIAGNOSTICS, "SetLogLevel", GLib.Variant("(s)", ("info",)), None, 0,
                                  CALL_MS, None, self.on_answer)

    def on_answer(self, connection, result):
        try:
            connection.call_finish(result)
            self.answers.append("done")
        except GLib.Error as error:
            self.answers.append(error.message.removeprefix("GDBus.Error:org.sighej.Error.").partition(":")[0])


def test_so_many_wait_for_polkit_and_no_more(kiosk, polkit):
    polkit.keep, polkit.allowed = True, {MANAGE}
    calls = Waiting(kiosk, WARDEN_ASKS_MAX + 3)
    Run.until(lambda: len(polkit.waiting) == WARDEN_ASKS_MAX and len(calls.answers) == 3, "the rest is turned away")
    assert calls.answers == ["Failed"] * 3
    assert kiosk.get("State")  # who only reads is not kept waiting
    for action, invocation in polkit.waiting:
        polkit.answer(action, invocation)
    Run.until(lambda: len(calls.answers) == WARDEN_ASKS_MAX + 3, "all are answered")
    assert calls.answers.count("done") == WARDEN_ASKS_MAX


def test_nobody_waits_for_polkit_when_the_kiosk_ends(kiosk, polkit):
    polkit.keep, polkit.allowed = True, {MANAGE}
    calls = Waiting(kiosk, 1)
    Run.until(lambda: polkit.waiting, "polkit is asked")
    kiosk.stop()
    Run.until(lambda: calls.answers, "the call is answered")
    assert calls.answers == ["NotPermitted"]


def test_without_polkit_our_own_user_may(kiosk):
    kiosk.set("Language", GLib.Variant("s", "da"))
    assert kiosk.get("Language") == "da"
    assert kiosk.find("polkit does not say who may do what")


# ---- the beacon


def flags(packet):
    return packet.data[0]


def wait_heard(kiosk, ear):
    wait_state(kiosk, "open", "")
    Run.until(lambda: ear.heard(kiosk.name), "its token is heard")


def test_on_the_air_by_itself(kiosk, ear):
    """Nobody asked it to, and there is no backend."""
    wait_heard(kiosk, ear)
    assert {flags(packet) for packet in ear.heard("kiosk")} == {KIOSK}
    shown = kiosk.call("GetAll", "(s)", MANAGER, interface=PROPERTIES)[0]
    assert (shown["OpenUntil"], shown["Backend"], shown["BackendUri"]) == (0, "offline", "")
    assert shown["OpenSince"] > 0 and shown["Rotating"]


def test_the_realm_is_that_of_its_backend(run, system, ear):
    run.daemon("kiosk", bus=system, kiosk=True, backend="https://sighej.example")
    Run.until(lambda: ear.heard("kiosk"), "the beacon is heard")
    assert ear.heard("kiosk")[0].data[1] == 0x35  # of BLE 3


def test_closed_until_it_is_opened(kiosk, polkit, ear):
    polkit.allowed = {OPERATE}
    wait_heard(kiosk, ear)
    kiosk.call("Close")
    wait_state(kiosk, "off", "user")
    mark = ear.mark()
    name, text = error_of(kiosk.call, "Open", "(u)", 3600)
    assert name == "org.sighej.Error.InvalidDuration" and "without a duration" in text
    assert kiosk.call("Open", "(u)", 0) == (0,)
    wait_state(kiosk, "open", "")
    Run.until(lambda: ear.after(mark, "kiosk"), "it is heard again")
    assert len(ear.tokens("kiosk")) == 2


def test_a_pause_changes_the_token(kiosk, ear):
    wait_heard(kiosk, ear)
    kiosk.call("Pause", "(u)", 0)
    wait_state(kiosk, "paused", "user")
    kiosk.call("Resume")
    wait_state(kiosk, "open", "")
    Run.until(lambda: len(ear.tokens("kiosk")) == 2, "another token is heard")


def test_tokens_follow_each_other_beyond_two_hours(run, clock, system, ear):
    kiosk = run.daemon("kiosk", bus=system, kiosk=True)
    wait_state(kiosk, "open", "")
    for n_tokens in range(1, 13):
        Run.until(lambda n=n_tokens: len(ear.tokens("kiosk")) >= n, f"{n_tokens} tokens are heard")
        clock.advance(900)
    assert kiosk.get("State") == "open"
    assert {flags(packet) for packet in ear.heard("kiosk")} == {KIOSK}


def test_in_the_way_and_gone_again(run, system):
    kiosk = run.daemon("kiosk", bus=system, kiosk=True, radio="none")
    wait_state(kiosk, "waiting", "bluetooth-missing")
    assert kiosk.get("Bluetooth") == "missing"


def test_it_keeps_nothing_of_what_it_hears(kiosk, ear):
    """Nor does it count: who is near a kiosk is nobody's business."""
    wait_state(kiosk, "open", "")
    before = kiosk.counters()["payload.accepted"]
    Run.until(lambda: ear.say(encode(service_data(0, flags=OPEN))) or kiosk.counters()["payload.accepted"] > before + 10,
              "it hears somebody")
    assert kiosk.get("NearbyCount") == 0
    assert not any(name.startswith(("sightings.", "link.", "meets.")) for name in kiosk.counters())


def test_a_person_meets_no_kiosk(ear, people):
    """A kiosk's token is heard by a person's daemon, and is nobody's."""
    anna = people("anna", "devops")
    anna.call("Open", "(u)", 600)
    wait_heard(anna, ear)
    realm = ear.heard("anna")[0].data[1]
    token = bytes.fromhex("00" * 9 + "01")
    before = anna.counters()["payload.accepted"]
    Run.until(lambda: ear.say(encode(service_data(realm, token, flags=KIOSK)))
              or anna.counters()["payload.accepted"] > before + 10, "anna hears the kiosk")
    assert anna.get("NearbyCount") == 0


def test_wiped_it_is_as_on_its_first_day(kiosk, polkit):
    polkit.allowed = {MANAGE}
    kiosk.set("QuietHours", GLib.Variant("as", ["02:00-03:00"]))
    kiosk.call("Wipe")
    wait_state(kiosk, "off", "user")
    assert kiosk.get("QuietHours") == []


# ---- sighejctl --system


@pytest.fixture
def ctl(build, system):
    def run_it(*words):
        done = subprocess.run([os.path.join(build, "client/cli/sighejctl"), "--system", *words], capture_output=True,
                              text=True, timeout=CALL_MS / 1000, check=False, stdin=subprocess.DEVNULL,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "DBUS_SYSTEM_BUS_ADDRESS": system.address})
        return done.returncode, done.stdout, done.stderr
    return run_it


def test_ctl_tells_how_the_kiosk_is(kiosk, ctl):
    wait_state(kiosk, "open", "")
    status, out, err = ctl()
    assert (status, err) == (0, "") and out.splitlines()[0] == "● On the air until it is closed."
    assert "Bluetooth: ready" in out and "Interests" not in out and "Backend" not in out
    assert ctl("is-open")[0] == 0
    status, out, _ = ctl("doctor")
    assert status == 0 and "bluetooth.adapter" in out and "presence.interests" not in out


def test_ctl_closes_and_opens(kiosk, ctl):
    wait_state(kiosk, "open", "")
    assert ctl("close", "--wait")[:2] == (0, "Not open to talk.\n")
    status, out, err = ctl("open", "--wait")
    assert (status, out) == (0, "On the air until it is closed.\n"), err
    status, _, err = ctl("open", "2h")
    assert status == 1 and "without a duration" in err


def test_ctl_is_told_who_may(kiosk, polkit, ctl):
    for words in (("close",), ("pause",), ("backend", "set", "https://sighej.example")):
        status, _, err = ctl(*words)
        assert status == 7 and "\nNext: " in err, err
    assert kiosk.get("State") != "off"


def test_ctl_asks_a_kiosk_for_nothing_personal(kiosk, ctl):
    for words in (("interests", "set", "devops"), ("extend", "10min"), ("code",), ("export",)):
        status, _, err = ctl(*words)
        assert status == 1 and "this is a kiosk" in err and "without --system" in err, (words, err)


OPEN_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy></busconfig>
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else, too")
def test_without_polkit_nobody_else_may(run):
    """T-12: a second user of the machine reads, and changes nothing."""
    folder = run.folder("open-bus")
    os.chmod(run.top, 0o755)
    os.chmod(folder, 0o755)
    config = os.path.join(folder, "bus.conf")
    with open(config, "w", encoding="utf-8") as file:
        file.write(OPEN_BUS.format(path=os.path.join(folder, "socket")))
    system = run.bus("system-bus", options=[f"--config-file={config}"])
    kiosk = run.daemon("kiosk", bus=system, kiosk=True, radio="none")

    def as_nobody(*words):
        return subprocess.run(
            ["setpriv", f"--reuid={NOBODY_UID}", f"--regid={NOBODY_UID}", "--clear-groups", "gdbus", "call",
             f"--address={system.address}", "--dest=org.sighej", "--object-path=/org/sighej", *words],
            capture_output=True, text=True, timeout=CALL_MS / 1000, check=False)

    read = as_nobody(f"--method={PROPERTIES}.Get", MANAGER, "State")
    assert read.returncode == 0, read.stderr
    for words in ([f"--method={MANAGER}.Close"], [f"--method={DIAGNOSTICS}.SetLogLevel", "debug"],
                  [f"--method={PROPERTIES}.Set", MANAGER, "Language", "<'da'>"]):
        refused = as_nobody(*words)
        assert refused.returncode == 1 and "org.sighej.Error.NotPermitted" in refused.stderr, refused.stderr
    assert kiosk.get("Language") == "en"
    kiosk.set("Language", GLib.Variant("s", "da"))  # root may
