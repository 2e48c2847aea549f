# SPDX-License-Identifier: GPL-2.0-or-later
"""Controllers other than the two kinds that every test runs on."""
import pytest
from gi.repository import GLib

import aircheck
import bluez
from stack import Stack

PAYLOAD = bytes(range(13))


def test_an_extended_controller_without_bredr_refuses_31_bytes():
    """The kernel adds three bytes of Flags there, which no legacy PDU can hold."""
    with Stack("test_rig-extended-le", controllers="extended-le") as other:
        refused = bluez.Advertisement(other, other.adapter_path(0), PAYLOAD)
        with pytest.raises(GLib.Error, match="org.bluez.Error.Failed"):
            refused.register()
        refused.forget()
        assert other.trace().on_air_intervals(0) == []


def test_bluez_own_emulator_works_too():
    with Stack("test_rig-btvirt", controllers="btvirt") as other:
        advertisement = bluez.Advertisement(other, other.adapter_path(0), PAYLOAD)
        advertisement.register()
        assert [o.data for o in other.wait_on_air(0)] == [bluez.on_air(PAYLOAD)]
        advertisement.unregister()


def test_a_stack_that_had_the_public_address_on_air_fails_when_it_stops():
    other = Stack("test_rig-public", controllers="legacy")
    other.start()
    try:
        bluez.Advertisement(other, other.adapter_path(0), PAYLOAD[:10], kind="peripheral").register()
        other.wait_on_air(0)
    finally:
        with pytest.raises(aircheck.AirError, match="our UUID from a public address"):
            other.stop()
    assert other not in Stack.unjudged
