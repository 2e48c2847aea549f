# SPDX-License-Identifier: GPL-2.0-or-later
"""Where no desktop client is installed the daemon notifies, through whatever server there is."""
import os

import pytest
from gi.repository import GLib

from noticeboard import NoticeBoard
from people import OPEN_SECONDS, wait_state
from sighejrun import NUDGE, ROOT, Run

FIRST_NUDGE = ROOT + "/nudges/1"
NUDGED, OPEN, MET = "Someone near also likes", "Open to talk until", "They waved too"


@pytest.fixture
def board(run):
    """Anna's, on the bus her daemon will be on."""
    run.anna_bus = run.bus("anna-bus")
    return NoticeBoard(run.anna_bus)


@pytest.fixture
def anna(run, people, board):
    return people("anna", "devops", "jazz", bus=run.anna_bus)


@pytest.fixture
def bo(people):
    return people("bo", "DevOps", "chess")


def wait(board, beginning):
    return Run.until(lambda: board.titled(beginning), f"“{beginning}” is up")


def wait_gone(board, beginning):
    Run.until(lambda: not board.titled(beginning), f"“{beginning}” is withdrawn")


def nudge_state(one):
    return one.get("State", path=FIRST_NUDGE, interface=NUDGE)


def test_a_nudge_is_told_once_and_answered(people, board, anna, bo):
    people.open()
    notice = wait(board, NUDGED)
    assert notice.title == "Someone near also likes DevOps"
    assert notice.buttons == {"wave": "Wave", "not-now": "Not now"}
    assert anna.get("Announced", path=FIRST_NUDGE, interface=NUDGE) is True

    board.press(notice, "wave")
    Run.until(lambda: nudge_state(anna) == "waved", "the wave is with the backend")
    bo.call("Wave", path=FIRST_NUDGE, interface=NUDGE)
    assert wait(board, MET).body.startswith("Look for ")
    assert board.n_told(NUDGED) == 1

    meet = bo.call("ListMeets")[0][0][0]
    bo.call("SendMessage", "(s)", "<b>Hi</b> & hello", path=meet, interface="org.sighej.Meet1")
    Run.until(lambda: any("&lt;b&gt;Hi&lt;/b&gt; &amp; hello" == notice.body
                          for notice in board.up.values()), "what was said is up, and is no markup")
    anna.call("Close")
    Run.until(lambda: not board.up, "all is withdrawn")


def test_not_now_and_close_on_buttons(people, board, anna, bo):
    people.open()
    board.press(wait(board, NUDGED), "not-now")
    Run.until(lambda: not anna.call("ListNudges")[0], "it is put away")
    lasting = wait(board, OPEN)
    assert lasting.hints["urgency"] == 0 and lasting.hints["resident"] is True
    board.press(lasting, "close")
    wait_state(anna, "off", "user")
    Run.until(lambda: not board.up, "nothing is up")


def test_a_nudge_that_ends_is_withdrawn(people, board, anna, bo):
    people.open()
    wait(board, NUDGED)
    anna.call("NotNow", path=FIRST_NUDGE, interface=NUDGE)
    wait_gone(board, NUDGED)
    assert board.titled(OPEN)


def test_the_server_is_started_anew(people, run, board, anna, bo):
    """What was up is up again, on the new one; what ended meanwhile is not."""
    people.open()
    wait(board, NUDGED)
    board.go()
    again = NoticeBoard(run.anna_bus)
    wait(again, OPEN)
    again.press(wait(again, NUDGED), "not-now")
    Run.until(lambda: not anna.call("ListNudges")[0], "its buttons work")
    again.go()
    third = NoticeBoard(run.anna_bus)
    wait(third, OPEN)
    assert third.sent == [third.titled(OPEN).title]


def test_a_server_that_comes_late(people, run, bo):
    bus = run.bus("anna-bus")
    anna = people("anna", "devops", bus=bus)
    people.open()
    people.wait_nudges(some=(anna,))
    board = NoticeBoard(bus, capabilities=("body",))
    notice = wait(board, NUDGED)
    assert notice.buttons == {}
    assert notice.body.endswith("\nsighejctl wave 1 · sighejctl not-now 1")
    assert wait(board, OPEN).timeout_ms == 0, "what keeps nothing is asked to let it stand"


def test_do_not_disturb_keeps_it_back(people, board, anna, bo):
    board.inhibit(True)
    people.open()
    people.wait_nudges(some=(anna,))
    wait(board, OPEN)
    anna.set("NotifyNearby", GLib.Variant("b", True))
    assert board.sent == [board.titled(OPEN).title]
    assert anna.get("Announced", path=FIRST_NUDGE, interface=NUDGE) is False
    board.inhibit(False)
    wait(board, NUDGED)
    wait(board, "1 person near is open")


def test_what_a_person_puts_away_does_not_come_back(run, people, board):
    anna = people("anna", "jazz", bus=run.anna_bus,
                  env={"LC_ALL": "C.UTF-8", "LANGUAGE": "da",
                       "SIGHEJ_LOCALE_DIR": os.path.join(run.build, "po")})
    people.open()
    notice = wait(board, "Åben for en snak til kl. ")
    assert notice.buttons == {"close": "Luk"}
    board.dismiss(notice)
    Run.until(lambda: not board.up, "it is put away")
    anna.call("Pause", "(u)", 0)
    anna.call("Resume")
    anna.call("Close")
    anna.call("Open", "(u)", OPEN_SECONDS)
    wait(board, "Åben for en snak til kl. ")
    assert len(board.sent) == 2, board.sent


def test_time_is_up(run, clock):
    bus = run.bus("anna-bus")
    board = NoticeBoard(bus)
    anna = run.daemon("anna", bus=bus, interests=["jazz"], backend="http://127.0.0.1:1")
    anna.call("Open", "(u)", 300)
    Run.until(board.lasting, "what lasts is up")
    clock.advance(301)
    notice = wait(board, "Time is up")
    Run.until(lambda: not board.lasting(), "what lasts is withdrawn")
    board.press(notice, "open")
    Run.until(board.lasting, "what lasts is up again")
    assert anna.get("State") != "off"
