# SPDX-License-Identifier: GPL-2.0-or-later
"""Controllers without BR/EDR: the kernel wants room for Flags that our 31 bytes do not leave.

Kernel 6.1.176 overwrites its own stack then, so nothing of ours may ever be registered there.
"""
import pytest

from stack import Stack
from test_radio import TOKENS, Probe


@pytest.mark.parametrize("kind", ["legacy-le", "extended-le"])
def test_nothing_is_given_to_a_controller_without_bredr(kind):
    with Stack("test_radio_le_only-" + kind, controllers=kind) as stack:
        probe = Probe(stack, "le-only", "hci0")
        probe.tell("payload " + TOKENS[0])
        probe.wait_last("trouble", "bluetooth-unsupported")
        assert probe.quit() == 0
        assert stack.trace().on_air_intervals(0) == []
