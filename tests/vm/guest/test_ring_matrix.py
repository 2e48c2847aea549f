# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole daemon on each kind of stack: opened, heard, rotated, closed."""
import pytest

from people import CONSTANT_DIGITS, TOKEN_MAX_S, People


def expected(stack, privacy):
    """Status word, kind of address."""
    if privacy == "off":
        return "guarded", "nonresolvable"
    return ("private" if stack.kind == "extended" else "linkable"), "resolvable"


@pytest.mark.parametrize("experimental", [False, True], ids=["stock", "experimental"])
@pytest.mark.parametrize("privacy", ["off", "device"])
def test_opened_heard_rotated_closed(stack, privacy, experimental):
    word, kind = expected(stack, privacy)
    stack.restart_bluetoothd(experimental=experimental, main_conf="[General]\nPrivacy=%s\n" % privacy)
    with People(stack) as people:
        people.open()
        before = [people.wait_one(number) for number in (0, 1)]
        for one in people:
            one.wait_property("Privacy", word)
            one.wait_property("NearbyCount", 1)
        people.clock.advance(TOKEN_MAX_S)
        after = [people.wait_another(number, before[number]) for number in (0, 1)]
        for number in (0, 1):
            old, new = before[number], after[number]
            assert (old.address_kind, new.address_kind) == (kind, kind)
            assert new.data[:CONSTANT_DIGITS] == old.data[:CONSTANT_DIGITS]
            assert new.data[CONSTANT_DIGITS:] != old.data[CONSTANT_DIGITS:]
            assert word == "linkable" or new.address != old.address
        for one in people:
            one.call("Close")
        for number in (0, 1):
            people.wait_silent(number, 0)
            assert [o.data for o in people.on_air(number)] == [before[number].data, after[number].data]
