# SPDX-License-Identifier: GPL-2.0-or-later
"""sighejctl against a daemon that does as it is told (fake_daemon.py), on a private bus.

Every example of the command line's pages, each error with its exit status, each form of output
in several locales.
"""
import itertools
import json
import os
import pty
import re
import subprocess
import sys

import pytest
from gi.repository import GLib

from sighejrun import Process

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "../..")
CTL = os.path.join(os.environ.get("SIGHEJ_BUILD", ""), "client/cli/sighejctl")
SCHEMA = json.load(open(os.path.join(TOP, "docs/sighejctl.schema.json"), encoding="utf-8"))
MANUAL = os.path.join(TOP, "docs/sighejctl.1")
RUN_SECONDS = 60
COMMANDS = ["status", "open", "close", "toggle", "is-open", "pause", "resume", "extend",
            "interests", "nudges", "wave", "not-now", "block", "report", "meets", "spot", "here",
            "met", "end", "say", "messages", "position", "code", "watch", "wait", "doctor",
            "adapter", "backend", "calibrate", "version", "help"]


def environment(bus, locale="C.UTF-8", **more):
    return {"PATH": os.environ["PATH"], "DBUS_SESSION_BUS_ADDRESS": bus.address, "LC_ALL": locale,
            "TZ": "UTC", "G_DEBUG": "fatal-warnings", "HOME": "/nonexistent",
            **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")
               if name in os.environ}, **more}


class Desk:
    """A private bus, a fake daemon on it when wanted, and sighejctl."""

    def __init__(self, run):
        self.run, self.bus = run, run.bus()
        self.connection = self.bus.connect()
        self.fake = None

    def start(self):
        self.fake = self.run.add(Process(
            "fake", [sys.executable, os.path.join(HERE, "fake_daemon.py")],
            env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.bus.address}))
        self.fake.ends_with = None
        self.run.until(lambda: self.fake.find("^ready$"), "the fake daemon is ready")
        return self

    def stop(self):
        self.fake.crash()

    def tell(self, method, signature=None, *arguments):
        parameters = GLib.Variant(signature, arguments) if signature else None
        self.connection.call_sync("org.sighej", "/test", "org.sighej.Test1", method, parameters,
                                  None, 0, 20000, None)

    def put(self, name, signature, value):
        self.tell("Put", "(sv)", name, GLib.Variant(signature, value))

    def ctl(self, *arguments, locale="C.UTF-8", **more):
        """(exit status, stdout, stderr)"""
        done = subprocess.run([CTL, *arguments], env=environment(self.bus, locale, **more),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              encoding="utf-8", timeout=RUN_SECONDS, check=False)
        return done.returncode, done.stdout, done.stderr

    def good(self, *arguments, **more):
        status, out, err = self.ctl(*arguments, **more)
        assert (status, err) == (0, "")
        return out

    def json(self, *arguments):
        """The one object, which is the same in every locale and as the schema says."""
        out = self.good(*arguments, "--json=short")
        assert out.count("\n") == 1
        return checked(json.loads(out))

    def follow(self, *arguments):
        process = self.run.add(Process("sighejctl", [CTL, *arguments], env=environment(self.bus)))
        process.ends_with = None
        return process


@pytest.fixture
def away(run):
    """No daemon on the bus, and none to be started."""
    return Desk(run)


@pytest.fixture
def desk(away):
    return away.start()


# ---- the schema ----

TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list}


def fits(value, schema):
    """The few keywords docs/sighejctl.schema.json uses."""
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    if "const" in schema:
        return value == schema["const"]
    if "enum" in schema:
        return value in schema["enum"]
    kind = TYPES[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return False
    if kind is int and value < schema.get("minimum", value):
        return False
    if kind is list:
        return all(fits(item, schema["items"]) for item in value)
    if kind is dict:
        return (all(key in value for key in schema["required"])
                and all(fits(value[key], part) for key, part in schema["properties"].items()
                        if key in value))
    return True


def checked(answer):
    assert fits(answer, SCHEMA), answer
    return answer


def test_schema_refuses_what_is_no_answer():
    for wrong in ({}, {"schema": 1}, {"schema": 2, "open": True}, {"schema": 1, "open": "yes"},
                  {"schema": 1, "event": "nudge", "id": True, "shared": [], "band": "near"}):
        assert not fits(wrong, SCHEMA)


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


# ---- meeting ----

CODE, LINK = "4829-1307-5516", "sighej:pair?c=482913075516"
MEET_PATH = "/org/sighej/meets/1"


def put_in(desk, path, name, signature, value):
    desk.tell("PutIn", "(osv)", path, name, GLib.Variant(signature, value))


@pytest.fixture
def meet(desk):
    """A desk where both have waved."""
    desk.tell("AddMeet", "(u)", 1)
    return desk


def test_wave(desk):
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    assert desk.good("wave", "1") == "Waved. You hear of it if they wave too.\n"
    assert desk.json("wave", "1") == {"schema": 1, "id": 1, "state": "waved", "meet": 0, "cue": "",
                                      "spot": ""}
    assert desk.json("nudges")["nudges"][0]["state"] == "waved"
    assert desk.ctl("wave", "2")[0] == 10


def test_wave_and_wait(desk):
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    status, out, err = desk.ctl("wave", "1", "--wait", "--timeout=1")
    assert (status, out) == (4, "") and "the other side has not yet" in err
    waiting = [desk.follow("wave", "1", "--wait", *more) for more in ([], ["-j"])]
    desk.tell("AddMeet", "(u)", 1)
    put_in(desk, MEET_PATH, "Spot", "s", "window table")
    put_in(desk, "/org/sighej/nudges/1", "State", "s", "mutual")
    put_in(desk, "/org/sighej/nudges/1", "Meet", "o", MEET_PATH)
    assert [process.wait() for process in waiting] == [0, 0]
    assert waiting[0].text() == "They waved too. Look for “Blue Heron” at the window table."
    assert checked(json.loads(waiting[1].text())) == {
        "schema": 1, "id": 1, "state": "mutual", "meet": 1, "cue": "Blue Heron",
        "spot": "window table"}


def test_wave_that_is_waited_for_in_vain(desk):
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    waiting = desk.follow("wave", "1", "--wait")
    desk.run.until(lambda: desk.json("nudges")["nudges"][0]["state"] == "waved", "waved")
    desk.tell("RemoveNudge", "(u)", 1)
    assert waiting.wait() == 10
    assert "nudge 1 is over" in waiting.text()


def test_block_takes_what_the_number_has_become(desk):
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    desk.tell("AddMeet", "(u)", 1)
    assert desk.json("block", "1") == {"schema": 1, "id": 1, "state": "blocked"}
    assert desk.json("meets")["meets"] == []
    assert desk.good("block", "1").startswith("Blocked for 30 days. They are not told;")
    assert desk.json("nudges")["nudges"] == []
    assert desk.ctl("block", "1")[0] == 10


def test_report(desk):
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    assert desk.good("report", "1", "--reason=spam") == (
        "Reported. The other side is not told.\nYour receipt: spam \n"
        "To never meet them again: sighejctl block 1\n")
    desk.tell("AddMeet", "(u)", 1)
    assert desk.json("report", "1", "--reason=danger", "--message", "he followed me",
                     "--attach=2,3", "--attach", "7") == {
        "schema": 1, "id": 1, "reason": "danger", "receipt": "danger he followed me 2 3 7"}
    assert "did you mean '--reason=spam'?" in desk.ctl("report", "1", "--reason=spamm")[2]


def test_meets(meet):
    assert meet.good("meets") == (
        "ID  CUE         SPOT  BAND  EXPIRES  STATE\n"
        "1   Blue Heron  -     near  0 s      agreed\n")
    assert meet.good("meets", "-t", "-f", "id,cue,band,state,trust") == (
        "1:Blue Heron:near:agreed:verified\n")
    assert meet.good("meets", "1") == (
        "Look for “Blue Heron”. (agreed, 0 s left)\n"
        "  You are “Green Otter”, they are “Red Fox”.\n"
        "  Nobody but the two of you can read the talk.\n")
    assert meet.good("meets", "1", locale="C").startswith('Look for "Blue Heron".')
    assert meet.json("meets")["meets"] == [
        {name: value for name, value in meet.json("meets", "1").items() if name != "schema"}]
    assert "  Meet 1 (agreed): Look for “Blue Heron”.\n" in meet.good("status")
    assert meet.json("status")["meets"] == 1
    assert meet.ctl("meets", "2")[0] == 10


def test_meet_in_sentences(meet):
    for name, kind, value, sentence in (
            ("PeerThere", "b", False, "Their machine is not connected right now."),
            ("PeerHere", "b", True, "They say they are there."),
            ("Here", "b", True, "Both of you are there."),
            ("PeerHere", "b", False, "You said that you are there."),
            ("Confirmed", "b", True, "You said that you met."),
            ("Trust", "s", "unknown", "The other side's key is not checked yet."),
            ("Trust", "s", "phrase", "Both screens must show the same words: "),
            ("Phrase", "s", "apple river stone lamp", "same words: apple river stone lamp"),
            ("PeerPlace", "(ss)", ("nw", "in-sight"), "They are in sight, to the north-west."),
            ("PeerPlace", "(ss)", ("", "beside"), "They are right beside you."),
            ("OwnPlace", "s", "se in-sight", "Of you they see: se in-sight."),
            ("Unread", "u", 3, "New messages: 3. 'sighejctl messages 1'")):
        put_in(meet, MEET_PATH, name, kind, value)
        assert f"  {sentence}" in meet.good("meets", "1") or sentence in meet.good("meets", "1"), name
        checked(meet.json("meets", "1"))
    put_in(meet, MEET_PATH, "Problem", "s", "The other side's key is not the one heard here.")
    put_in(meet, MEET_PATH, "Trust", "s", "broken")
    assert ("Nothing is shown of the talk: The other side's key is not the one heard here.\n"
            in meet.good("meets", "1"))


def test_who_follows_a_broken_talk_is_told(meet):
    follows = [meet.follow("messages", "1", "--follow"), meet.follow("watch")]
    meet.run.until(lambda: follows[1].lines, "the snapshot")
    meet.tell("Say", "(us)", 1, "hello")
    for process in follows:
        meet.run.until(lambda p=process: p.find("hello"), "the message")
    put_in(meet, MEET_PATH, "Problem", "s", "Somebody stands between you.")
    meet.good("end", "1")
    assert follows[0].wait() == 0
    assert [line for _, line in follows[0].lines][-2:] == ["Somebody stands between you.",
                                                           "The meet is over."]
    meet.run.until(lambda: follows[1].find("Meet 1: Somebody stands between you"), "watch says so")


def test_spot(meet):
    assert meet.good("spot", "1") == "entrance\ncounter\nwindow table\nstairs\n"
    assert meet.good("spot", "1", "Window", "table") == "Told the other side: window table.\n"
    assert meet.json("spot", "1", "sta") == {"schema": 1, "spot": "stairs", "named": True}
    assert meet.good("spot", "1", "vinduesbord") == "Told the other side: vinduesbord.\n"
    assert meet.json("spot", "1")["spots"][2] == {"spot": "window table", "named": True}
    assert "did you mean 'entrance'?" in meet.ctl("spot", "1", "entrence")[2]
    status, out, err = meet.ctl("spot", "1", "moon")
    assert (status, out) == (1, "") and "Next: 'sighejctl spot 1' lists them." in err
    assert meet.ctl("spot", "2", "stairs")[0] == 10


def test_here_and_met(meet):
    assert meet.good("here", "1") == "Told the other side that you are there.\n"
    assert meet.good("met", "1") == "Noted. When they say so too, everything about it is wiped.\n"
    put_in(meet, MEET_PATH, "PeerHere", "b", True)
    assert meet.good("here", "1") == "Both of you are there. Look up and say hello.\n"
    assert meet.json("met", "1", "--not-again") == {"schema": 1, "id": 1, "state": "met"}
    assert meet.json("meets")["meets"] == []
    assert meet.ctl("met", "1")[0] == 10


def test_not_again_is_said_before_the_end(meet):
    watch = meet.follow("watch", "--json")
    meet.run.until(lambda: watch.lines, "the snapshot")
    assert meet.good("end", "1", "--not-again") == (
        "Ended for both. They learn that it ended, not why.\n")
    meet.run.until(lambda: watch.find('"event":"meet-gone"'), "it is over")
    changes = [json.loads(line) for _, line in watch.lines if "meet-changed" in line]
    assert [(change["state"], change["not_again"]) for change in changes] == [
        ("agreed", True), ("ended", True)]


def test_talk(meet):
    assert meet.good("messages", "1") == "Nothing was said yet. 'sighejctl say 1 TEXT'\n"
    assert meet.good("say", "1", "I have the", "red scarf") == (
        "Said. 'sighejctl messages 1' shows when it is read.\n")
    meet.tell("Say", "(us)", 1, "I see you\n  4  00:03  you   \033[2Jforged")
    assert meet.json("meets", "1")["unread"] == 1
    assert meet.good("messages", "1") == (
        "  1  00:01  you   I have the red scarf  (delivered)\n"
        "  2  00:02  they  I see you\n"
        "                    4  00:03  you   ?[2Jforged\n")
    assert meet.json("meets", "1")["unread"] == 0
    assert meet.json("messages", "1")["messages"] == [
        {"n": 1, "own": True, "time": 1795219260, "text": "I have the red scarf",
         "mark": "delivered"},
        {"n": 2, "own": False, "time": 1795219320,
         "text": "I see you\n  4  00:03  you   \033[2Jforged", "mark": "seen"}]
    assert meet.good("-t", "say", "1", "--", "-x") == "1:3\n"
    assert meet.good("messages", "1", "-t", "-f", "n,text").splitlines()[2] == "3:-x"
    status, out, err = meet.ctl("say", "1", "x" * 1001)
    assert (status, out) == (1, "") and "Next: say 1 to 1,000 characters" in err
    assert meet.ctl("say", "2", "hi")[0] == meet.ctl("messages", "2")[0] == 10


def test_long_talk_comes_in_pages(meet):
    for number in range(1, 402):
        meet.tell("Say", "(us)", 1, str(number))
    assert meet.good("messages", "1", "-t", "-f", "n,text") == "".join(
        f"{number}:{number}\n" for number in range(1, 402))


def test_talk_is_followed_until_the_meet_is_over(meet):
    meet.tell("Say", "(us)", 1, "hello")
    follows = [meet.follow("messages", "1", "--follow", *form) for form in ([], ["-j"], ["-t"])]
    for process in follows:
        meet.run.until(lambda p=process: p.find("hello"), "the first")
    meet.tell("Say", "(us)", 1, "are you there?")
    meet.good("say", "1", "yes")
    meet.tell("Say", "(us)", 1, "good")
    for process in follows:
        meet.run.until(lambda p=process: p.find("good"), "the last")
    meet.good("end", "1")
    assert [process.wait() for process in follows] == [0, 0, 0]
    assert [line for _, line in follows[0].lines] == [
        "  1  00:02  they  hello", "  2  00:02  they  are you there?",
        "  3  00:01  you   yes  (delivered)", "  4  00:02  they  good", "The meet is over."]
    assert [checked(json.loads(line))["n"] for _, line in follows[1].lines] == [1, 2, 3, 4]
    assert [line.split(":")[0] for _, line in follows[2].lines] == ["1", "2", "3", "4"]


def test_position(meet):
    assert meet.good("position", "1", "on") == (
        "They see where you are once they want to show it too.\n")
    assert meet.json("position", "1", "off") == {"schema": 1, "id": 1, "sharing": "off"}
    assert meet.ctl("position", "2", "on")[0] == 10


def test_code(desk):
    assert re.fullmatch(rf"{CODE}  \(valid [45] min\)  {re.escape(LINK)}\n", desk.good("code"))
    made = desk.json("code")
    assert (made["code"], made["link"]) == (CODE, LINK) and made["expires"] > 1795219200
    for written in (["482913075516"], [CODE], ["4829", "1307", "5516"], [LINK]):
        assert desk.json("code", "use", *written)["id"] == 7
    assert desk.good("code", "use", CODE) == (
        "You are paired: meet 7. Look for “Blue Heron”.\n"
        "Both screens must show the same words: apple river stone lamp\n"
        "If they do not, somebody stands between: sighejctl end 7\n")
    assert desk.ctl("code", "use", "000000000000")[0] == 10


def test_code_waits_for_the_words(desk):
    desk.tell("AddMeet", "(u)", 7)
    put_in(desk, "/org/sighej/meets/7", "Trust", "s", "unknown")
    status, _, err = desk.ctl("code", "use", CODE, "--timeout=1")
    assert status == 4 and "no words to compare yet" in err
    using = desk.follow("code", "use", CODE)
    put_in(desk, "/org/sighej/meets/7", "Phrase", "s", "one two three four")
    put_in(desk, "/org/sighej/meets/7", "Trust", "s", "phrase")
    assert using.wait() == 0 and "same words: one two three four" in using.text()


def test_wait_for_a_meet(desk):
    assert desk.ctl("wait", "meet", "--timeout=1")[0] == 4
    waiting = desk.follow("wait", "meet", "-t", "-f", "id,cue")
    desk.tell("AddMeet", "(u)", 1)
    assert waiting.wait() == 0 and waiting.text() == "1:Blue Heron"


def test_watch_tells_of_meets(desk):
    watch = desk.follow("watch", "--json")
    people = desk.follow("watch")
    for process in (watch, people):
        desk.run.until(lambda p=process: p.lines, "the snapshot")
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    desk.good("wave", "1")
    desk.good("wave", "1")
    desk.tell("AddMeet", "(u)", 1)
    desk.good("here", "1")
    desk.tell("Say", "(us)", 1, "hello\nyou")
    desk.good("end", "1")
    desk.tell("RemoveNudge", "(u)", 1)
    for process, last in ((watch, '"nudge-gone"'), (people, "Nudge 1 is gone")):
        desk.run.until(lambda p=process, l=last: p.find(l), "the last")
    events = [checked(json.loads(line)) for _, line in watch.lines]
    assert [event["event"] for event in events] == [
        "snapshot", "nudge", "wave", "meet", "meet-changed", "meet-changed", "message",
        "meet-changed", "meet-changed", "meet-gone", "nudge-gone"]
    assert (events[3]["state"], events[3]["cue"]) == ("agreed", "Blue Heron")
    assert [events[i]["state"] for i in (5, 8)] == ["finding", "ended"]
    assert (events[6]["id"], events[6]["n"], events[6]["text"]) == (1, 1, "hello\nyou")
    text = "\n".join(line[10:] for _, line in people.lines)
    for sentence in ("Nudge 1: you waved.", "Meet 1: Look for “Blue Heron”.",
                     "Meet 1: they say: hello\nyou", "Meet 1: It ended.", "Meet 1 is over."):
        assert sentence in text, text


def test_errors_of_a_meet_have_their_exit_status(desk):
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    desk.tell("AddMeet", "(u)", 1)
    names = itertools.cycle(("RateLimited", "TextRejected", "Gone", "NotPermitted", "Offline"))
    for arguments in (["wave", "1"], ["not-now", "1"], ["block", "1"], ["here", "1"], ["met", "1"],
                      ["report", "1", "--reason=spam"], ["spot", "1", "stairs"], ["end", "1"],
                      ["say", "1", "hi"], ["messages", "1"], ["position", "1", "on"], ["code"],
                      ["code", "use", CODE]):
        name = next(names)
        desk.tell("Fail", "(ss)", "org.sighej.Error." + name, "it went wrong")
        status, out, err = desk.ctl(*arguments, "-j")
        assert status == ERRORS[name], (arguments, name)
        assert checked(json.loads(out))["error"]["name"] == "org.sighej.Error." + name
        assert err.startswith("sighejctl: it went wrong.\n")
        desk.tell("Fail", "(ss)", "org.freedesktop.DBus.Error.UnknownMethod", "no such object")
        assert desk.ctl(*arguments)[0] == (1 if arguments[0] == "code" else 10), arguments


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


# ---- failing ----

ERRORS = {
    "BluetoothMissing": 6, "BluetoothOff": 6, "BluetoothBlocked": 6, "BluetoothUnsupported": 6,
    "BluetoothDenied": 6, "NotPermitted": 7, "Inhibited": 7, "Offline": 8, "Refused": 8, "RateLimited": 9,
    "NotFound": 10, "Expired": 10, "Gone": 10, "NotOpen": 1, "InvalidInterest": 1,
    "InvalidDuration": 1, "TextRejected": 1, "NotSupported": 1, "Failed": 1,
}


def test_each_error_has_its_exit_status(desk):
    for name, status in ERRORS.items():
        desk.tell("Fail", "(ss)", "org.sighej.Error." + name, "it went wrong")
        code, out, err = desk.ctl("open", "--json=short")
        assert code == status, name
        error = checked(json.loads(out))["error"]
        assert error["name"] == "org.sighej.Error." + name
        assert error["message"] == "it went wrong"
        lines = err.splitlines()
        assert lines[0] == "sighejctl: it went wrong."
        assert lines[1:] == ([f"Next: {error['hint']}."] if error["hint"] else [])


def test_foreign_errors(desk):
    for name, status in (("org.freedesktop.DBus.Error.AccessDenied", 7),
                         ("org.freedesktop.DBus.Error.NoReply", 5),
                         ("org.example.Strange", 1)):
        desk.tell("Fail", "(ss)", name, "it went wrong")
        assert desk.ctl("doctor")[0] == status


def test_no_answer_times_out(desk):
    desk.tell("Hang")
    assert desk.ctl("doctor", "--timeout=1")[0] == 4


def test_daemon_that_is_away_is_off(away):
    assert away.good("status") == "○ Not open to talk.\n"
    assert away.json("status")["state"] == "off"
    assert away.ctl("is-open") == (3, "", "")
    assert away.good("close", "--wait") == "Not open to talk.\n"
    assert away.good("nudges") == "No nudges.\n"
    assert away.good("meets") == "No meets.\n"
    assert away.good("wait", "closed") == "Not open to talk.\n"
    assert away.json("version")["daemon"] == ""
    for arguments, status in ((["open"], 5), (["toggle"], 5), (["doctor"], 5), (["interests"], 5),
                              (["adapter"], 5), (["backend"], 5), (["calibrate"], 5), (["pause"], 1), (["resume"], 1),
                              (["extend", "5min"], 1), (["not-now", "1"], 10), (["wave", "1"], 10),
                              (["block", "1"], 10), (["here", "1"], 10), (["meets", "1"], 10),
                              (["report", "1", "--reason=spam"], 10), (["say", "1", "hi"], 10),
                              (["code"], 5)):
        code, out, err = away.ctl(*arguments)
        assert (code, out) == (status, ""), arguments
        assert re.fullmatch(r"sighejctl: [^\n]+\.\nNext: [^\n]+\.\n", err), err


@pytest.fixture
def activatable(run, tmp_path, monkeypatch):
    """A bus that starts the daemon when it is called; made with the program it starts."""
    services = tmp_path / "dbus-1/services"
    services.mkdir(parents=True)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    def make(program):
        (services / "org.sighej.service").write_text(
            f"[D-BUS Service]\nName=org.sighej\nExec={program}\n", encoding="utf-8")
        return Desk(run)

    return make


def test_only_what_needs_the_daemon_starts_it(activatable):
    desk = activatable(f"{sys.executable} {os.path.join(HERE, 'fake_daemon.py')}")
    assert desk.good("status") == "○ Not open to talk.\n"
    assert desk.good("close") == "Not open to talk.\n"
    assert desk.json("version")["daemon"] == ""
    assert desk.good("open") == "Open to talk until 02:00.\n"
    assert desk.json("version")["daemon"] == "0.4.1"


def test_daemon_that_cannot_be_started_is_unreachable(activatable):
    desk = activatable("/bin/false")
    assert desk.ctl("status")[0] == 0
    status, _, err = desk.ctl("open")
    assert status == 5
    assert re.fullmatch(r"sighejctl: the daemon is not reachable: .+\.\nNext: .+\.\n", err), err


def test_system_bus(desk):
    status, out, _ = desk.ctl("--system", "version", "-t",
                              DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent",
                              DBUS_SYSTEM_BUS_ADDRESS=desk.bus.address)
    assert status == 0 and out.endswith(":0.4.1:1\n")


def test_no_bus_is_no_daemon(away):
    assert away.ctl("status", DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")[0] == 5
    assert away.ctl("--system", "status",
                    DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")[0] == 5


@pytest.mark.parametrize("arguments", [
    ["stauts"], ["join", "1"], ["--frobnicate"], ["open", "5x"], ["open", "1h", "2h"], ["extend"],
    ["interests", "set"], ["interests", "search"], ["interests", "frob"], ["not-now", "x"],
    ["not-now", "0"], ["wait", "love"], ["backend", "set"], ["status", "--wait"],
    ["status", "--accept-notice"], ["--json=xml"], ["--color=pink"], ["--timeout=-1"],
    ["--timeout=x"], ["-t", "-j"], ["-f", "state"], ["-t", "-f", "frob"], ["--user", "--system"],
    ["help", "frob"], ["status", "--show"], ["open", "--seconds=60"], ["close", "--set=1"],
    ["calibrate", "--seconds=9"], ["calibrate", "--seconds=301"], ["calibrate", "--set=loud"],
    ["calibrate", "--set=1", "--show"], ["calibrate", "--reset", "--show"],
    ["calibrate", "--transmit", "--reset"], ["calibrate", "--show", "--seconds=60"],
    ["calibrate", "now"], ["wave"], ["wave", "x"], ["wave", "1", "2"], ["block", "-1"], ["meets", "0"],
    ["report", "1"], ["report", "1", "--reason=spma"], ["report", "1", "--reason=boredom"],
    ["report", "1", "--reason=spam", "--attach=1,x"], ["report", "1", "--reason=spam", "--attach="],
    ["report", "1", "--reason=spam", "--attach=" + ",".join(["1"] * 65)],
    ["block", "1", "--reason=spam"], ["say", "1"], ["here"], ["met", "1", "--wait"],
    ["say", "1", "x", "--follow"], ["end", "1", "2"], ["position", "1"], ["position", "1", "maybe"],
    ["code", "make"], ["code", "use"], ["here", "1", "--not-again"], ["messages", "99999999999"]])
def test_wrong_usage(desk, arguments):
    code, out, err = desk.ctl(*arguments)
    assert (code, out) == (2, "")
    assert re.fullmatch(r"sighejctl: [^\n]+\.\nNext: [^\n]+[.?]\n", err), err


def test_suggests_a_command(desk):
    assert "did you mean 'sighejctl status'?" in desk.ctl("stauts")[2]


def test_full_disk_is_told(desk):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([CTL, "status"], env=environment(desk.bus), stdout=full,
                              stderr=subprocess.PIPE, timeout=RUN_SECONDS, check=False)
    assert done.returncode == 1


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


def on_terminal(desk, answer, question=b"[y/N]"):
    """Runs `sighejctl open` on a terminal and types the answer to its question."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(CTL, [CTL, "open"], environment(desk.bus, TERM="dumb"))
    shown = b""
    try:
        while question not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, answer)
        while True:
            shown += os.read(terminal, 4096)
    except OSError:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_notice_on_a_terminal(desk):
    desk.put("NoticeAccepted", "b", False)
    assert on_terminal(desk, b"no\n")[0] == 1
    assert on_terminal(desk, b"\x04")[0] == 1
    assert desk.ctl("is-open")[0] == 3
    status, shown = on_terminal(desk, b"y\n")
    assert status == 0 and "Open to talk until 02:00." in shown
    assert desk.ctl("is-open")[0] == 0


def test_backend_is_asked_for_on_a_terminal(desk):
    desk.put("BackendUri", "s", "")
    assert on_terminal(desk, b"\n", b"empty to stop):")[0] == 8
    status, shown = on_terminal(desk, b"https://other.example\n", b"empty to stop):")
    assert status == 0 and "Open to talk until 02:00." in shown
    assert desk.json("backend")["uri"] == "https://other.example"


def test_open_needs_interests(desk):
    desk.put("Interests", "as", [])
    status, _, err = desk.ctl("open")
    assert status == 1 and "sighejctl interests set" in err


# ---- forms ----

def test_locale_changes_no_machine_output(desk):
    desk.tell("AddNudge", "(uass)", 1, ["brætspil", "a:b"], "near")
    for arguments in (["status"], ["nudges"], ["interests"], ["interests", "search", "bræt"],
                      ["doctor"], ["adapter"], ["backend"], ["calibrate", "--show"], ["version"]):
        for form in ("--json=short", "--json=pretty", "-t", "-j"):
            texts = {desk.good(*arguments, form, locale=locale)
                     for locale in ("C", "C.UTF-8", "da_DK.UTF-8", "POSIX")}
            assert len(texts) == 1
        checked(json.loads(desk.good(*arguments, "-j")))


def test_locale_changes_no_machine_output_of_a_meet(desk):
    desk.tell("AddNudge", "(uass)", 1, ["brætspil", "a:b"], "near")
    desk.tell("AddMeet", "(u)", 2)
    desk.tell("Say", "(us)", 2, "på gensyn:\ni morgen")
    desk.good("messages", "2")                          # from now on they are read
    for arguments in (["wave", "1"], ["report", "2", "--reason=other", "--message=æ", "--attach=1"],
                      ["meets"], ["meets", "2"], ["spot", "2"], ["spot", "2", "counter"],
                      ["here", "2"], ["met", "2"], ["messages", "2"], ["position", "2", "on"],
                      ["position", "2", "off"], ["code", "use", LINK], ["wait", "meet"]):
        for form in ("--json=short", "-t"):
            texts = [desk.good(*arguments, form, locale=locale) for locale in ("C", "da_DK.UTF-8")]
            assert texts[0] == texts[1]
            assert form == "-t" or checked(json.loads(texts[0]))


def test_locale_changes_no_machine_output_of_an_end(desk):
    """What can be done once: done again for each form and locale."""
    for arguments, make in ((["not-now", "1"], ("AddNudge", "(uass)", 1, ["jazz"], "near")),
                            (["block", "1"], ("AddNudge", "(uass)", 1, ["jazz"], "near")),
                            (["block", "1"], ("AddMeet", "(u)", 1)),
                            (["end", "1"], ("AddMeet", "(u)", 1))):
        for form in ("--json=short", "-t"):
            texts = set()
            for locale in ("C", "da_DK.UTF-8"):
                desk.tell(*make)
                texts.add(desk.good(*arguments, form, locale=locale))
            assert len(texts) == 1
    desk.tell("AddMeet", "(u)", 1)
    codes = [desk.json("code") for _ in range(2)]
    assert [code["code"] for code in codes] == [CODE, CODE]
    assert desk.good("code", "-t", "-f", "code,link", locale="da_DK.UTF-8") == (
        CODE + ":" + LINK.replace(":", "\\:") + "\n")
    for number, locale in enumerate(("C", "da_DK.UTF-8"), 1):
        assert desk.good("say", "1", "hej", "-t", locale=locale) == f"1:{number}\n"


def test_colour_only_when_wanted(desk):
    assert "\033[" in desk.good("status", "--color=always")
    for arguments in (["status"], ["status", "--color=never"]):
        assert "\033[" not in desk.good(*arguments, TERM="xterm")
    assert "\033[" in desk.ctl("stauts", "--color=always")[2]


def shown_on_terminal(desk, *arguments, **more):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(CTL, [CTL, *arguments], environment(desk.bus, **more))
    text = b""
    try:
        while True:
            text += os.read(terminal, 4096)
    except OSError:
        os.waitpid(pid, 0)
    return text.decode()


def test_colour_on_a_terminal(desk):
    assert "\033[" in shown_on_terminal(desk, "status", TERM="xterm")
    assert "\033[" not in shown_on_terminal(desk, "status", TERM="dumb")
    assert "\033[" not in shown_on_terminal(desk, "status", TERM="xterm", NO_COLOR="1")


def test_calibrate_shows_progress_on_a_terminal(desk):
    text = shown_on_terminal(desk, "calibrate", TERM="xterm")
    for line in ("  14 of 60 s, 6 samples (50 are needed)", "  61 of 180 s, 31 samples"):
        assert "\r\033[K" + line in text
    # Each line takes the place of the one before, and at the end none is left.
    assert "\r\033[KTurn this machine a quarter" in text
    assert "\r\033[KThis machine reads" in text
    assert "of 60 s" not in shown_on_terminal(desk, "calibrate", "-j", TERM="xterm")


def test_terminal_codes_of_others_are_harmless(desk):
    desk.tell("AddNudge", "(uass)", 1, ["\033[2Jdevops"], "near")
    assert "\033" not in desk.good("nudges")
    assert "\033" not in desk.good("nudges", "-j")


# ---- help and manual ----

def test_help_knows_every_command(desk):
    text = desk.good("--help")
    listed = re.findall(r"^  ([a-z-]+)(?: \S+)*  +\S", text.split("Commands:")[1].split("\n\n")[0],
                        re.M)
    assert listed == COMMANDS
    assert desk.good("help") == text
    for command in COMMANDS:
        own = desk.good("help", command)
        assert own.startswith(f"Usage: sighejctl [OPTION…] {command}")
        assert desk.good(command, "--help") == own


def test_manual_has_every_command_and_option(desk):
    with open(MANUAL, encoding="utf-8") as file:
        manual = file.read()
    plain = re.sub(r"\\f[RPBI]|\\~|\"", " ", manual).replace("\\-", "-").replace("\\&", "")
    commands = plain.split(".SH COMMANDS")[1].split(".SH OPTIONS")[0]
    options = plain.split(".SH OPTIONS")[1].split(".SH MACHINE")[0]
    for command in COMMANDS:
        assert re.search(rf"^\.B[IR]? {re.escape(command)}\b", commands, re.M), command
    for text in [desk.good("help")] + [desk.good("help", command) for command in COMMANDS]:
        for option in re.findall(r"^ {2,6}(-\w|--[a-z-]+)|, (--[a-z-]+)", text, re.M):
            name = option[0] or option[1]
            assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", options), name
