# SPDX-License-Identifier: GPL-2.0-or-later
"""What Redis keeps of a meet, and for how long: docs/protocol.md, "Keys in Redis", says which keys there are."""
import os
import pathlib
import re
import secrets
import signal
import subprocess

import pytest

from backendlib import wait_until
from cell import workers
from meetlib import UNLIMITED, Person, join, make_code, meet, position

PROTOCOL = pathlib.Path(__file__).parents[3] / "docs" / "protocol.md"
OF_A_MEET = ("record:meet:", "fleeting:", "record:cue:", "record:code:")
FIX_MS = 120000
MET_MS = 1500


@pytest.fixture
def instances(make_backend, redis):
    made = [make_backend(**UNLIMITED, **redis.settings) for _ in range(2)]
    for backend in made:
        backend.wait_until_ready()
    return made


def cli(redis, *words):
    return subprocess.run(["redis-cli", "-s", redis.path, *words], capture_output=True, text=True,
                          check=True).stdout.splitlines()


def keys(redis, *prefixes):
    return {key for key in cli(redis, "--scan") if key.startswith(prefixes)}


# ---- what is documented ----

def documented(when):
    """Patterns of the keys that there are after a meet, and of those that there may be."""
    row, = re.findall(rf"^\| {when} \| (.*) \| (.*) \|$", PROTOCOL.read_text(), re.MULTILINE)
    return [{name: re.compile(re.sub(r"\\{.*?\\}", "[^: ]+", re.escape(name))) for name in re.findall("`([^`]+)`", cell)}
            for cell in row]


def assert_documented(redis, when):
    there_is, may_be = documented(when)
    found = keys(redis, "")
    strange = {key for key in found if not any(pattern.fullmatch(key)
                                               for pattern in [*there_is.values(), *may_be.values()])}
    assert not strange
    missing = {name for name, pattern in there_is.items() if not any(pattern.fullmatch(key) for key in found)}
    assert not missing
    return found


# ---- how two come to a meet, and out of it ----

def by_nudge(anna, bo):
    return meet(anna, bo)


def by_code(anna, bo):
    paired = join(bo, make_code(anna, secrets.token_hex(32))["code"])
    ident = paired["nudge"]
    anna.until(lambda: any(message["type"] == "paired" for message in anna.seen))
    told, = (message for message in anna.seen if message["type"] == "paired")
    for person, pair in ((anna, told), (bo, paired)):
        person.nudges[ident] = pair
        assert person.resume(ident) is True
        person.wait_state(ident, "agreed")
    return ident


def end(anna, bo, ident):
    assert bo.ask(ident, "end") is True


def met(anna, bo, ident):
    for person in (anna, bo):
        assert person.ask(ident, "confirm") is True


def block(anna, bo, ident):
    assert anna.ask(ident, "block", ticket=anna.ticket(ident)) is True


def pause(anna, bo, ident):
    """What a daemon does then: out of the meet, and out of the session."""
    assert anna.ask(ident, "end") is True
    assert anna.backend.request("DELETE", "/session", authorization=anna.session.bearer).status in (200, 204)


def share(anna, bo, ident):
    for person in (anna, bo):
        assert person.ask(ident, "share", on=True) is True
    for person, other in ((anna, bo), (bo, anna)):
        person.wait(ident, sharing=True)
        assert position(person, ident)["ok"] is True
        other.until(lambda other=other: "position" in other.views[ident])


@pytest.mark.parametrize("begin, finish", [(by_nudge, end), (by_nudge, met), (by_nudge, block), (by_code, met),
                                           (by_nudge, pause)])
def test_what_is_left_is_what_is_documented(instances, redis, begin, finish):
    anna, bo = (Person(place) for place in instances)
    ident = begin(anna, bo)
    share(anna, bo, ident)
    during = keys(redis, *OF_A_MEET)
    assert {key.split(ident)[0] for key in during} >= {"record:meet:", "fleeting:1:meet:", "fleeting:2:meet:"}
    assert sum(key.startswith("record:code:") for key in during) == (begin is by_code)

    finish(anna, bo, ident)
    # At once, but for the word that they met.
    assert not keys(redis, "fleeting:")
    for key in keys(redis, "record:meet:"):
        assert finish is met and int(cli(redis, "PTTL", key)[0]) <= MET_MS
    bo.wait_state(ident, "met" if finish is met else "ended")
    wait_until(lambda: not keys(redis, *OF_A_MEET), "the meet's keys to be gone")
    if finish is not pause:
        found = assert_documented(redis, "while both sessions last")
        n_waves = sum(key.startswith("record:waves:") for key in found)
        assert n_waves == (2 if begin is by_nudge else 0)
    dump = redis.dump()
    assert ident.encode() not in dump and bytes.fromhex(ident) not in dump

    for person in (anna, bo):
        if person is bo or finish is not pause:
            person.backend.request("DELETE", "/session", authorization=person.session.bearer)
        person.close()
    assert_documented(redis, "once both have ended")


def test_no_position_is_kept_longer_than_two_minutes(instances, redis):
    """Whoever lives by then: Redis itself lets go of it, when it was going to all along."""
    anna, bo = (Person(place) for place in instances)
    ident = meet(anna, bo)
    share(anna, bo, ident)
    fixes = keys(redis, "fleeting:")
    assert len(fixes) == 2
    due = {key: cli(redis, "PEXPIRETIME", key) for key in fixes}
    for key in fixes:
        assert 0 < int(cli(redis, "PTTL", key)[0]) <= FIX_MS
    for n in range(1, 4):
        assert anna.say(ident, n) is True
    assert bo.ask(ident, "spot", spot=3) is True
    anna.wait(ident, spot=3)
    assert {key: cli(redis, "PEXPIRETIME", key) for key in fixes} == due

    for place in instances:
        for pid in [*workers(place.pid), place.pid]:
            os.kill(pid, signal.SIGKILL)
        place.process.wait()
    assert keys(redis, "fleeting:") == fixes
    assert {key: cli(redis, "PEXPIRETIME", key) for key in fixes} == due
    for person in (anna, bo):
        person.ws = None


def test_a_position_that_redis_let_go_is_no_harm(instances, redis):
    anna, bo = (Person(place) for place in instances)
    ident = meet(anna, bo)
    share(anna, bo, ident)
    for key in keys(redis, "fleeting:"):
        assert cli(redis, "DEL", key) == ["1"]
    assert anna.ask(ident, "spot", spot=3) is True
    for person in (anna, bo):
        person.wait(ident, spot=3, sharing=True)
        assert "position" not in person.views[ident]
        person.close()
