# SPDX-License-Identifier: GPL-2.0-or-later
"""The guard of the address, with the kernel's own word and without it."""
import os
import shutil
import sys
import time

import pytest

from stack import WORK, wait_until
from test_radio import REACTION_S, TOKENS, Probe, advertise, data_of


def forbidding():
    """The wrapper, copied to where any user may read it, as programs are."""
    script = os.path.join(WORK, "forbid.py")
    shutil.copyfile(os.path.join(os.path.dirname(os.path.abspath(__file__)), "forbid.py"), script)
    return [sys.executable, script]


@pytest.fixture
def probe(stack):
    made = []

    def make(wrapper=()):
        adapter = os.path.basename(stack.adapter_path(0))
        made.append(Probe(stack, "guard-%d" % int(time.time() * 1000), adapter, wrapper=wrapper))
        return made[-1]
    yield make
    for one in made:
        assert one.quit() == 0
        one.out.close()


def test_where_the_socket_is_forbidden_d_bus_alone_guards(stack, probe):
    one = probe(forbidding())
    advertise(stack, one, TOKENS[0])
    assert one.last("privacy") in (None, ["unknown"])
    one.tell("check")
    one.wait_for(lambda w: w[:3] == ["check", "bluetooth.privacy", "warning"])
    stack.set_discoverable(0, True)
    one.wait_last("privacy", "blocked")
    one.wait_last("trouble", "privacy-blocked")
    stack.wait_on_air(0, lambda now: not [o for o in now if o.data == data_of(TOKENS[0])], REACTION_S)
    stack.set_discoverable(0, False)
    one.tell("payload none")
    one.wait_last("trouble", "")
    assert one.last("privacy") == ["unknown"]
    stack.set_powered(0, False)
    stack.set_powered(0, True)


def test_an_adapter_that_comes_back_is_asked_anew(stack, probe):
    one = probe()
    one.wait_last("privacy", "guarded")
    advertise(stack, one, TOKENS[0])
    stack.tell("unplug 0")
    one.wait_last("privacy", "unknown")
    stack.tell("plug")
    wait_until(lambda: len(stack.adapters()) == 2, what="two adapters again")
    one.tell("adapter auto")
    one.wait_last("privacy", "guarded")
    one.wait_last("on-air", "yes", TOKENS[0])


def test_an_adapter_without_le_gets_nothing(stack, probe):
    stack.restart_bluetoothd(main_conf="[General]\nControllerMode=bredr\n")
    one = probe()
    one.tell("payload " + TOKENS[0])
    one.wait_last("trouble", "bluetooth-unsupported")
    assert stack.wait_on_air(0, lambda now: True) == []
    one.quit()
    stack.restart_bluetoothd()
