# SPDX-License-Identifier: GPL-2.0-or-later
"""sighejctl: being open to talk, the machine and the daemon, as desk.py shows them.

Every example of the command line's pages; those of meets are in test_cli_meet.py, the forms of
output and what goes wrong in test_cli_forms.py.
"""
import json
import os
import re

from gi.repository import GLib

from desk import TOP, checked


# ---- the examples ----

def test_status_for_people(desk):
    desk.good("open")
    desk.put("NearbyCount", "u", 2)
    desk.put("OpenUntil", "t", int(GLib.get_real_time() / 1e6) + 72 * 60)
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    lines = desk.good().splitlines()
    assert re.fullmatch(r"● Open to talk until \d\d:\d\d \(1 h 12 min left\)", lines[0])
    assert lines[1:] == ["  Near you: 2 open, 1 nudge       Interests: DevOps, Brætspil",
                         "  Bluetooth: ready (hci0)         Backend: online",
                         "  Privacy: private (your address changes with each token)"]
    assert desk.good("status") == "\n".join(lines) + "\n"


def test_status_as_json(desk):
    desk.good("open")
    desk.put("NearbyCount", "u", 2)
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    assert desk.good("status", "--json=short") == (
        '{"schema":1,"state":"open","reason":"","open_until":1795226400,"nearby":2,"nudges":1,'
        '"bluetooth":"ready","backend":"online","privacy":"private","meets":0}\n')
    assert desk.good("--json=pretty") == desk.good("status", "--json=pretty")
    assert json.loads(desk.good("--json=pretty")) == desk.json()


def test_open_and_wait(desk):
    assert desk.good("open", "90min", "--wait") == "Open to talk until 01:30.\n"
    assert desk.good("extend", "30min") == "Open to talk until 02:00.\n"
    assert desk.ctl("is-open") == (0, "", "")
    assert desk.good("close", "--wait") == "Not open to talk.\n"
    assert desk.ctl("is-open") == (3, "", "")
    assert desk.good("toggle") == "Open to talk until 02:00.\n"
    assert desk.good("toggle") == "Not open to talk.\n"


def test_open_answers_json(desk):
    assert desk.json("open") == {"schema": 1, "state": "open", "reason": "",
                                 "open_until": 1795226400, "paused_until": 0}
    assert desk.json("pause", "15min")["paused_until"] == 1795220100
    assert desk.json("close")["state"] == "off"


def test_pause(desk):
    desk.good("open")
    assert desk.good("pause", "15min") == "Paused until 00:15. Nobody sees you.\n"
    assert desk.good("pause") == "Paused. Nobody sees you.\n"
    assert desk.good("resume") == "Open to talk until 02:00.\n"


def test_status_says_what_the_machine_does(desk):
    desk.put("State", "s", "paused")
    for reason, sentence in (("locked", "the screen is locked"),
                             ("suspended", "the machine is going to sleep"),
                             ("inhibited", "another program asks for silence")):
        desk.put("Reason", "s", reason)
        assert f"Paused: {sentence}. Nobody sees you." in desk.good("status")
    desk.put("Inhibitors", "a(ss)", [("Impress", "Presentation"), ("Jitsi", "")])
    assert "Paused: Impress asks for silence (Presentation). Nobody" in desk.good("status")
    desk.put("Inhibitors", "a(ss)", [("Jitsi", "")])
    assert "Paused: Jitsi asks for silence. Nobody sees you." in desk.good("status")
    desk.put("State", "s", "off")
    desk.put("Reason", "s", "locked")
    assert "Not open to talk: the screen was locked." in desk.good("status")


def test_blocked_bluetooth(desk):
    desk.tell("Fail", "(ss)", "org.sighej.Error.BluetoothBlocked",
              "Bluetooth is blocked by a switch on this machine; flip the switch or press the "
              "airplane-mode key, then try again")
    assert desk.ctl("open") == (6, "", (
        "sighejctl: Bluetooth is blocked by a switch on this machine.\n"
        "Next: flip the switch or press the airplane-mode key, then try again.\n"))


def test_open_that_waits_says_why_and_fails(desk):
    fake_open = {"State": ("s", "waiting"), "OpenUntil": ("t", 1795226400)}
    for reason, status in (("bluetooth-off", 6), ("bluetooth-blocked-hard", 6),
                           ("backend-offline", 8), ("rate-limited", 9), ("quiet-hours", 7)):
        desk.tell("Fix", "(a{sv})", {
            "Reason": GLib.Variant("s", reason),
            **{name: GLib.Variant(*value) for name, value in fake_open.items()}})
        code, out, err = desk.ctl("open")
        assert (code, out) == (status, ""), reason
        assert "it opens by itself then" in err
    for reason, status in (("bluetooth-off", 6), ("backend-offline", 4)):
        desk.tell("Fix", "(a{sv})", {"State": GLib.Variant("s", "waiting"),
                                     "Reason": GLib.Variant("s", reason)})
        assert desk.ctl("open", "--wait", "--timeout=3")[0] == status, reason
    for reason in ("locked", "inhibited"):
        desk.tell("Fix", "(a{sv})", {"State": GLib.Variant("s", "paused"),
                                     "Reason": GLib.Variant("s", reason)})
        code, out, err = desk.ctl("open")
        assert (code, out) == (7, ""), reason
        assert "it opens by itself then" in err
    code, _, err = desk.ctl("open", "--wait", "--timeout=1")
    assert code == 4 and err.startswith("sighejctl: another program asks for silence: ")
    desk.tell("Fix", "(a{sv})", {"State": GLib.Variant("s", "opening")})
    assert desk.ctl("open", "--wait", "--timeout=1")[0] == 4
    assert desk.good("open").startswith("Opening, until ")


def test_open_waits_for_a_radio_that_wakes_up(desk):
    desk.tell("Fix", "(a{sv})", {"State": GLib.Variant("s", "waiting"),
                                 "Reason": GLib.Variant("s", "bluetooth-missing")})
    opening = desk.follow("open", "--wait")
    desk.run.until(lambda: desk.good("-t", "-f", "state") == "waiting\n", "it waits")
    desk.put("Reason", "s", "")
    desk.put("State", "s", "open")
    assert opening.wait() == 0
    assert opening.text() == "Open to talk until 02:00."


def test_interests(desk):
    assert desk.good("interests") == "devops  board-games\n"
    assert desk.good("interests", "search", "brætspil", "--terse", "-f", "id,label") == \
        "board-games:Brætspil\n"
    assert desk.good("interests", "add", "jazz", "Søren Kierkegaard") == \
        "devops  board-games  jazz  Søren Kierkegaard\n"
    assert desk.good("interests", "remove", "Boardgames", "JAZZ") == "devops  Søren Kierkegaard\n"
    assert desk.good("interests", "set", "hardstyle") == "hardstyle\n"
    assert desk.json("interests", "list")["interests"] == [
        {"id": "hardstyle", "label": "Hardstyle", "category": "music"}]
    status, _, err = desk.ctl("interests", "remove", "hardstyle")
    assert status == 1 and "last interest" in err
    assert desk.ctl("interests", "remove", "golf")[0] == 10


def test_nudges(desk):
    assert desk.good("nudges") == "No nudges.\n"
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    assert desk.good("nudges") == (
        "ID  BAND  SHARED  EXPIRES  STATE\n"
        "1   near  devops  0 s      new\n")
    assert desk.json("nudges")["nudges"] == [
        {"id": 1, "band": "near", "shared": ["devops"], "expires": 1795219800, "state": "new"}]
    assert desk.good("nudges", "-t") == "1:near:devops:1795219800:new\n"
    assert desk.json("not-now", "1") == {"schema": 1, "id": 1, "state": "gone"}
    assert desk.good("nudges") == "No nudges.\n"
    assert desk.ctl("not-now", "1")[0] == 10


def test_wait(desk):
    assert desk.ctl("wait", "nudge", "--timeout=1")[0] == 4
    waiting = desk.follow("wait", "nudge", "--timeout=60")
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    assert waiting.wait() == 0 and "devops" in waiting.text()
    assert desk.good("wait", "closed") == "Not open to talk.\n"
    waiting = desk.follow("wait", "open")
    desk.good("open")
    assert waiting.wait() == 0


def test_doctor(desk):
    assert desk.good("doctor") == (
        "ok       bluetooth.adapter   hci0 can advertise and scan\n"
        "ok       rfkill              not blocked\n"
        "warning  bluetooth.interval  advertising every 1.28 s, a first meeting can take a few "
        "seconds\n"
        "error    backend.websocket   closed by a proxy\n"
        "         next: allow WebSocket upgrades to the backend\n")
    assert [check["status"] for check in desk.json("doctor")["checks"]] == [
        "ok", "ok", "warning", "error"]


def test_adapter(desk):
    assert desk.good("adapter") == "hci0  in use\nhci1\n"
    assert desk.good("adapter", "hci1") == "hci1\n"
    assert desk.json("adapter", "show") == {"schema": 1, "name": "hci1",
                                            "path": "/org/bluez/hci1", "used": True}
    assert desk.json("adapter", "auto")["used"] is False
    assert desk.ctl("adapter", "hci7")[0] == 10
    assert len(desk.json("adapter", "list")["adapters"]) == 2


def test_backend(desk):
    assert desk.good("backend") == "https://match.example (offline)\n"
    assert desk.json("backend", "set", "https://other.example") == {
        "schema": 1, "uri": "https://other.example", "state": "offline"}
    assert desk.good("backend", "unset") == "No backend is chosen.\n"
    status, _, err = desk.ctl("open")
    assert status == 8 and "sighejctl backend set https://" in err


CALIBRATE = """Put the other machine, open too, 1 m away with nothing between; all others at least 3 m.
Start with the two facing each other.
Turn this machine a quarter to the right.
Turn it another quarter.
Turn it the last quarter.
Only 30 samples so far: going on for up to 180 s in all.
"""


def test_calibrate_receiver(desk):
    assert desk.good("calibrate") == CALIBRATE + (
        "This machine reads 4 dB too little: median -63 dBm of 50 samples, spread 7 dB.\n"
        "That is kept for this adapter and used from now on.\n")
    assert desk.json("calibrate") == {"schema": 1, "what": "receive", "value": 4, "median": -63,
                                      "samples": 50, "spread": 7}


def test_calibrate_transmitter(desk):
    assert desk.good("calibrate", "--transmit", "--seconds=60") == CALIBRATE + (
        "The other machine should say -62 dBm: median -63 dBm of 50 samples, spread 7 dB.\n"
        "Next, on the other machine: sighejctl calibrate --transmit --set=-62\n")
    assert desk.good("calibrate", "--transmit", "-t", "-f", "value,median") == "-62:-63\n"


def test_calibrate_shows_sets_and_resets(desk):
    assert desk.good("calibrate", "--show") == (
        "Sends as  -59 dBm (default)\nReceives  +4 dB (measured on 2026-11-21)\n")
    assert desk.json("calibrate", "--transmit", "--set=-62")["calibration"] == [
        {"what": "transmit", "value": -62, "origin": "set", "changed": 1795219200},
        {"what": "receive", "value": 4, "origin": "measured", "changed": 1795219200}]
    assert desk.good("calibrate", "--set", "-3").endswith("-3 dB (set on 2026-11-21)\n")
    assert desk.good("calibrate", "--reset") == (
        "Sends as  -59 dBm (default)\nReceives  +0 dB (configured)\n")
    assert desk.good("calibrate", "--show", "-t") == (
        "transmit:-59:default:0\nreceive:0:configured:0\n")


def test_calibrate_that_fails(desk):
    for name, message, status in (
            ("NotOpen", "a calibration needs both machines to be open", 1),
            ("Failed", "only 23 samples of the other machine came; try again for longer", 1),
            ("BluetoothMissing", "there is no Bluetooth adapter to calibrate", 6)):
        desk.tell("Fail", "(ss)", "org.sighej.Error." + name, message)
        code, out, err = desk.ctl("calibrate")
        assert (code, out) == (status, CALIBRATE.splitlines(keepends=True)[0]), name
        assert err.startswith("sighejctl: " + message.partition(";")[0] + ".\nNext: "), err
        desk.tell("Fail", "(ss)", "org.sighej.Error." + name, message)
        code, out, _ = desk.ctl("calibrate", "-j")
        assert code == status and checked(json.loads(out))["error"]["name"].endswith(name)


def test_version(desk):
    with open(os.path.join(TOP, "meson.build"), encoding="utf-8") as file:
        version = re.search(r"version: '([^']+)'", file.read()).group(1)
    assert desk.good("version", "--json=short") == (
        f'{{"schema":1,"client":"{version}","daemon":"0.4.1","api":1}}\n')
    assert desk.good("--version") == f"sighejctl {version}\n"


# ---- following ----

def test_watch(desk):
    desk.good("open")
    desk.put("NearbyCount", "u", 2)
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    watch = desk.follow("watch", "--json")
    desk.run.until(lambda: watch.lines, "the snapshot")
    assert watch.lines[0][1] == (
        '{"schema":1,"event":"snapshot","state":"open","nearby":2,"nudges":[1],"meets":[]}')

    def event(pattern):
        desk.run.until(lambda: watch.find(pattern), pattern)

    desk.tell("AddNudge", "(uass)", 2, ["jazz"], "around")
    event(r'^{"schema":1,"event":"nudge","id":2,"shared":\["jazz"\],"band":"around"}$')
    desk.tell("RemoveNudge", "(u)", 2)
    event('^{"schema":1,"event":"nudge-gone","id":2}$')
    desk.put("NearbyCount", "u", 3)
    event('^{"schema":1,"event":"nearby","nearby":3}$')
    desk.good("pause")
    event('"event":"state","state":"paused","reason":"user"')
    desk.stop()
    event('"event":"daemon-gone","state":"off"')
    desk.start()
    event('"event":"daemon-back"')
    event('"event":"snapshot","state":"off"')
    desk.good("open")
    event('"event":"state","state":"open"')
    for _, line in watch.lines:
        checked(json.loads(line))


def test_watch_ends_with_the_bus(desk):
    watch = desk.follow("watch")
    desk.run.until(lambda: watch.lines, "the snapshot")
    desk.bus.crash()
    assert watch.wait() == 5


# ---- the notice ----

def test_notice_without_a_terminal(desk):
    desk.put("NoticeAccepted", "b", False)
    status, out, err = desk.ctl("open")
    assert (status, out) == (1, "")
    for part in ("keyed hashes", "2 hours", "sensitive", "18", "https://match.example/privacy",
                 "https://match.example/terms", "--accept-notice"):
        assert part in err
    assert desk.ctl("is-open")[0] == 3
    status, out, err = desk.ctl("open", "--accept-notice")
    assert (status, out) == (0, "Open to talk until 02:00.\n") and "sensitive" in err
    assert desk.ctl("open") == (0, "Open to talk until 02:00.\n", "")


def answered(desk, question, answer):
    return desk.on_terminal("open", question=question, answer=answer, TERM="dumb")


def test_notice_on_a_terminal(desk):
    desk.put("NoticeAccepted", "b", False)
    assert answered(desk, b"[y/N]", b"no\n")[0] == 1
    assert answered(desk, b"[y/N]", b"\x04")[0] == 1
    assert desk.ctl("is-open")[0] == 3
    status, shown = answered(desk, b"[y/N]", b"y\n")
    assert status == 0 and "Open to talk until 02:00." in shown
    assert desk.ctl("is-open")[0] == 0


def test_backend_is_asked_for_on_a_terminal(desk):
    desk.put("BackendUri", "s", "")
    assert answered(desk, b"empty to stop):", b"\n")[0] == 8
    status, shown = answered(desk, b"empty to stop):", b"https://other.example\n")
    assert status == 0 and "Open to talk until 02:00." in shown
    assert desk.json("backend")["uri"] == "https://other.example"


def test_open_needs_interests(desk):
    desk.put("Interests", "as", [])
    status, _, err = desk.ctl("open")
    assert status == 1 and "sighejctl interests set" in err
