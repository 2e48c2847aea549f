# SPDX-License-Identifier: GPL-2.0-or-later
"""What an administrator searches the journal for: the events of the catalogue, with their fields."""
import os
import re

import pytest

from people import OPEN_SECONDS, wait_state
from sighejrun import Run

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEADER = os.path.join(TOP, "common/sighej-message-ids.h")
IDS = {name: number for name, number in
       re.findall(r'SIGHEJ_MESSAGE_ID_(\w+) "([0-9a-f]{32})"', open(HEADER, encoding="utf-8").read())}


@pytest.fixture
def events(journal, run):
    """What was told so far, of one kind: (SIGHEJ_STATE, SIGHEJ_REASON) each."""
    run.prefix = journal.prefix

    def told(name):
        return [(entry.get("SIGHEJ_STATE"), entry["SIGHEJ_REASON"])
                for entry in journal.entries(f"MESSAGE_ID={IDS[name]}")]
    return told


def test_open_closed_and_a_lost_backend_are_told_once_each(events, run):
    backend = run.backend(config="[Log]\nLevel=debug\n")
    anna = run.daemon("anna", interests=["devops"], backend=backend.uri)
    assert [events(name) for name in IDS] == [[]] * len(IDS)
    anna.call("Open", "(u)", OPEN_SECONDS)
    wait_state(anna, "open")
    assert events("OPEN") == [("open", "")]
    backend.stop()
    Run.until(lambda: events("BACKEND_LOST"), "the loss is told")
    tries = anna.counters()["link.failures"]
    Run.until(lambda: anna.counters()["link.failures"] > tries, "it was tried again in vain")
    assert events("BACKEND_LOST") == [(None, "backend-offline")]
    anna.call("Close")
    wait_state(anna, "off")
    assert events("CLOSED") == [("off", "user")]
    assert events("BLOCKED") == []


def test_bluetooth_in_the_way_is_told(events, run):
    anna = run.daemon("anna", interests=["devops"], backend="http://127.0.0.1:9", radio="none")
    anna.call("Open", "(u)", OPEN_SECONDS)
    wait_state(anna, "waiting", "bluetooth-missing")
    assert events("BLOCKED") == [("waiting", "bluetooth-missing")]
    assert events("OPEN") == []
