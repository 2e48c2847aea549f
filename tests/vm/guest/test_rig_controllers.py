# SPDX-License-Identifier: GPL-2.0-or-later
"""Controllers other than the two kinds that every test runs on."""
import pytest
from gi.repository import GLib

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
