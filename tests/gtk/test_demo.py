# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/demo --gtk, with a person at the window who presses what is there to press."""
import os
import sys

import pytest

from sighejrun import Process

DEMO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/lib/demo.py")


@pytest.fixture
def demo(session, a11y_address):
    """Its programs look for accessibility where this session has it. GTK's own leaks are none of ours."""
    sanitizer = os.environ.get("ASAN_OPTIONS", "abort_on_error=1") + ":detect_leaks=0"
    return session.run.add(Process("demo", [sys.executable, DEMO, "--build=" + session.build, "--gtk"], env={
        **session.environment, "AT_SPI_BUS_ADDRESS": a11y_address, "ASAN_OPTIONS": sanitizer}))


def press(program, words):
    """The button that says so."""
    label = program.find("label", words)
    next(node for node in label.line() if node.role == "push-button").click()


def test_a_person_meets_the_other_one(session, demo):
    program = session.access.program("sighej")
    for words in ("Next", "I agree", "Start", "Wave"):
        press(program, words)
    program.wait_words("red scarf")
    press(program, "We met")
    press(program, "Gladly")
    program.wait_words("near is open")
    session.display.press("ctrl+q")
    assert demo.wait() == 0
    assert demo.find("bo: is nudged too, and waves")
    assert demo.find("done: the window is closed; met: 1 of 1")
