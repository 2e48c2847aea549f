# SPDX-License-Identifier: GPL-2.0-or-later
"""The window itself: the first run, closing it while open, and the command line of the client."""
import os
import subprocess

import pytest

from client import Client
from sighejrun import Run

OFF, ALONE, STILL = "You are not open to talk", "No one near yet", "does not close the session"
SECONDS = 30


def run_sighej(session, *arguments):
    return subprocess.run([os.path.join(session.build, "client/gtk/sighej"), *arguments], timeout=SECONDS,
                          env=session.environment, capture_output=True, text=True, check=False)


@pytest.fixture
def fresh(session, away):
    """Nobody has used SigHej on this machine."""
    desk = away.start()
    desk.put("NoticeAccepted", "b", False)
    desk.put("Interests", "as", ["jazz"])
    desk.put("BackendUri", "s", "")
    return desk


def test_first_run_agrees_chooses_and_opens(session, fresh):
    client = Client(session)
    program = client.program
    program.wait_words("Say hi")
    program.click("push-button", "Next")
    program.wait_words("What is kept")
    program.click("push-button", "I agree")
    address = program.find_field("Address, such as https://example.org")
    address.write("http://match.example")
    program.wait_words("The address cannot be used: http:// is only for this machine itself")
    assert not fresh.get("NoticeAccepted") and fresh.get("State") == "off"
    address.write("https://match.example")
    program.click("push-button", "Start")
    program.wait_words(ALONE)
    assert fresh.get("NoticeAccepted") and fresh.get("BackendUri") == "https://match.example"


def test_closing_the_window_keeps_the_session(session, desk):
    client = Client(session)
    program = client.program
    program.wait_words(OFF)
    desk.state("open", backend="online")
    program.wait_words(ALONE)
    session.display.press("ctrl+w")
    Run.until(lambda: not program.windows(), "the window is gone")
    assert client.process.running() and desk.get("State") == "open"

    assert run_sighej(session).returncode == 0          # shows the window of the one that runs
    program.wait_words(ALONE, STILL)
    session.display.press("ctrl+shift+x")
    program.wait_words(OFF)
    desk.wait("State", "off")
    session.display.press("ctrl+w")
    Run.until(lambda: not client.process.running(), "nothing is left to stay for")


def test_the_session_can_be_closed_from_a_dialog(session, desk):
    program = Client(session).program
    program.wait_words(OFF)
    desk.state("open", backend="online")
    program.wait_words(ALONE)
    session.display.press("ctrl+comma")
    program.until(lambda: len(program.windows()) == 2, "opens the preferences")
    Run.until(lambda: "Preferences" in session.display.xdotool("getwindowfocus", "getwindowname"),
              "what is typed goes there")
    session.display.press("ctrl+shift+x")
    desk.wait("State", "off")


def test_command_line(session, desk):
    assert run_sighej(session, "--version").stdout.startswith("sighej ")
    assert "--close" in run_sighej(session, "--help").stdout
    client = Client(session, "--open")
    client.program.wait_words(ALONE)
    assert desk.get("State") == "open"
    assert run_sighej(session, "--close").returncode == 0
    client.program.wait_words(OFF)
    assert desk.get("State") == "off"
    assert run_sighej(session, "--nonsense").returncode == 1
