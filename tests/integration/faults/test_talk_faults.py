# SPDX-License-Identifier: GPL-2.0-or-later
"""Talk between three instances on one Redis, while sockets are cut and fall silent, instances are
killed and lose Redis: each letter is delivered once, in order. SIGHEJ_SLOW=1: 100,000 of them."""
import os
import signal
import time

import pytest

from backendlib import Backend
from faultlib import SLOW, ProxyProgram, Redis, Through, family
from meetlib import Person, meet
from talklib import Crowd

ROUNDS = 5 if SLOW else 1
PAIRS = 100 if SLOW else 20  # in each round
LETTERS = 100 if SLOW else 40  # of each side: what may be said in a minute, and without waiting
FAULTS = 40 if SLOW else 12  # in each round
ROUND_SECONDS = 600 if SLOW else 60
RAISED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "1000000", "SIGHTINGS_BURST": "1000000",
          "MESSAGES_PER_SECOND": "1000000", "WORKERS": "1", "SIGHEJ_LOG_LEVEL": "message",
          "G_DEBUG": "fatal-criticals"}


class Place:
    """An instance with a proxy before it and one behind it, on a port that stays."""

    def __init__(self, folder, redis, key_file):
        self.folder, self.n_starts, self.key_file, self.port = folder, 0, key_file, 0
        folder.mkdir()
        (folder / "redis").mkdir()
        self.behind = ProxyProgram(folder / "redis", redis.address)
        self.start()
        self.before = ProxyProgram(folder, f"tcp:127.0.0.1:{self.port}")
        self.through = Through(self.backend, self.before)

    def start(self):
        self.n_starts += 1
        folder = self.folder / str(self.n_starts)
        folder.mkdir()
        self.backend = Backend(folder, listen=[f"127.0.0.1:{self.port}"], INTEREST_KEY_FILE=self.key_file,
                               REDIS_URL="redis://" + self.behind.address.removeprefix("tcp:"), **RAISED)
        self.port = self.backend.port

    def kill(self):
        for pid in family(self.backend.pid):
            os.kill(pid, signal.SIGKILL)
        self.backend.process.wait()
        self.backend.stop()

    def stop(self):
        status = self.backend.stop()
        self.before.close()
        self.behind.close()
        assert status == 0, self.backend.log()


def kill(place):
    place.kill()
    place.start()


FAULT_KINDS = [
    ("half of the sockets are reset", lambda place: place.before.order("cut", share=0.5)),
    ("Redis's answer is cut off", lambda place: place.behind.order("set", way="down", cut_at=20)),
    ("the instance is killed", kill),
    ("sockets fall silent", lambda place: place.before.order("set", way="down", swallow=True)),
    ("what Redis is asked is cut off", lambda place: place.behind.order("set", way="up", cut_at=300)),
    ("sockets end in the middle of a frame", lambda place: place.before.order("set", way="up", cut_at=77)),
    ("the subscription ends", lambda place: place.behind.order("cut", only="SUBSCRIBE")),
    ("Redis is far", lambda place: place.behind.order("set", delay_s=0.05)),
    ("answers come in pieces", lambda place: place.before.order("set", way="down", slice_bytes=99)),
    ("the links to Redis are reset", lambda place: place.behind.order("cut")),
    ("Redis falls silent", lambda place: place.behind.order("set", way="down", swallow=True)),
]


class Faults:
    """One after the other, as the talk goes on; each lasts until the next."""

    def __init__(self, places, crowd, n_faults):
        self.places, self.crowd = places, crowd
        self.due = [crowd.wanted * (i + 1) // (n_faults + 2) for i in range(n_faults)]
        self.healed = crowd.wanted * (n_faults + 1) // (n_faults + 2)
        self.n_done = 0

    def heal(self):
        for place in self.places:
            place.before.order("clear")
            place.behind.order("clear")

    def turn(self):
        if self.n_done < len(self.due) and self.crowd.n_letters >= self.due[self.n_done]:
            self.heal()
            _, fault = FAULT_KINDS[self.n_done % len(FAULT_KINDS)]
            fault(self.places[self.n_done % len(self.places)])
            self.n_done += 1
        elif self.healed is not None and self.crowd.n_letters >= self.healed:
            self.heal()
            self.healed = None


@pytest.fixture
def places(tmp_path):
    redis = Redis(tmp_path)
    key_file = tmp_path / "interest.key"
    key_file.write_bytes(os.urandom(32))
    key_file.chmod(0o600)
    made = [Place(tmp_path / name, redis, str(key_file)) for name in ("one", "two", "three")]
    for place in made:
        place.backend.wait_until_ready()
    yield made
    for place in made:
        place.stop()
    redis.kill()


def hold_round(places):
    """Who met here and there talks everywhere. The crowd, when all is said."""
    crowd = Crowd([place.through for place in places])
    for i in range(PAIRS):
        pair = [Person(places[(i + j) % len(places)].backend) for j in (0, 1)]
        nudge = meet(*pair)
        for person in pair:
            person.close()
        crowd.add(*pair, nudge, LETTERS)
    faults = Faults(places, crowd, FAULTS)
    end = time.monotonic() + ROUND_SECONDS
    try:
        while not crowd.done:
            faults.turn()
            crowd.turn()
            assert time.monotonic() < end, f"{crowd.n_letters} of {crowd.wanted} letters came: {crowd.late()}"
    finally:
        faults.heal()
        crowd.close()
    assert faults.n_done == FAULTS
    return crowd


def test_each_letter_comes_once_and_in_order(places, capsys):
    begin, crowds = time.monotonic(), []
    for _ in range(ROUNDS):
        crowds.append(hold_round(places))
    n_letters, n_said, n_sockets, n_limited = (
        sum(crowd.total(name) for crowd in crowds) for name in ("heard", "n_said", "n_sockets", "n_limited"))
    with capsys.disabled():
        print(f"\ntalk: {n_letters} letters of {ROUNDS * PAIRS} pairs came once and in order in "
              f"{time.monotonic() - begin:.1f} s; {ROUNDS * FAULTS} faults, {n_sockets} sockets, {n_said} times "
              f"said, {n_limited} times too fast")
    assert n_letters == ROUNDS * PAIRS * 2 * LETTERS
