# SPDX-License-Identifier: GPL-2.0-or-later
"""The BlueZ radio alone (tests/vm/radio-probe.c) on the bus of a fake BlueZ, told what to do."""
import os
import re
import subprocess
import threading

from sighejrun import Process, Run

EVENT = re.compile(r"^[0-9]+\.[0-9]{6} (.*)$")
MOVE = re.compile(r"(scanner|advertiser): ([a-z-]+) -> ([a-z-]+) ")
FIRST_STATES = {"scanner": "off", "advertiser": "idle"}
END_SECONDS = 15


class Probe(Process):
    """Its events are (time, words) as it prints them, its log lines lie between.

    part: whose moves are meant, the scanner's or the advertiser's; rfkill: the folder of switches.
    """

    until = staticmethod(Run.until)

    def __init__(self, run, bluez, name="probe", adapter="auto", part="scanner", rfkill="/nonexistent", env=None):
        self.name, self.lines, self.on_line, self.ends_with, self.part = name, [], None, 0, part
        self.popen = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", os.path.join(run.build, "tests/vm/radio-probe"), adapter, rfkill],
            env={**os.environ, **run.env, **bluez.env, **(env or {})}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        run.add(self)
        self.wait_event("ready")

    def order(self, line):
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()

    def stop(self):
        """In order: everything off the air, then the end."""
        if self.running():
            self.popen.stdin.close()
        return self.wait(END_SECONDS)

    @property
    def events(self):
        found = [(when, EVENT.match(line)) for when, line in list(self.lines)]
        return [(when, match[1].split(" ")) for when, match in found if match]

    def last(self, kind):
        """The words after the last event of that kind, as one string; None: there was none."""
        return next((" ".join(words[1:]) for _, words in reversed(self.events) if words[0] == kind), None)

    def wait_event(self, *words, count=1):
        """Until that event came so often."""
        self.until(lambda: sum(w[:len(words)] == list(words) for _, w in self.events) >= count or not self.running(),
                   f"{self.name}: {' '.join(words)}")
        assert self.running()

    def wait_last(self, kind, value):
        self.until(lambda: self.last(kind) == value, f"{self.name}: {kind} {value}")

    def heard(self, data):
        return [words[2] for _, words in self.events if words[:2] == ["heard", data]]

    def ask(self, order, kind):
        """The events that answer an order; "sync" is not understood, so it comes back last."""
        before = len(self.events)
        self.order(order)
        self.order("sync")
        self.until(lambda: any(words[0] == "not-understood" for _, words in self.events[before:]), order)
        return [words[1:] for _, words in self.events[before:] if words[0] == kind]

    def counter(self, name):
        return {name: int(n) for name, n in self.ask("count", "count")}["radio." + name]

    def check(self, name):
        """Level and text of one line of the doctor."""
        return next((words[1], " ".join(words[2:])) for words in self.ask("check", "check") if words[0] == name)

    def moves(self):
        """The part's moves so far, from its log."""
        found = [MOVE.search(line) for _, line in list(self.lines)]
        return [(match[2], match[3]) for match in found if match and match[1] == self.part]

    def state(self):
        moves = self.moves()
        return moves[-1][1] if moves else FIRST_STATES[self.part]

    def wait_state(self, state):
        self.until(lambda: self.state() == state, f"{self.name}: {self.part} {state}, not {self.state()}")

    def wait_moves(self, *states, since=0):
        """Until it has gone through these states one after the other; since: so many moves before do not count."""
        wanted = list(zip(states, states[1:]))

        def there():
            moves = self.moves()[since:]
            return any(moves[i:i + len(wanted)] == wanted for i in range(len(moves)))
        self.until(there, f"{self.name}: {' -> '.join(states)} in {self.moves()[since:]}")
