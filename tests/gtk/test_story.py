# SPDX-License-Identifier: GPL-2.0-or-later
"""From the first start to "we met" on one person's screen, clicked through as a screen reader would.

Two real daemons on the simulated radio, the real backend; the other person is driven over D-Bus.
"""
import os

import pytest

from client import Client
from people import People, wait_state
from sighejrun import MEET, NUDGE, Run

MESSAGE, ANSWER = "I have the red scarf", "Then I see you"


class Other:
    """The one who has no screen here."""

    def __init__(self, daemon):
        self.daemon = daemon

    def wave(self):
        (path, _shared), = self.daemon.nudges()
        self.daemon.call("Wave", path=path, interface=NUDGE)

    def meet(self, method, signature=None, *arguments):
        (path, *_rest), = self.daemon.call("ListMeets")[0]
        return self.daemon.call(method, signature, *arguments, path=path, interface=MEET)

    def heard(self):
        return [text for _n, own, _time, text, _mark in self.meet("GetMessages", "(tu)", 0, 0)[0]
                if not own]


@pytest.fixture
def two(run, session):
    """(the daemon on the session's bus, the other)"""
    people = People(run, run.backend())
    here = people("anna", bus=session.bus)
    there = Other(people("bo", "jazz", "devops"))
    return here, there


def snap(client, pictures, name):
    client.display.still(lambda picture: picture.n_colours() > 8).save(
        os.path.join(pictures, f"story-{name}.png"))


def first_run(client, pictures):
    program = client.program
    program.wait_words("Say hi")
    program.click_on("Next")
    program.wait_words("It always ends")
    program.click_on("I agree")
    program.wait_words("What do you like to talk about?")
    client.type_into("Add an interest", "devops")
    program.wait_words("1 of 20")
    snap(client, pictures, "first-run")
    program.click_on("Start")
    program.wait_words("No one near yet")
    client.display.press("ctrl+shift+x")
    program.wait_words("You are not open to talk")


def test_from_first_run_to_met(two, session, pictures):
    here, there = two
    session.set_toolkit(animations=False)
    client = Client(session)
    program = client.program
    first_run(client, pictures)
    assert here.get("Interests") == ["devops"] and here.get("NoticeAccepted")

    program.click_on("Open")
    wait_state(here, "open")
    there.daemon.call("Open", "(u)", 3600)
    program.wait_words("Someone near also likes DevOps")
    snap(client, pictures, "nudge")

    program.click_on("Wave")
    program.wait_words("Waved. You hear if they wave too")
    there.wave()
    program.wait_words("Look for", "Colour:")
    snap(client, pictures, "meet")

    program.click_on("Talk")
    client.type_into("Your message", MESSAGE)
    Run.until(lambda: there.heard() == [MESSAGE], "the other was told")
    there.meet("SendMessage", "(s)", ANSWER)
    program.wait_words(MESSAGE, ANSWER)
    snap(client, pictures, "talk")

    program.click_on("Find each other")
    program.click_on("I'm here")
    there.meet("ImHere")
    program.wait_words("Both of you are there.")
    snap(client, pictures, "here")
    program.click_on("We met")
    there.meet("ConfirmMet")
    program.wait_words("Good that you met")
    snap(client, pictures, "after")
    program.click_on("Gladly")

    client.display.press("ctrl+shift+x")
    wait_state(here, "off")
    program.wait_words("You are not open to talk")
    snap(client, pictures, "off")
