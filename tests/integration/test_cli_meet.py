# SPDX-License-Identifier: GPL-2.0-or-later
"""sighejctl: wave, meet, talk and refuse, as desk.py shows them; every example of its pages."""
import itertools
import json
import os
import re

import pytest

from desk import ERRORS, SCHEMA, TOP, checked

UNHEARD = "The other side's key is not the one heard here: somebody may stand between you."

CODE, LINK = "4829-1307-5516", "sighej:pair?c=482913075516"
MEET_PATH = "/org/sighej/meets/1"


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
    assert (status, out) == (4, "")
    assert err == ("sighejctl: waved, and the other side has not yet.\n"
                   "Next: the wave stays, 'sighejctl wait meet' goes on waiting.\n")
    desk.put_in("/org/sighej/nudges/1", "State", "s", "new")
    waiting = desk.follow("wave", "1", "--wait")
    desk.run.until(lambda: desk.json("nudges")["nudges"][0]["state"] == "waved", "it has waved")
    desk.tell("AddMeet", "(u)", 1)
    desk.put_in(MEET_PATH, "Spot", "s", "window table")
    desk.put_in("/org/sighej/nudges/1", "State", "s", "mutual")
    desk.put_in("/org/sighej/nudges/1", "Meet", "o", MEET_PATH)
    assert waiting.wait() == 0
    assert waiting.text() == "They waved too. Look for “Blue Heron” at the window table."
    # Waved again, it is what it has become, waited for or not.
    assert desk.good("wave", "1") == waiting.text() + "\n"
    for more in ([], ["--wait"]):
        assert desk.json("wave", "1", *more) == {
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


def test_appeal(desk):
    said = ("The operators have it. You are not told what they decide; if there was a report, and "
            "they undo it, nudges come again.\n")
    for arguments, typed, text in ((["it", "was a", "bet"], "", "it was a bet"),
                                   ([], "a bet\namong friends\n\n", "a bet\namong friends"),
                                   ([], "æ" * 3000, "æ" * 3000)):
        assert desk.good("appeal", *arguments, typed=typed) == said
        desk.run.until(lambda: desk.fake.find(re.escape(f"appeal {text!r}")), "it arrived")
    assert desk.json("appeal", "no") == {"schema": 1, "state": "written"}
    assert desk.good("appeal", "no", "-t") == "written\n"
    status, shown = desk.on_terminal("appeal", question=b"(end with Ctrl+D)", answer=b"why\n\x04")
    assert status == 0 and "What should the operators know?" in shown
    assert "in UTF-8" in desk.ctl("appeal", typed="æ" * 4095 + "x" + "æ")[2], "cut within a letter"


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
            ("PeerTyping", "b", True, "They are typing."),
            ("Sharing", "s", "asked", "You want to show each other where you are. They are not told; ask them."),
            ("Sharing", "s", "on", "You show each other where you are, once it is known."),
            ("Spot", "s", "outside", "Look for “Blue Heron” outside."),
            ("Trust", "s", "unknown", "The other side's key is not checked yet."),
            ("Trust", "s", "phrase", "Both screens must show the same words: "),
            ("Phrase", "s", "apple river stone lamp", "same words: apple river stone lamp"),
            ("PeerPlace", "(ss)", ("nw", "in-sight"), "They are in sight, to the north-west."),
            ("PeerPlace", "(ss)", ("", "beside"), "They are right beside you."),
            ("OwnPlace", "s", "se in-sight", "Of you they see: se in-sight."),
            ("Unread", "u", 3, "New messages: 3. 'sighejctl messages 1'")):
        meet.put_in(MEET_PATH, name, kind, value)
        assert f"  {sentence}" in meet.good("meets", "1") or sentence in meet.good("meets", "1"), name
        checked(meet.json("meets", "1"))
    meet.put_in(MEET_PATH, "Problem", "s", "key-unheard")
    meet.put_in(MEET_PATH, "Trust", "s", "broken")
    for sentence in ("Nothing is shown of the talk.", UNHEARD):
        assert f"  {sentence}\n" in meet.good("meets", "1")


def test_who_follows_a_broken_talk_is_told(meet):
    follows = [meet.follow("messages", "1", "--follow"), meet.follow("watch")]
    meet.run.until(lambda: follows[1].lines, "the snapshot")
    meet.tell("Say", "(us)", 1, "hello")
    for process in follows:
        meet.run.until(lambda p=process: p.find("hello"), "the message")
    meet.put_in(MEET_PATH, "Problem", "s", "key-unheard")
    meet.good("end", "1")
    assert follows[0].wait() == 0
    assert [line for _, line in follows[0].lines][-2:] == [UNHEARD, "The meet is over."]
    meet.run.until(lambda: follows[1].find("Meet 1: " + UNHEARD), "watch says so")


def test_every_problem_has_its_sentence(meet):
    """The words of the API, of the schema and those that sighejctl explains are the same."""
    with open(os.path.join(TOP, "dbus/org.sighej.xml"), encoding="utf-8") as file:
        documented = re.search(r"\n +Problem: (.*?)-->", file.read(), re.S)[1]
    words = [word for word in SCHEMA["$defs"]["meet"]["properties"]["problem"]["enum"] if word]
    assert sorted(re.findall(r"\b[a-z]+-[a-z]+\b", documented)) == sorted(words)
    for word in words:
        meet.put_in(MEET_PATH, "Problem", "s", word)
        said = meet.good("meets", "1").splitlines()[-1].strip()
        assert said.endswith(".") and word not in said, word
        assert meet.json("meets", "1")["problem"] == word


def test_watch_says_of_a_meet_only_what_is_new(meet):
    watch = meet.follow("watch")
    meet.run.until(lambda: watch.lines, "the snapshot")
    for name, value, sentence in (
            ("PeerHere", True, "They say they are there."), ("Band", "here", None),
            ("PeerTyping", True, "They are typing."), ("Unread", 1, None),
            ("Spot", "stairs", "Look for “Blue Heron” at the stairs."),
            ("Sharing", "on", "You show each other where you are, once it is known."),
            ("Problem", "location-missing", "They are not shown where you are: this machine has no location "
             "service. Install the package geoclue-2.0."),
            ("PeerThere", False, "Their machine is not connected right now.")):
        meet.put_in(MEET_PATH, name, {bool: "b", int: "u", str: "s"}[type(value)], value)
        if sentence:
            meet.run.until(lambda s=sentence: watch.find(re.escape("Meet 1: " + s)), sentence)
    meet.good("end", "1")
    meet.run.until(lambda: watch.find("Meet 1 is over"), "the end")
    lines = [line.split("  ", 1)[1] for _, line in watch.lines]
    assert len(lines) == len(set(lines)) and lines[-2:] == ["Meet 1: It ended.", "Meet 1 is over."]


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
    meet.put_in(MEET_PATH, "PeerHere", "b", True)
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
    for process in follows:
        meet.run.until(lambda p=process: p.find("yes"), "what this person said elsewhere")
    meet.tell("Mark", "(uts)", 1, 3, "seen")
    for process in follows:
        meet.run.until(lambda p=process: p.find("3.*seen"), "it has been read")
    meet.tell("Mark", "(uts)", 1, 3, "seen")
    meet.tell("Say", "(us)", 1, "good")
    for process in follows:
        meet.run.until(lambda p=process: p.find("good"), "the last")
    meet.good("end", "1")
    assert [process.wait() for process in follows] == [0, 0, 0]
    assert [line for _, line in follows[0].lines] == [
        "  1  00:02  they  hello", "  2  00:02  they  are you there?",
        "  3  00:01  you   yes  (delivered)", "  3  00:01  you     (seen)", "  4  00:02  they  good",
        "The meet is over."]
    records = [checked(json.loads(line)) for _, line in follows[1].lines]
    assert [(record["n"], record["mark"]) for record in records if record["own"]] == [
        (3, "delivered"), (3, "seen")]
    for lines in ([str(record["n"]) for record in records],
                  [line.split(":")[0] for _, line in follows[2].lines]):
        assert lines == ["1", "2", "3", "3", "4"]


def test_position(meet):
    assert meet.good("position", "1", "on") == (
        "They see where you are once they say the same. They are not told; ask them.\n")
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
    status, _, err = desk.ctl("code", "use", "000000000000")
    assert status == 10 and "Next: ask for a new one: 'sighejctl code' makes it.\n" in err


def test_code_waits_for_the_words(desk):
    desk.tell("AddMeet", "(u)", 7)
    desk.put_in("/org/sighej/meets/7", "Trust", "s", "unknown")
    status, _, err = desk.ctl("code", "use", CODE, "--timeout=1")
    assert status == 4 and "no words to compare yet" in err
    using = desk.follow("code", "use", CODE)
    desk.put_in("/org/sighej/meets/7", "Phrase", "s", "one two three four")
    desk.put_in("/org/sighej/meets/7", "Trust", "s", "phrase")
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
                      ["say", "1", "hi"], ["messages", "1"], ["position", "1", "on"], ["code"], ["appeal", "no"],
                      ["code", "use", CODE]):
        name = next(names)
        desk.tell("Fail", "(ss)", "org.sighej.Error." + name, "it went wrong")
        status, out, err = desk.ctl(*arguments, "-j")
        assert status == ERRORS[name], (arguments, name)
        assert checked(json.loads(out))["error"]["name"] == "org.sighej.Error." + name
        assert err.startswith("sighejctl: it went wrong.\n")
        desk.tell("Fail", "(ss)", "org.freedesktop.DBus.Error.UnknownMethod", "no such object")
        assert desk.ctl(*arguments)[0] == (1 if arguments[0] in ("code", "appeal") else 10), arguments
