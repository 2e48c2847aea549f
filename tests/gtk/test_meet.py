# SPDX-License-Identifier: GPL-2.0-or-later
"""Nudges and meets as a person goes through them: cards, cue, talk, the question after, reports.

One client for all; the daemon does as it is told.
"""
import pytest
from gi.repository import GLib

from client import Client, GtkDesk
from sighejrun import MEET, PROPERTIES, Run

NUDGE_PATH, MEET_PATH = "/org/sighej/nudges/{}", "/org/sighej/meets/1"
CALL_MS = 20000
WAVED = "Waved. You hear if they wave too"
SCARF = "I have the <b>red</b> scarf & a bag"


class Side:
    def __init__(self, session):
        self.desk = GtkDesk(session).start()
        self.client = Client(session)
        self.program, self.display = self.client.program, self.client.display

    def call(self, path, interface, method, signature=None, *arguments):
        parameters = GLib.Variant(signature, arguments) if signature else None
        return self.desk.connection.call_sync("org.sighej", path, interface, method, parameters, None,
                                              0, CALL_MS, None).unpack()

    def of_meet(self, name):
        return self.call(MEET_PATH, PROPERTIES, "Get", "(ss)", MEET, name)[0]

    def wait_meet(self, name, value):
        Run.until(lambda: self.of_meet(name) == value, f"{name} is {value}")

    def said(self):
        return [text for _n, _own, _when, text, _mark in
                self.call(MEET_PATH, MEET, "GetMessages", "(tu)", 0, 200)[0]]

    def open(self):
        self.desk.begin(self.client)
        self.desk.state("open", backend="online", nearby=1)

    def meet(self):
        self.open()
        self.desk.meet()
        self.program.wait_words("Blue Heron", "Colour: blue", "You are “Green Otter”, they are “Red Fox”.")

    def talk(self):
        self.program.click("push-button", "Talk")
        self.program.find("text", "Your message")

    def entry(self):
        return self.program.find("text", "Your message").text()

    def end_meet(self):
        self.desk.end_meet()
        self.program.wait_words("Did you meet?", "The meet with “Blue Heron” is over.")


@pytest.fixture(scope="module")
def side(module_session):
    module_session.set_toolkit(animations=False)
    return Side(module_session)


def sentences(side):
    return [node.name for node in side.program.labels("Someone near also likes")]


def test_a_card_for_each_nudge(side):
    """The newest first; a wave can be taken back."""
    side.open()
    side.desk.nudge(1, ["jazz"])
    side.program.wait_words("Someone near also likes Jazz")
    side.desk.nudge(2, ["board-games", "beer & <i>"], band="around")
    side.program.until(lambda: sentences(side) == ["Someone near also likes Board games and beer & <i>",
                                                   "Someone near also likes Jazz"], "shows both cards")
    side.program.wait_words("Around", "Near")
    side.program.click("push-button", "Wave")
    side.program.wait_words(WAVED)
    assert side.call(NUDGE_PATH.format(2), PROPERTIES, "Get", "(ss)", "org.sighej.Nudge1",
                     "State")[0] == "waved"
    side.program.click("push-button", "Take the wave back")
    side.program.until(lambda: sentences(side) == ["Someone near also likes Jazz"], "shows one card")
    side.desk.people.discard(("RemoveNudge", 2))
    side.program.click("push-button", "Not now")
    side.program.until(lambda: not sentences(side), "shows no card")
    side.desk.people.discard(("RemoveNudge", 1))


def test_finding_each_other(side):
    side.meet()
    side.program.wait_words("What brought you here today?", "Nobody but the two of you can read the talk.")
    side.program.click("push-button", "I'm here")
    side.wait_meet("Here", True)
    side.program.wait_words("You said that you are there.")
    side.desk.put_in(MEET_PATH, "PeerHere", "b", True)
    side.program.wait_words("Both of you are there.")
    side.program.click("check-box", "Show each other where you are")
    side.wait_meet("Sharing", "asked")
    side.desk.put_in(MEET_PATH, "Sharing", "s", "on")
    side.desk.put_in(MEET_PATH, "PeerPlace", "(ss)", ("ne", "in-sight"))
    side.program.wait_words("They are in sight, to the north-east.")
    side.program.click("push-button", "We met")
    side.wait_meet("Confirmed", True)
    side.program.wait_words("You said that you met.")


def test_a_phrase_to_compare(side):
    side.meet()
    side.desk.put_in(MEET_PATH, "Phrase", "s", "apple river stone lamp")
    side.desk.put_in(MEET_PATH, "Trust", "s", "phrase")
    side.program.wait_words("Both screens must show the same words", "apple river stone lamp")


def test_the_talk(side):
    side.meet()
    side.desk.tell("Say", "(us)", 1, SCARF)
    side.program.wait_words(SCARF, "Talk: 1 new")
    assert side.of_meet("Unread") == 1                  # shown is not read yet
    side.program.click("push-button", "Talk: 1 new")
    side.wait_meet("Unread", 0)
    side.display.type("Hej")
    side.display.press("shift+Return")
    side.display.type("two")
    Run.until(lambda: side.entry() == "Hej\ntwo", "it is written")
    side.display.press("Return")
    side.program.wait_words("Hej\ntwo", "delivered")
    assert side.said()[-2:] == [SCARF, "Hej\ntwo"]
    side.desk.tell("Mark", "(uts)", 1, 2, "seen")
    side.program.wait_words("seen")
    side.desk.put_in(MEET_PATH, "PeerTyping", "b", True)
    side.program.wait_words("They are typing…")


def test_what_was_not_sent_stays(side):
    side.meet()
    side.talk()
    side.display.type("lost?")
    Run.until(lambda: side.entry() == "lost?", "it is written")
    side.desk.tell("Fail", "(ss)", "org.sighej.Error.RateLimited", "too fast, try again in 7 s")
    side.display.press("Return")
    side.program.wait_words("Not sent: ")
    assert side.entry() == "lost?"
    side.display.press("Return")
    Run.until(lambda: side.said()[-1:] == ["lost?"], "it is sent at last")
    Run.until(lambda: side.entry() == "", "nothing is left to send")


def test_too_long_is_counted(side):
    side.meet()
    side.talk()
    entry = side.program.find("text", "Your message")
    entry.write("x" * 990)
    side.program.wait_words("10 characters left")
    entry.write("x" * 1003)
    side.program.wait_words("3 characters too many")
    assert not [node for node in side.program.shown("push-button", "Send") if node.usable]


def test_the_question_after(side):
    """No answer has the focus: who types on gives none. Not again is told the daemon."""
    side.meet()
    side.talk()
    side.end_meet()
    side.display.press("Return", "space")
    side.program.click("push-button", "Yes")
    side.program.wait_words("Good that you met")
    side.program.click("push-button", "Not for 30 days")
    Run.until(lambda: side.desk.fake.find(f"^avoid {MEET_PATH} True$"), "the daemon is told")
    side.desk.asked = False
    side.program.wait_words("1 person near is open")


def test_a_report_after_the_end(side):
    side.meet()
    side.end_meet()
    side.program.click("push-button", "Report")
    side.program.until(lambda: any("focused" in node.states for node in
                                   side.program.shown("push-button", "Cancel")), "asks what is wrong")
    side.display.press("Tab", "space")                  # GTK 4.8 gives a check button no action
    side.program.find("text", "What happened, in your own words").write("rude")
    side.program.click("push-button", "Send")
    Run.until(lambda: side.desk.fake.find(rf"^report {MEET_PATH} spam .*'text': 'rude'"),
              "the daemon is told")
    side.program.wait_words("Reported. They are not told.")
    side.program.click("push-button", "No")
    side.desk.asked = False
