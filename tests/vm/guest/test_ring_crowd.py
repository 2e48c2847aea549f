# SPDX-License-Identifier: GPL-2.0-or-later
"""Eight people on one stack, all open at once: each hears the seven others and nobody else."""
import os

import pytest

from people import People
from stack import Stack, wait_until

CROWD = 8
HEARD_S = 90
# The one kind says enough every day.
KINDS = ["extended"] + (["legacy"] if os.environ.get("SIGHEJ_SLOW") == "1" else [])


@pytest.mark.parametrize("kind", KINDS)
def test_eight_on_one_stack_hear_each_other(kind):
    with Stack("test_ring_crowd-" + kind, controllers=kind, count=CROWD) as stack:
        with People(stack, {"person%d" % n: ["interest %d" % n] for n in range(CROWD)}) as people:
            people.open()
            sent = {people.wait_one(number).data for number in range(CROWD)}
            assert len(sent) == CROWD
            for one in people:
                one.wait_property("NearbyCount", CROWD - 1, HEARD_S)
            for number in range(CROWD):     # the trace may come a moment after bluetoothd's word
                others = sent - {people.on_air_now(number)[0].data}
                wait_until(lambda number=number, others=others:
                           {r.data for r in stack.trace().reports(number)} == others, what="all others in the trace")
            for one in people:
                one.call("Close")
            for number in range(CROWD):
                people.wait_silent(number, 0)
            people.assert_only_ours()
