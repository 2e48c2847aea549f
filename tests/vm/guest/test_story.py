# SPDX-License-Identifier: GPL-2.0-or-later
"""The story that must always pass, on the real Bluetooth stack: two people meet.

Anna is on hci0 and Bo on hci1, with the kernel's stack and bluetoothd between their daemons and
two emulated controllers. The HCI trace is the judge of what was on the air.
"""
import time

import pytest

from people import CONSTANT_DIGITS, TOKEN_MAX_S, People


@pytest.fixture
def story(stack):
    with People(stack) as people:
        yield people


def test_both_are_nudged_once_with_what_they_share(story):
    story.open()
    story.wait_nudges()
    for one in story:
        assert one.get("Bluetooth") == "ready"
        assert one.get("Privacy") == "guarded"
        assert one.get("NearbyCount") == 1
        assert one.get("Rotating")
    for one in story:
        one.call("Close")
    for number in (0, 1):
        story.stack.wait_on_air(number, lambda now: not now)
    assert [len(story.nudges(one)) for one in story] == [1, 1]
    story.assert_only_ours()


def test_the_other_side_hears_what_is_on_the_air_and_from_nobody_else(story):
    story.open()
    story.wait_nudges()
    sent = {(o.data, o.address) for o in story.on_air(0)}
    heard = {(r.data, r.address) for r in story.stack.trace().reports(1) if r.time >= story.began}
    assert heard == sent
    assert all(r.address_kind == "nonresolvable" and r.pdu == "ADV_NONCONN_IND"
               for r in story.stack.trace().reports(1) if r.time >= story.began)


def test_token_and_address_change_together_at_rotation(story):
    story.open()
    before = [story.wait_one(number) for number in (0, 1)]
    story.clock.advance(TOKEN_MAX_S)
    for number in (0, 1):
        after = story.wait_another(number, before[number])
        assert after.address != before[number].address
        assert after.data[:CONSTANT_DIGITS] == before[number].data[:CONSTANT_DIGITS]
        assert after.data[CONSTANT_DIGITS:] != before[number].data[CONSTANT_DIGITS:]
    story.assert_only_ours()
    story.wait_nudges()


def test_a_pause_is_silence_and_what_follows_is_another(story):
    story.open()
    before = story.wait_one(0)
    when = time.time()
    story[0].call("Pause", "(u)", 0)
    story.assert_silent_since(when, 0)
    story[0].call("Resume")
    after = story.wait_one(0)
    assert after.address != before.address and after.data != before.data
    story.assert_only_ours()
