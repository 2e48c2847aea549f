# SPDX-License-Identifier: GPL-2.0-or-later
"""Every example of the command line's description, in three locales: what machines read and the exit status are the
same to the byte and as the schema says, what people read is in their language, and colours only where they are wanted.

Not there yet: venue, lobby, room, kiosk, stats and play.
"""
import json
import os
import re

import pytest
from gi.repository import GLib

from backendlib import sanitized
from desk import Desk, checked
from sighejrun import Run

BLOCKED = ("org.sighej.Error.BluetoothBlocked", "Bluetooth is blocked by a switch on this machine; flip the switch or "
           "press the airplane-mode key, then try again")
LINK = "sighej:pair?c=482913075516"
ESCAPE = "\033["

# (exit status, words, what is told to the fake daemon before). JSON and terse are asked for in that order, so what can
# be done once is made again.
NUDGE, MEET = ("AddNudge", "(uass)", 1, ["devops"], "near"), ("AddMeet", "(u)", 1)
EXAMPLES = [
    (0, [], ()),
    (0, ["status"], ()),
    (0, ["open", "90min", "--wait"], ()),
    (0, ["extend", "30min"], ()),
    (0, ["close"], ()),
    (0, ["toggle"], ()),
    (6, ["open"], ("Fail", "(ss)", *BLOCKED)),
    (0, ["open"], ()),
    (0, ["is-open"], ()),
    (0, ["pause", "15min"], ()),
    (3, ["is-open"], ()),
    (0, ["resume"], ()),
    (42, ["inhibit", "--why=Presentation", "--", "sh", "-c", "exit 42"], ()),
    (0, ["interests"], ()),
    (0, ["interests", "set", "devops", "board-games"], ()),
    (0, ["interests", "add", "jazz"], ()),
    (0, ["interests", "remove", "jazz"], ()),
    (0, ["interests", "search", "brætspil"], ()),
    (0, ["nudges"], NUDGE),
    (0, ["wave", "1"], NUDGE),
    (0, ["not-now", "1"], NUDGE),
    (0, ["block", "1"], NUDGE),
    (0, ["report", "1", "--reason=spam"], NUDGE),
    (0, ["wait", "nudge", "--timeout=600"], NUDGE),
    (0, ["meets"], MEET),
    (0, ["spot", "1", "window table"], MEET),
    (0, ["here", "1"], MEET),
    (0, ["say", "1", "I have the red scarf"], MEET),
    (0, ["messages", "1"], MEET),
    (0, ["position", "1", "on"], MEET),
    (0, ["wait", "meet"], MEET),
    (0, ["met", "1"], MEET),
    (0, ["end", "1"], MEET),
    (0, ["code"], ()),
    (0, ["code", "use", LINK], ()),
    (0, ["wait", "open"], ()),
    (0, ["doctor"], ()),
    (0, ["adapter", "hci1"], ()),
    (10, ["adapter", "hci7"], ()),
    (0, ["backend"], ()),
    (0, ["calibrate", "--show"], ()),
    (0, ["appeal", "æ"], ()),
    (2, ["stauts"], ()),
    (0, ["version"], ()),
    (0, ["export"], ()),
    (0, ["wipe", "--yes"], ()),
    (0, ["wait", "closed"], ()),
]
SCRIPT = [["interests", "search", "brætspil", "--terse", "-f", "id,label"], ["status", "--json=short"]]


@pytest.fixture(name="locales", scope="module")
def fixture_locales(build):
    """The variables of each: no locale but C and C.UTF-8 need be installed."""
    folder = os.path.join(build, "po")
    return {"C": {"locale": "C"}, "en": {"LANGUAGE": "en", "SIGHEJ_LOCALE_DIR": folder},
            "da": {"LANGUAGE": "da", "SIGHEJ_LOCALE_DIR": folder}}


def tell(desk, told):
    """A nudge or meet of before is away first."""
    if told and told[0].startswith("Add"):
        for remove, kind in (("RemoveNudge", "nudges"), ("RemoveMeet", "meets")):
            if kind in told[0].lower() + "s" and "1" in desk.good(kind, "-t", "-f", "id").split():
                desk.tell(remove, "(u)", 1)
    if told:
        desk.tell(*told)


def without_time(text):
    """When a code ends is of now."""
    data = json.loads(text)
    data.pop("expires", None)
    return data


def run_all(desk, variables):
    """(words, form, status, what was printed) of each example."""
    answers = []
    for status, words, told in EXAMPLES:
        for form in ("--json=short", "--terse"):
            if words[:1] == ["export"] and form == "--terse":
                continue
            tell(desk, told)
            code, out, err = desk.ctl(form, *words, **variables)
            assert code == status, (words, form, err)
            if form != "--terse" and words[:1] != ["inhibit"]:
                checked(json.loads(out))
                out = without_time(out) if words == ["code"] else out
            elif words == ["code"]:
                out = out.rsplit(":", 1)[0]
            answers.append((words, form, code, out))
    for words in SCRIPT:
        answers.append((words, "", 0, desk.good(*words, **variables)))
    return answers


def test_machines_read_the_same_everywhere(run, locales):
    answers = {}
    for name, variables in locales.items():
        if name != "en" or not sanitized():  # hundreds of programs take their time
            answers[name] = run_all(Desk(run).start(), variables)
    for name in answers:
        for first, other in zip(answers["C"], answers[name]):
            assert first == other, name


def test_people_read_their_language(run, locales):
    """Each example says something, and nothing of it is English in Danish; the state is in the word, not in the colour."""
    desk = Desk(run).start()
    same = []
    for status, words, told in EXAMPLES:
        said = {}
        for name in ("en", "da"):
            tell(desk, told)
            code, out, err = desk.ctl(*words, "--color=never", **locales[name]) if words[:1] != ["inhibit"] \
                else desk.ctl(*words, **locales[name])
            assert code == status, (words, err)
            assert ESCAPE not in out + err
            said[name] = out + err
        assert (said["en"] == "") == (words[:1] in (["is-open"], ["inhibit"])), words
        if said["en"] and said["en"] == said["da"]:
            same.append(words[0])
    # Names, lists of ids, and JSON have no words of ours in them.
    assert set(same) <= {"adapter", "backend", "interests", "export", "version"}


def test_events_are_the_same_everywhere(run, locales):
    lines = {}
    for name, variables in locales.items():
        desk = Desk(run).start()
        follower = desk.follow("watch", "--json", **variables)
        Run.until(lambda one=follower: len(one.text().splitlines()) >= 1, "the snapshot")
        desk.tell("AddNudge", "(uass)", 2, ["jazz"], "around")
        Run.until(lambda one=follower: len(one.text().splitlines()) >= 2, "the nudge")
        lines[name] = follower.text().splitlines()[:2]
        follower.stop()
    for line in lines["C"]:
        checked(json.loads(line))
    assert json.loads(lines["C"][1])["shared"] == ["jazz"]
    assert lines["C"] == lines["en"] == lines["da"]


@pytest.mark.parametrize("more", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "xterm", "option": "--color=never"}])
def test_no_colours_where_none_are_wanted(desk, locales, more):
    """On a terminal; the same words as with them."""
    desk.tell(*NUDGE)
    variables = {**{name: value for name, value in locales["da"].items()}, "TERM": "xterm", **more}
    option = [variables.pop("option")] if "option" in variables else []
    for words in ([], ["nudges"], ["doctor"], ["adapter", "hci7"]):
        plain = desk.on_terminal(*words, *option, **variables)[1]
        coloured = desk.on_terminal(*words, "--color=always", **variables)[1]
        assert ESCAPE not in plain and ESCAPE in coloured, words
        assert re.sub(r"\033\[\d*m", "", coloured) == plain
    assert GLib.utf8_validate(plain.encode())
