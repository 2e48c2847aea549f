# SPDX-License-Identifier: GPL-2.0-or-later
"""From a nudge to hello, and no further: told with nothing but busctl, then nothing but sighejctl.

The radio is simulated and the two are near, not here, so that their radios do not find by
themselves what a person is to say; two pairs have no radio at all.
"""
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from desk import checked
from people import DWELL_SECONDS, OPEN_SECONDS
from sighejrun import MEET, NUDGE, Process, Run
from test_cli_daemon import Person
from test_story_busctl import XML, Shell, introspect, members_of, wait_nudged

NUDGE_PATH, MEET_PATH = "/org/sighej/nudges/1", "/org/sighej/meets/1"
APART = {"rssi-dbm": -66}
INTERESTS = ["brætspil", "chess", "devops", "hardstyle", "jazz", "knitting", "sailing"]


@pytest.fixture(scope="module")
def couples(module_run):
    """Two for each test, who have opened: an interest of their own, so that nobody else is nudged with them."""
    pairs = [(f"anna{number}", f"bo{number}") for number in range(len(INTERESTS))]
    module_run.set_air(**{f"link_{one}_{other}": APART for pair in pairs for one, other in (pair, pair[::-1])})
    backend = module_run.backend()
    made = [[module_run.daemon(name, backend=backend.uri, dwell_seconds=DWELL_SECONDS, interests=[interest])
             for name in pair] for pair, interest in zip(pairs, INTERESTS)]
    for pair in made:
        for one in pair:
            one.call("Open", "(u)", OPEN_SECONDS)
    return iter(made)


# ---- busctl ----

def nudge(shell, method, *arguments):
    return shell.call(method, *arguments, path=NUDGE_PATH, interface=NUDGE)


def meet(shell, method, *arguments):
    return shell.call(method, *arguments, path=MEET_PATH, interface=MEET)


def shown(shell, name):
    return shell.get(name, path=MEET_PATH, interface=MEET)


def wait_shown(shell, name, value):
    Run.until(lambda: shown(shell, name) == value, f"{shell.name}: {name} is {value}")


def wait_over(shell):
    Run.until(lambda: shell.call("ListMeets") == "a(osst) 0", f"{shell.name}'s meet is over")


@pytest.fixture
def pair(module_run, couples):
    """Both have been nudged."""
    shells = [Shell(module_run, one.name, daemon=one) for one in next(couples)]
    wait_nudged(shells)
    return shells


@pytest.fixture
def waved(pair):
    """Both have waved."""
    for shell in pair:
        nudge(shell, "Wave")
    for shell in pair:
        Run.until(lambda s=shell: s.json("ListMeets")[0], f"{shell.name} has a meet")
        wait_shown(shell, "Trust", 's "verified"')
    return pair


def test_the_story_by_busctl(run, pair):
    anna, bo = pair
    monitor = run.add(Process("gdbus", ["gdbus", "monitor", "--session", "--dest", "org.sighej"],
                              env=bo.env))
    monitor.ends_with = None
    run.until(lambda: monitor.find("is owned by"), "gdbus monitor knows the owner")

    # A wave is nobody's business until there are two.
    nudge(anna, "Wave")
    assert anna.get("State", "Meet", path=NUDGE_PATH, interface=NUDGE) == 's "waved"\no "/"'
    assert bo.get("State", "Meet", path=NUDGE_PATH, interface=NUDGE) == 's "new"\no "/"'
    assert anna.call("ListMeets") == bo.call("ListMeets") == "a(osst) 0"
    nudge(anna, "Wave")
    nudge(bo, "Wave")
    for shell in pair:
        Run.until(lambda s=shell: s.json("ListMeets")[0], f"{shell.name} has a meet")
        assert shell.get("State", "Meet", path=NUDGE_PATH, interface=NUDGE) == \
            f's "mutual"\no "{MEET_PATH}"'
        wait_shown(shell, "Trust", 's "verified"')
    (path, state, cue, expires), = anna.json("ListMeets")[0]
    assert (path, state) == (MEET_PATH, "agreed") and re.fullmatch(r"[A-Z]\S+ [A-Z]\S+.*", cue)
    (*same, own_expires), = bo.json("ListMeets")[0]
    assert same == [path, state, cue] and abs(own_expires - expires) <= 1
    assert shown(anna, "Handle") == shown(bo, "PeerHandle") != shown(bo, "Handle")
    assert shown(anna, "Role") == 's "nudged"' and shown(anna, "Phrase") == 's ""'

    # Where, and who is there.
    assert '"stairs"' in shown(anna, "Spots")
    meet(anna, "ProposeSpot", "s", "stairs")
    wait_shown(bo, "Spot", 's "stairs"')
    wait_shown(bo, "State", 's "finding"')
    meet(bo, "ProposeSpot", "s", "trappen")
    meet(bo, "ImHere")
    wait_shown(anna, "PeerHere", "b true")
    meet(anna, "ImHere")
    for shell in pair:
        wait_shown(shell, "State", 's "here"')

    # Talk.
    assert meet(anna, "SendMessage", "s", "I have the red scarf") == "t 1"
    wait_shown(bo, "Unread", "u 1")
    assert meet(bo, "GetMessages", "tu", "0", "0").endswith(' "I have the red scarf" "delivered"')
    meet(bo, "MarkRead", "t", "1")
    assert shown(bo, "Unread") == "u 0"
    Run.until(lambda: meet(anna, "GetMessages", "tu", "0", "1").endswith('"seen"'), "it is seen")
    meet(anna, "SetTyping", "b", "true")
    wait_shown(bo, "PeerTyping", "b true")
    assert monitor.find(rf"^{MEET_PATH}: org\.sighej\.Meet1\.MessageReceived "
                        r"\(uint64 1, 'I have the red scarf'\)$")

    # Met, and wiped.
    meet(anna, "AvoidInFuture", "b", "true")
    assert shown(anna, "Avoid") == "b true" and shown(bo, "Avoid") == "b false"
    meet(anna, "ConfirmMet")
    assert shown(anna, "Confirmed") == "b true" and shown(bo, "Confirmed") == "b false"
    meet(bo, "ConfirmMet")
    for shell in pair:
        wait_over(shell)
        assert shell.call("ListNudges") == "a(ossast) 0"
        assert "does not exist" in shell.refused("ImHere", path=MEET_PATH, interface=MEET)
    run.until(lambda: monitor.find(rf"InterfacesRemoved.*{MEET_PATH}"), "the object leaves the bus")
    assert re.search(rf"{MEET_PATH}: .*'State': <'met'>", monitor.text())


def test_not_now_by_busctl_is_silence(pair):
    anna, bo = pair
    nudge(anna, "Wave")
    nudge(anna, "NotNow")
    nudge(bo, "Wave")
    assert anna.call("ListNudges") == "a(ossast) 0"
    assert anna.call("ListMeets") == "a(osst) 0"
    assert bo.get("State", path=NUDGE_PATH, interface=NUDGE) == 's "waved"'
    assert bo.call("ListMeets") == "a(osst) 0"


def test_block_and_report_by_busctl(waved):
    anna, bo = waved
    documented = members_of(ElementTree.parse(XML).getroot())
    assert introspect(anna, MEET_PATH)[MEET] == documented[MEET]
    meet(bo, "SendMessage", "s", "give me money")
    wait_shown(anna, "Unread", "u 1")
    assert meet(anna, "Report", "sa{sv}", "spam", "2", "text", "s", "asks for money",
                "messages", "at", "1", "1") == 's ""'
    assert shown(bo, "State") == 's "agreed"'
    meet(anna, "Block")
    for shell in waved:
        wait_over(shell)
        assert shell.call("ListNudges") == "a(ossast) 0"
    # What was over before one could tell it can still be told, until the opening is over.
    assert bo.call("ReportMeet", "osa{sv}", MEET_PATH, "harassment", "1", "text", "s", "rude") == 's ""'
    assert "no such message" in bo.refused("ReportMeet", "osa{sv}", MEET_PATH, "spam",
                                           "1", "messages", "at", "1", "1")
    assert "nobody to report" in bo.refused("ReportMeet", "osa{sv}", MEET_PATH + "0", "spam", "0")
    bo.call("AvoidMeet", "ob", MEET_PATH, "true")
    bo.call("Close")
    assert "no such meet" in bo.refused("AvoidMeet", "ob", MEET_PATH, "true")
    assert "nobody to report" in bo.refused("ReportMeet", "osa{sv}", MEET_PATH, "spam", "0")


def test_block_of_a_nudge_by_busctl(pair):
    anna, bo = pair
    assert nudge(anna, "Report", "sa{sv}", "other", "0") == 's ""'
    nudge(anna, "Block")
    assert anna.call("ListNudges") == "a(ossast) 0"
    nudge(bo, "Wave")
    assert bo.get("State", path=NUDGE_PATH, interface=NUDGE) == 's "waved"'


@pytest.fixture
def deaf(run, backend):
    """Two without Bluetooth, who are open and wait for it."""
    pair = [Shell(run, name, backend, radio="none") for name in ("anna", "bo")]
    for shell in pair:
        shell.call("SetInterests", "as", "1", "jazz")
        shell.call("Open", "u", "0")
    return pair


def test_pairing_code_by_busctl(deaf):
    anna, bo = deaf
    code, link, expires = anna.json("CreatePairCode")
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}", code)
    assert link == "sighej:pair?c=" + code.replace("-", "")
    assert anna.get("State", "Reason") == 's "waiting"\ns "bluetooth-missing"'
    assert "pairing code" in bo.refused("PairByCode", "s", "12")
    wrong = "0000-0000-0000" if code != "0000-0000-0000" else "1111-1111-1111"
    assert bo.refused("PairByCode", "s", wrong)
    path = bo.call("PairByCode", "s", code)
    assert path == f'o "{MEET_PATH}"' == bo.call("PairByCode", "s", link)
    for shell in deaf:
        Run.until(lambda s=shell: s.json("ListMeets")[0], f"{shell.name} has a meet")
        wait_shown(shell, "Trust", 's "phrase"')
    assert shown(anna, "Phrase") == shown(bo, "Phrase") != 's ""'
    assert (shown(anna, "Role"), shown(bo, "Role")) == ('s "creator"', 's "joiner"')
    meet(bo, "SendMessage", "s", "it works")
    wait_shown(anna, "Unread", "u 1")
    for shell in deaf:
        meet(shell, "ConfirmMet")
    for shell in deaf:
        wait_over(shell)


# ---- sighejctl ----

@pytest.fixture
def persons(module_run, build, couples):
    """Both have been nudged."""
    pair = [Person(module_run, build, one.name, daemon=one) for one in next(couples)]
    for person in pair:
        person.good("wait", "nudge", "--timeout=60")
    return pair


@pytest.fixture
def met_up(persons):
    """Both have waved."""
    anna, bo = persons
    waiting = anna.follow("wave", "1", "--wait", "--timeout=60")
    bo.good("wave", "1", "--wait", "--timeout=60")
    assert waiting.wait() == 0
    for person in persons:
        Run.until(lambda p=person: p.json("meets", "1")["trust"] == "verified", "it is verified")
    return persons


def test_the_story_by_sighejctl(run, persons):
    anna, bo = persons
    watch = bo.follow("watch", "--json")
    run.until(lambda: watch.lines, "the snapshot")
    waiting = anna.follow("wave", "1", "--wait", "--timeout=60")
    run.until(lambda: anna.json("nudges")["nudges"][0]["state"] == "waved", "anna waved")
    assert bo.json("nudges")["nudges"][0]["state"] == "new"
    assert bo.good("wave", "1") == "Waved. You hear of it if they wave too.\n"
    assert waiting.wait() == 0
    cue = re.fullmatch("They waved too. Look for “(.+)”[.]", waiting.text()).group(1)
    assert bo.json("wait", "meet", "--timeout=60")["meets"][0]["cue"] == cue
    for person in persons:
        run.until(lambda p=person: p.json("meets", "1")["trust"] == "verified", "it is verified")
        assert person.json("status")["meets"] == 1

    assert anna.good("spot", "1", "stairs") == "Told the other side: stairs.\n"
    run.until(lambda: bo.json("meets", "1")["spot"] == "stairs", "bo reads the spot")
    assert f"Look for “{cue}” at the stairs." in bo.good("meets", "1")
    assert bo.good("here", "1") == "Told the other side that you are there.\n"
    run.until(lambda: anna.json("meets", "1")["peer_here"], "anna reads it")
    anna.good("here", "1")
    run.until(lambda: bo.json("meets", "1")["state"] == "here", "both are there")

    follow = bo.follow("messages", "1", "--follow")
    own = anna.follow("messages", "1", "--follow", "--json")
    assert anna.json("say", "1", "I have the", "red scarf")["n"] == 1
    run.until(lambda: follow.find("they  I have the red scarf"), "bo reads it")
    run.until(lambda: own.find('"n":1,"own":true.*"mark":"seen"'), "anna is told that it is seen")
    assert [checked(json.loads(line))["text"] for _, line in own.lines] == [
        "I have the red scarf"] * len(own.lines)
    bo.good("say", "1", "I see you")
    anna.good("say", "1", "good")
    run.until(lambda: follow.find("they  good"), "bo reads that too")
    assert follow.find("you   I see you")

    anna.good("met", "1", "--not-again")
    bo.good("met", "1")
    assert follow.wait() == 0 and follow.lines[-1][1] == "The meet is over."
    for person in persons:
        run.until(lambda p=person: p.json("meets")["meets"] == p.json("nudges")["nudges"] == [],
                  "everything is wiped")
    run.until(lambda: watch.find('"event":"nudge-gone"'), "the last event")
    events = [checked(json.loads(line)) for _, line in watch.lines]
    names = [event["event"] for event in events if event["event"] not in ("nearby", "state")]
    assert names[0] == "snapshot" and sorted(names[1:3]) == ["meet", "wave"]
    assert names[-2:] == ["meet-gone", "nudge-gone"]
    assert [event["text"] for event in events if event["event"] == "message"] == [
        "I have the red scarf", "good"]
    assert [event["state"] for event in events if event["event"] == "meet-changed"][-1] == "met"


def test_end_by_sighejctl(met_up):
    anna, bo = met_up
    assert anna.json("end", "1") == {"schema": 1, "id": 1, "state": "ended"}
    Run.until(lambda: bo.json("meets")["meets"] == [], "bo's is over too")
    assert anna.ctl("here", "1")[0] == bo.ctl("say", "1", "hello?")[0] == 10


def test_block_and_report_by_sighejctl(met_up):
    anna, bo = met_up
    bo.good("say", "1", "give me money")
    Run.until(lambda: anna.json("meets", "1")["unread"] == 1, "anna has it")
    assert anna.json("report", "1", "--reason=spam", "--message=asks for money", "--attach=1") == {
        "schema": 1, "id": 1, "reason": "spam", "receipt": ""}
    assert anna.ctl("report", "1", "--reason=spam", "--attach=7")[0] == 10
    assert anna.json("block", "1") == {"schema": 1, "id": 1, "state": "blocked"}
    for person in met_up:
        Run.until(lambda p=person: p.json("meets")["meets"] == p.json("nudges")["nudges"] == [],
                  "nothing is left")


def test_pairing_code_by_sighejctl(run, build, backend):
    anna, bo = (Person(run, build, name, backend=backend.uri, radio="none", interests=["jazz"])
                for name in ("anna", "bo"))
    assert anna.ctl("code")[0] == 1                     # not open
    assert anna.ctl("open", "--accept-notice")[0] == 6  # it waits a moment for a radio that wakes up
    bo.daemon.call("Open", "(u)", 0)
    made = anna.json("code")
    waiting = anna.follow("wait", "meet", "--timeout=60")
    assert bo.ctl("code", "use", "nonsense")[0] == 1
    told = bo.good("code", "use", *made["code"].split("-"))
    phrase = re.search("Both screens must show the same words: (.+)\n", told).group(1)
    assert len(phrase.split()) == 4
    assert waiting.wait() == 0
    run.until(lambda: anna.json("meets", "1")["phrase"] == phrase, "anna reads the same")
    assert bo.json("code", "use", made["link"])["phrase"] == phrase
    third = Person(run, build, "cleo", backend=backend.uri, radio="none", interests=["jazz"])
    third.daemon.call("Open", "(u)", 0)
    assert third.ctl("code", "use", made["code"])[0] == 10
    bo.good("end", "1")
    run.until(lambda: anna.json("meets")["meets"] == [], "it is over for both")
