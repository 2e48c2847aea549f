# SPDX-License-Identifier: GPL-2.0-or-later
"""People with the whole daemon on one controller each, and a backend: what every story needs.

    with People(stack) as people:               # anna on hci0, bo on hci1
        people.open()
        people.wait_nudges()
        people.clock.advance(TOKEN_MAX_S)       # the next token
"""
import contextlib
import sys
import time

import aircheck
from stack import Backend, Daemon, TimeShift, wait_until

INTERESTS = {"anna": ["devops", "hardstyle"], "bo": ["jazz", "DevOps"]}
SHARED = {"anna": ["devops"], "bo": ["DevOps"]}
SILENCE_S = 2                   # after Close, TERM and KILL
TOKEN_MAX_S = 900               # a token lives for 600 to 900 s
OPEN_S = 14400
NUDGE_TIMEOUT_S = 120           # discovery gives a sample every few seconds
NEAR_DBM = -58
CONSTANT_DIGITS = len(aircheck.AD_HEAD) + 2 * 3     # version and flags, realm, tx_cal
QUICK = {"Proximity": {"DwellSeconds": 2}, "Log": {"Level": "debug"}}


class People:
    """Each on the controller of its place in `interests`; what the trace tells is asked by that number."""

    def __init__(self, stack, interests=None):
        self.stack, self.clock = stack, TimeShift(stack.folder)
        self.began = time.time()
        self.interests = interests or INTERESTS
        self.backend = Backend(stack, clock=self.clock)
        self.everybody = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *failure):
        """However they end, all of them."""
        with contextlib.ExitStack() as ends:
            for part in [self.backend] + self.everybody:
                ends.callback(part.__exit__, *failure)

    def __getitem__(self, number):
        return self.everybody[number]

    def __iter__(self):
        return iter(self.everybody)

    def start(self):
        self.stack.tell("rssi * * %d 1" % NEAR_DBM)
        self.backend.start()
        for number, name in enumerate(self.interests):
            self.everybody.append(Daemon(self.stack, name, "hci%d" % number, backend=self.backend.uri, config=QUICK,
                                         clock=self.clock))
            self.everybody[-1].start()
            self.everybody[-1].call("SetInterests", "(as)", self.interests[name])

    def open(self):
        for one in self:
            one.call("Open", "(u)", OPEN_S)
        for one in self:
            one.wait_property("State", "open", 60)

    def on_air(self, number):
        """What that one sent since all began."""
        return [o for o in self.stack.trace().on_air_intervals(number)
                if o.start >= self.began and aircheck.carries_ours(o)]

    def on_air_now(self, number):
        return [o for o in self.on_air(number) if o.end is None]

    def wait_one(self, number):
        one, = self.stack.wait_on_air(number, lambda now: len(now) == 1)
        return one

    def wait_another(self, number, before):
        """What follows on the air."""
        wait_until(lambda: self.on_air(number)[-1].data != before.data, what="another token")
        return self.wait_one(number)

    def wait_silent(self, number, when):
        """Returns how long after `when` its last packet could have been."""
        def ended():
            everything = self.on_air(number)
            return everything if all(o.end is not None for o in everything) else None
        return max(0, wait_until(ended, what="silence of hci%d" % number)[-1].end - when)

    def assert_silent_since(self, when, number):
        assert self.wait_silent(number, when) < SILENCE_S

    def assert_only_ours(self):
        """One at a time, never twice the same token or address; aircheck has an eye on all the rest."""
        for number in range(len(self.everybody)):
            everything = self.on_air(number)
            assert everything
            assert {(o.pdu, o.address_kind) for o in everything} == {("ADV_NONCONN_IND", "nonresolvable")}
            assert len({o.data for o in everything}) == len(everything)
            assert len({o.address for o in everything}) == len(everything)
            assert len({o.data[:CONSTANT_DIGITS] for o in everything}) == 1
            for before, after in zip(everything, everything[1:]):
                assert before.end is not None and before.end <= after.start

    def nudges(self, one):
        return [s for s in one.signals if s[3] == "NudgeReceived"]

    def wait_nudges(self, number=1):
        for one in self:
            _, (path, shared) = one.wait_signal("NudgeReceived", NUDGE_TIMEOUT_S)
            assert path == "/org/sighej/nudges/%d" % number
            assert shared == SHARED[one.name]
