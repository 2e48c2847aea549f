# SPDX-License-Identifier: GPL-2.0-or-later
"""The story that must always pass, told with nothing but busctl and gdbus."""
import json
import os
import re
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import pytest

from people import DWELL_SECONDS
from sighejrun import MEET, NAME, NUDGE, ROOT, Process, Run

XML = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../dbus/org.sighej.xml")
MANAGER, DIAGNOSTICS = "org.sighej.Manager1", "org.sighej.Diagnostics1"
COMMAND_SECONDS = 20
NUDGE_SECONDS = 600


def unescaped(text):
    """busctl shows bytes beyond ASCII as \\303\\246."""
    return re.sub(r"(?:\\[0-7]{3})+", lambda match: bytes(
        int(octal, 8) for octal in match[0].split("\\")[1:]).decode(), text)


class Shell:
    """busctl --user on somebody's bus."""

    def __init__(self, run, name, backend=None, daemon=None, **options):
        self.name = name
        self.daemon = daemon or run.daemon(name, backend=backend.uri, dwell_seconds=DWELL_SECONDS, **options)
        self.env = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.daemon.bus.address}

    def run(self, *arguments):
        return subprocess.run(["busctl", "--user", *arguments], env=self.env, text=True,
                              capture_output=True, timeout=COMMAND_SECONDS, check=False)

    def busctl(self, *arguments):
        """What it printed; it must succeed."""
        result = self.run(*arguments)
        assert (result.returncode, result.stderr) == (0, ""), arguments
        return unescaped(result.stdout.strip())

    def call(self, method, *arguments, path=ROOT, interface=MANAGER):
        return self.busctl("call", NAME, path, interface, method, *arguments)

    def json(self, method, *arguments):
        return json.loads(self.busctl("-j", "call", NAME, ROOT, MANAGER, method,
                                      *arguments))["data"]

    def get(self, *names, path=ROOT, interface=MANAGER):
        return self.busctl("get-property", NAME, path, interface, *names)

    def refused(self, method, *arguments, path=ROOT, interface=MANAGER):
        """The sentence with which the call is refused."""
        result = self.run("call", NAME, path, interface, method, *arguments)
        assert result.returncode == 1 and result.stdout == ""
        return result.stderr.strip()

    def wait(self, name, value):
        Run.until(lambda: self.get(name) == value, f"{self.name}: {name} is {value}")


@pytest.fixture
def pair(run, backend):
    return [Shell(run, name, backend) for name in ("anna", "bo")]


@pytest.fixture
def monitors(run, pair):
    """What busctl monitor says of anna, and gdbus monitor of bo."""
    anna, bo = pair
    heard = [
        run.add(Process("busctl monitor", ["busctl", "--user", "monitor", "--json=short", NAME],
                        env=anna.env)),
        run.add(Process("gdbus monitor", ["gdbus", "monitor", "--session", "--dest", NAME],
                        env=bo.env)),
    ]
    for process in heard:
        process.ends_with = None                        # they are stopped by a signal
        run.until(lambda p=process: p.lines, f"{process.name} listens")
    run.until(lambda: heard[1].find("is owned by"), "gdbus monitor knows the owner")
    return heard


def open_both(pair):
    for shell, interests in zip(pair, (["devops", "board-games"], ["brætspil", "jazz"])):
        shell.call("SetInterests", "as", str(len(interests)), *interests)
        kind, until = shell.call("Open", "u", "7200").split()
        assert kind == "t" and abs(int(until) - time.time() - 7200) <= 2
        assert shell.get("State", "OpenUntil").splitlines()[1] == f"t {until}"
    for shell in pair:
        shell.wait("State", 's "open"')


def wait_nudged(pair):
    for shell in pair:
        Run.until(lambda s=shell: s.json("ListNudges")[0], f"{shell.name} is nudged")


def test_two_shells_meet(pair):
    anna, bo = pair
    assert anna.get("State", "Reason") == 's "off"\ns ""'
    open_both(pair)
    wait_nudged(pair)
    for shell, interest in ((anna, "board-games"), (bo, "brætspil")):
        (path, state, band, shared, expires), = shell.json("ListNudges")[0]
        assert path == "/org/sighej/nudges/1"
        assert (state, band, shared) == ("new", "here", [interest])
        assert abs(expires - time.time() - NUDGE_SECONDS) <= 10
        assert shell.get("Message", path=path, interface=NUDGE) == \
            f's "Someone nearby shares your interest in {interest}."'
        assert shell.get("Categories", path=path, interface=NUDGE) == 'as 1 "games"'
    anna.call("NotNow", path="/org/sighej/nudges/1", interface=NUDGE)
    assert anna.call("ListNudges") == "a(ossast) 0"
    assert len(bo.json("ListNudges")[0]) == 1
    for shell in pair:
        shell.call("Close")
        shell.wait("State", 's "off"')
        assert shell.call("ListNudges") == "a(ossast) 0"


def test_the_whole_day_of_a_shell_user(pair):
    anna, _ = pair
    anna.call("SetInterests", "as", "2", "devops", "DevOps")
    assert anna.get("Interests") == 'as 1 "devops"'
    anna.call("Open", "u", "0")
    anna.wait("State", 's "open"')
    kind, until = anna.call("Extend", "u", "600").split()
    assert kind == "t" and abs(int(until) - time.time() - 7800) <= 2
    assert anna.call("Pause", "u", "0") == "t 0"
    anna.wait("State", 's "paused"')
    assert anna.get("Reason") == 's "user"'
    anna.call("Resume")
    anna.wait("State", 's "open"')
    assert anna.call("SearchInterests", "su", "brætsp", "1") == \
        'a(sss) 1 "board-games" "Board games" "games"'
    anna.busctl("set-property", NAME, ROOT, MANAGER, "Language", "s", "da")
    assert anna.call("SearchInterests", "su", "board g", "1") == \
        'a(sss) 1 "board-games" "Brætspil" "games"'
    anna.busctl("set-property", NAME, ROOT, MANAGER, "QuietHours", "as", "1", "22:00-08:00")
    assert anna.get("QuietHours") == 'as 1 "22:00-08:00"'
    checks = anna.call("Check", interface=DIAGNOSTICS)
    assert checks.startswith("a(ssss) ") and '"backend.session" "ok"' in checks
    anna.call("Close")
    assert anna.get("State", "OpenUntil") == 's "off"\nt 0'


def test_signals_as_monitors_show_them(run, pair, monitors):
    by_busctl, by_gdbus = monitors
    open_both(pair)
    wait_nudged(pair)
    for shell in pair:
        shell.call("Close")
        shell.wait("State", 's "off"')
    run.until(lambda: '"Closed"' in by_busctl.text(), "busctl monitor shows the end")
    run.until(lambda: ".Closed (" in by_gdbus.text(), "gdbus monitor shows the end")

    messages = [json.loads(line) for _, line in by_busctl.lines if line.startswith("{")]
    signals = [message for message in messages if message["type"] == "signal"
               and message.get("path", "").startswith(ROOT)]
    nudges = [s["payload"]["data"] for s in signals if s["member"] == "NudgeReceived"]
    assert nudges == [["/org/sighej/nudges/1", ["board-games"]]]
    states = [s["payload"]["data"][1]["State"]["data"] for s in signals
              if s["member"] == "PropertiesChanged" and "State" in s["payload"]["data"][1]]
    assert states[0] == "opening" and states[-1] == "off" and "open" in states
    members = [s["member"] for s in signals]
    assert members.count("InterfacesAdded") == members.count("InterfacesRemoved") == 1
    assert members.index("InterfacesAdded") < members.index("NudgeReceived")
    assert [s["payload"]["data"] for s in signals if s["member"] == "Closed"] == [["user"]]

    lines = by_gdbus.text()
    assert len(re.findall(r"\.Manager1\.NudgeReceived \(", lines)) == 1
    assert re.search(r"^/org/sighej: org\.sighej\.Manager1\.NudgeReceived "
                     r"\(objectpath '/org/sighej/nudges/1', \['brætspil'\]\)$", lines, re.M)
    assert re.search(r"^/org/sighej: org\.freedesktop\.DBus\.Properties\.PropertiesChanged "
                     r"\('org\.sighej\.Manager1', \{.*'State': <'open'>", lines, re.M)
    assert re.search(r"^/org/sighej: org\.sighej\.Manager1\.Closed \('user',?\)$", lines, re.M)


def members_of(root):
    """{interface: {(kind, name): signature}} of an introspection document."""
    found = {}
    for interface in root.findall("interface"):
        members = found.setdefault(interface.get("name"), {})
        for kind in ("method", "signal", "property"):
            for member in interface.findall(kind):
                signature = member.get("type", "") + member.get("access", "")
                for argument in member.findall("arg"):
                    default = "in" if kind == "method" else "out"
                    signature += f"{argument.get('direction', default)}:{argument.get('type')} "
                members[kind, member.get("name")] = signature
    return found


def introspect(shell, path):
    document = shell.busctl("introspect", "--xml-interface", NAME, path)
    return members_of(ElementTree.fromstring(document))


def test_introspection_is_the_document(pair):
    anna, _ = pair
    documented = members_of(ElementTree.parse(XML).getroot())
    assert set(documented) == {MANAGER, NUDGE, MEET, DIAGNOSTICS}
    live = introspect(anna, ROOT)
    assert live[MANAGER] == documented[MANAGER]
    assert live[DIAGNOSTICS] == documented[DIAGNOSTICS]
    assert "org.freedesktop.DBus.ObjectManager" in live
    open_both(pair)
    wait_nudged(pair)
    assert introspect(anna, "/org/sighej/nudges/1")[NUDGE] == documented[NUDGE]
    tree = anna.busctl("tree", "--list", NAME).split()
    assert {"/org/sighej", "/org/sighej/nudges/1"} <= set(tree)


@pytest.mark.parametrize("arguments, sentence", [
    (("Open", "u", "299"), "299 seconds is not between 300 and 14400"),
    (("Open", "u", "4294967295"), "is not between 300 and 14400"),
    (("Open", "u", "600"), "no interest is chosen yet"),
    (("Pause", "u", "0"), "not open"),
    (("Resume",), "not open"),
    (("Extend", "u", "600"), "not open"),
    (("SetInterests", "as", "0"), "interest"),
    (("SetInterests", "as", "1", ""), "interest"),
    (("SetInterests", "as", "1", "x" * 41), "40 characters"),
    (("SetInterests", "as", "21", *(f"thing {n}" for n in range(21))), "20"),
    (("SearchInterests", "su", "a", "0"), "between 1 and 50"),
    (("SearchInterests", "su", "a", "51"), "between 1 and 50"),
])
def test_what_is_wrong_is_said_in_a_sentence(pair, arguments, sentence):
    anna, _ = pair
    said = anna.refused(*arguments)
    assert sentence in said
    assert "\n" not in said
    assert anna.get("State", "Interests") == 's "off"\nas 0'


def test_what_cannot_be_written_is_refused(pair):
    anna, _ = pair
    for name, kind, value in (("State", "s", "open"), ("Language", "s", "xx"),
                              ("BackendUri", "s", "ftp://x"),
                              ("BackendUri", "s", "http://example.org"),
                              ("Adapter", "o", "/org/bluez/hci7"),
                              ("QuietHours", "as", "1 25:00-26:00")):
        before = anna.get(name)
        result = anna.run("set-property", NAME, ROOT, MANAGER, name, kind, *value.split())
        assert result.returncode == 1 and result.stderr, name
        assert anna.get(name) == before
