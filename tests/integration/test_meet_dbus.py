# SPDX-License-Identifier: GPL-2.0-or-later
"""Nudge1 and Meet1 of the real daemon, as dbus/org.sighej.xml documents them: what they refuse."""
import random

import pytest
from gi.repository import GLib

from people import People
from sighejrun import MEET, NUDGE, PROPERTIES, ROOT, Run
from test_daemon_dbus import assert_error, error_of

NUDGE_PATH, MEET_PATH = ROOT + "/nudges/1", ROOT + "/meets/1"
LARGEST = 2**64 - 1
N_RANDOM_CALLS = 300


def of(one, path, interface):
    """Calls of one object: (method, signature, arguments)."""
    return lambda method, signature=None, *arguments: one.call(
        method, signature, *arguments, path=path, interface=interface)


@pytest.fixture(scope="module")
def nudged(module_run):
    """Anna and bo, for all tests here: until one asks for met_up they have only been nudged."""
    people = People(module_run, module_run.backend())
    pair = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    return pair


@pytest.fixture(scope="module")
def met_up(nudged):
    for one in nudged:
        of(one, NUDGE_PATH, NUDGE)("Wave")
    for one in nudged:
        Run.until(lambda o=one: o.call("ListMeets")[0], f"{one.name} has a meet")
        Run.until(lambda o=one: o.get("Trust", MEET_PATH, MEET) == "verified", "it is verified")
    return nudged


def text(value):
    return {"text": GLib.Variant("s", value)}


def messages(*numbers):
    return {"messages": GLib.Variant("at", numbers)}


def test_what_a_nudge_refuses(nudged):
    anna, _ = nudged
    nudge = of(anna, NUDGE_PATH, NUDGE)
    assert_error("Failed", nudge, "Report", "(sa{sv})", "boredom", {})
    assert_error("Failed", nudge, "Report", "(sa{sv})", "spam", messages(1))
    assert_error("Failed", nudge, "Report", "(sa{sv})", "spam", {"text": GLib.Variant("u", 1)})
    assert_error("TextRejected", nudge, "Report", "(sa{sv})", "spam", text("x" * 1001))
    assert_error("TextRejected", nudge, "Report", "(sa{sv})", "spam", text("\033[2J"))
    assert anna.get("State", NUDGE_PATH, NUDGE) == "new"
    assert nudge("Report", "(sa{sv})", "spam", text("æ" * 1000)) == ("",)


def test_every_property_of_a_meet(met_up):
    anna, _ = met_up
    shown = anna.call("GetAll", "(s)", MEET, path=MEET_PATH, interface=PROPERTIES)[0]
    told = {name: shown[name] for name in (
        "Role", "Spot", "Here", "PeerHere", "PeerThere", "Confirmed", "Avoid", "Unread",
        "PeerTyping", "Phrase", "Problem", "Sharing", "PeerPlace", "OwnPlace")}
    assert told == {
        "Role": "nudged", "Spot": "", "Here": told["Here"], "PeerHere": told["PeerHere"],
        "PeerThere": True, "Confirmed": False, "Avoid": False, "Unread": 0, "PeerTyping": False,
        "Phrase": "", "Problem": "", "Sharing": "off", "PeerPlace": ("", ""), "OwnPlace": ""}
    assert len(shown["Spots"]) == len(set(shown["Spots"])) == 8
    for name in shown:
        failed = error_of(anna.set, name, GLib.Variant("s", "x"), MEET_PATH, MEET)[0]
        assert failed.startswith("org.freedesktop.DBus.Error."), name


def test_wrong_calls_of_a_meet_are_refused_by_the_bus(met_up):
    for method, signature, arguments in (
            ("ImHere", "(s)", ["x"]), ("ProposeSpot", None, []), ("SendMessage", "(u)", [1]),
            ("GetMessages", "(uu)", [0, 0]), ("MarkRead", "(s)", ["1"]), ("SetTyping", "(s)", ["yes"]),
            ("SharePosition", None, []), ("Report", "(s)", ["spam"]),
            ("Report", "(sa{ss})", ["spam", {}]), ("Play", "(sa{sv})", ["trivia", {}]),
            ("Wave", None, [])):
        name, _ = error_of(of(met_up[0], MEET_PATH, MEET), method, signature, *arguments)
        assert name in ("org.freedesktop.DBus.Error.InvalidArgs",
                        "org.freedesktop.DBus.Error.UnknownMethod"), method


def test_talk_is_limited(met_up):
    anna, bo = met_up
    meet = of(anna, MEET_PATH, MEET)
    first, = meet("SendMessage", "(s)", "more")
    for number in range(first + 1, first + 8):
        assert meet("SendMessage", "(s)", "more") == (number,)
    name, said = error_of(meet, "SendMessage", "(s)", "too much")
    assert name == "org.sighej.Error.RateLimited" and any(word.isdigit() for word in said.split())
    Run.until(lambda: bo.get("Unread", MEET_PATH, MEET) == 8, "bo has what was allowed")


def test_what_a_meet_refuses(met_up):
    bo, anna = met_up                                   # who has said nothing yet, so none is too much
    meet = of(anna, MEET_PATH, MEET)
    for spot in ("", "the moon", "stairs ", "x" * 100000):
        assert_error("Failed", meet, "ProposeSpot", "(s)", spot)
    for wrong in ("", "x" * 1001, "a\0b".replace("\0", "\x01"), "\x7f", "tab\there", "\u0085"):
        assert_error("TextRejected", meet, "SendMessage", "(s)", wrong)
    first, = meet("SendMessage", "(s)", "æ" * 1000)
    assert meet("SendMessage", "(s)", "two\nlines") == (first + 1,)
    assert_error("Failed", meet, "GetMessages", "(tu)", 0, 201)
    assert meet("GetMessages", "(tu)", LARGEST, 0) == ([],)
    assert [n for n, *_ in meet("GetMessages", "(tu)", 0, 1)[0]] == [1]
    meet("MarkRead", "(t)", LARGEST)
    for reason in ("Capital", "a b", "x" * 41, "æ", "new\nline"):
        assert_error("Failed", meet, "End", "(s)", reason)
    for options, error in ((messages(first + 2), "NotFound"), (messages(LARGEST), "NotFound"),
                           (messages(*[1] * 21), "Failed"), (text("x" * 1001), "TextRejected"),
                           ({"frob": GLib.Variant("s", "")}, "Failed"),
                           ({"messages": GLib.Variant("au", [1])}, "Failed")):
        assert_error(error, meet, "Report", "(sa{sv})", "spam", options)
    assert meet("Report", "(sa{sv})", "spam", {**text("why"), **messages(first, 1, 1)}) == ("",)
    assert bo.get("Problem", MEET_PATH, MEET) == ""


def random_value(chance, kind):
    if kind == "s":
        return chance.choice(["", "x", "æ" * 999, "a\nb", "\x01", "stairs", "trappen", "spam", "\u2028",
                              "\U0001F600", "-" * 41, "\x1b[0m", "sighej:pair?c=" + "9" * 12])
    if kind == "b":
        return chance.random() < 0.5
    if kind in "tu":
        return chance.choice([0, 1, 2, 200, 201, 2**32 - 1] + ([2**63, LARGEST] if kind == "t" else []))
    return chance.choice([{}, text("x"), messages(), messages(0), messages(1, LARGEST),
                          {"text": GLib.Variant("ay", b"x")}, {"": GLib.Variant("s", "")}])


def test_random_calls_harm_nobody(met_up):
    """All but the ends, in any order, with any values: each answered, and both daemons live."""
    chance = random.Random(5)
    methods = [("ProposeSpot", "s"), ("ImHere", ""), ("SendMessage", "s"), ("GetMessages", "tu"),
               ("MarkRead", "t"), ("SetTyping", "b"), ("AvoidInFuture", "b"), ("Report", "so"),
               ("End", "s"), ("SharePosition", "b")]
    ours = ("org.sighej.Error.Failed", "org.sighej.Error.TextRejected", "org.sighej.Error.NotFound",
            "org.sighej.Error.RateLimited", "org.sighej.Error.NotSupported",
            "org.sighej.Error.NotPermitted")
    for _ in range(N_RANDOM_CALLS):
        one = chance.choice(met_up)
        method, kinds = chance.choice(methods)
        values = [random_value(chance, kind) for kind in kinds]
        if method == "End":
            values = ["Not a word"]
        signature = "(" + kinds.replace("o", "a{sv}") + ")" if kinds else None
        try:
            of(one, MEET_PATH, MEET)(method, signature, *values)
        except GLib.Error as error:
            name = error.message.removeprefix("GDBus.Error:").partition(": ")[0]
            assert name in ours, (method, values, error.message)
    for one in met_up:
        assert one.running() and len(one.call("ListMeets")[0]) == 1
