# SPDX-License-Identifier: GPL-2.0-or-later
"""From nudge to hello, as two or more people notice it over their sockets, at one instance and at several."""
import json
import os
import re
import secrets
import signal
import time

import pytest

import meetlib
from backendlib import frame, wait_until
from cell import TimeShift, workers
from meetlib import UNLIMITED, Person, join, make_code, meet, nudge, position
from test_metrics import value

SLOW = os.environ.get("SIGHEJ_SLOW") == "1"
CROWD, CROSSINGS = (20, 200) if SLOW else (10, 60)  # at each instance; a person waves ten times
TOLD_SECONDS = 2


@pytest.fixture
def alone(make_backend):
    """One instance that keeps everything in memory."""
    return make_backend(**UNLIMITED)


@pytest.fixture
def instances(make_backend, redis):
    """Two instances on one Redis."""
    made = [make_backend(**UNLIMITED, **redis.settings) for _ in range(2)]
    for backend in made:
        backend.wait_until_ready()
    return made


@pytest.fixture(params=["memory", "redis"])
def places(request):
    """Where the first and the second person are connected."""
    if request.param == "redis":
        return request.getfixturevalue("instances")
    return [request.getfixturevalue("alone")] * 2


@pytest.fixture
def pair(places):
    people = [Person(place) for place in places]
    yield people
    for person in people:
        person.close()


def count(places, name):
    return sum(value(place, name) for place in {id(place): place for place in places}.values())


# ---- waves ----

def test_both_waves_make_one_meet(pair, places):
    anna, bo = pair
    ident = nudge(anna, bo)
    assert anna.nudges[ident]["peer_key"] == bo.key and bo.nudges[ident]["peer_key"] == anna.key
    assert anna.wave(ident) is True
    assert anna.wave(ident) is True  # twice is once
    assert bo.wave(ident) is True
    views = [person.wait_state(ident, "agreed") for person in pair]
    assert views[0]["cue"] == views[1]["cue"]
    assert views[0]["handle"] == views[1]["peer_handle"] != views[1]["handle"] == views[0]["peer_handle"]
    assert views[0]["peer_key"] == bo.key and views[1]["peer_key"] == anna.key
    assert all(view["peer_there"] and view["expires_in_ms"] > 1190000 and view["said"] == 0 for view in views)
    assert count(places, "sighej_meets_total") == 1


def test_a_wave_that_was_taken_back_makes_no_meet(pair, places):
    anna, bo = pair
    ident = nudge(anna, bo)
    assert anna.wave(ident) is True
    assert anna.ask(ident, "withdraw") is True
    assert bo.wave(ident) is True
    for person in pair:
        person.fence()
        assert person.state(ident) is None
    assert anna.wave(ident) is True  # she may change her mind again
    for person in pair:
        person.wait_state(ident, "agreed")
    assert count(places, "sighej_meets_total") == 1


def what_the_other_sees(backend, wave):
    """Everything that reaches Bo, and every count, when Anna waved and when she did something else."""
    anna, bo = Person(backend), Person(backend)
    ident = nudge(anna, bo)
    if wave:
        assert anna.wave(ident) is True
    else:
        assert anna.ask(ident, "spot", spot=1) == "not_found"
    answers = [bo.answer_to(bo.send(ident, act, **members)) for act, members in (
        ("spot", {"spot": 1}), ("here", {}), ("end", {}), ("withdraw", {}), ("ack", {"n": 1}),
        ("resume", {"ticket": bo.ticket(ident), "after": 0}), ("share", {"on": True}),
        ("say", {"n": 1, "kind": "text", "body": "AA"}))]
    bo.fence()
    held = backend.request("GET", "/session", authorization=bo.session.bearer).json
    held = {name: member for name, member in held.items() if name not in ("session_id", "expires_at")}
    stats = backend.request("GET", "/stats", admin=True).json
    counts = [line for line in backend.request("GET", "/metrics", admin=True).body.decode().splitlines()
              if re.match(r"(?!process_)\w+_(total|count)\b", line)]
    seen = meetlib.as_text(bo.seen)
    wave_answer = bo.answer_to(bo.send(ident, "wave", ticket=bo.ticket(ident), key=bo.key))
    for person in (anna, bo):
        person.close()
    return seen, meetlib.as_text(answers), held, stats, counts, meetlib.as_text([wave_answer])


def test_a_wave_nobody_answered_is_secret(make_backend):
    quiet, waved = (what_the_other_sees(make_backend(**UNLIMITED), wave) for wave in (False, True))
    assert any(line.startswith("sighej_nudges_acked_total") for line in quiet[4])
    assert quiet == waved


def test_crossing_waves_make_exactly_one_meet(instances):
    """At two instances at once; all meets last, so no two may have the same cue."""
    n = CROWD
    left, right = ([Person(place) for _ in range(n)] for place in instances)
    cues = []
    for i in range(CROSSINGS):
        anna, bo = left[i % n], right[(i + i // n) % n]
        ident = nudge(anna, bo)
        sent = [(person, person.send(ident, "wave", ticket=person.ticket(ident), key=person.key))
                for person in ((anna, bo), (bo, anna))[i % 2]]
        assert all(person.answer_to(one)["ok"] for person, one in sent)
        views = [person.wait_state(ident, "agreed") for person in (anna, bo)]
        assert views[0]["cue"] == views[1]["cue"]
        assert views[0]["handle"] == views[1]["peer_handle"]
        cues.append(views[0]["cue"])
    assert count(instances, "sighej_meets_total") == CROSSINGS
    assert len(set(cues)) == CROSSINGS
    for person in left + right:
        person.close()


def test_ten_waves_and_as_many_answers_as_there_are_waves(places):
    anna = Person(places[0])
    others = [Person(places[1]) for _ in range(12)]
    idents = [nudge(anna, other) for other in others]
    for ident in idents[:10]:
        assert anna.wave(ident) is True
    answer = anna.answer_to(anna.send(idents[10], "wave", ticket=anna.ticket(idents[10]), key=anna.key))
    assert (answer["code"], "retry_after" in answer) == ("rate_limited", False)
    assert anna.wave(idents[3]) is True  # not one more
    assert others[11].wave(idents[11]) is True
    assert anna.wave(idents[11]) is True
    anna.wait_state(idents[11], "agreed")
    assert others[10].wave(idents[10]) is True
    assert anna.wave(idents[10]) is True
    anna.wait_state(idents[10], "agreed")
    for person in [anna, *others]:
        person.close()


# ---- finding each other ----

@pytest.fixture
def clocked(make_backend, tmp_path):
    shift = TimeShift(tmp_path)
    backend = make_backend(**UNLIMITED, **shift.environment())

    def advance(seconds, *people):
        """In steps in which no socket is taken for dead."""
        while seconds > 0:
            shift.advance(min(seconds, 15), backend.pid)
            for person in people:
                person.fence()
            seconds -= 15
    backend.advance = advance
    return backend


@pytest.mark.parametrize("apart, state", [(59, "here"), (61, "finding")])
def test_here_counts_for_a_minute(clocked, apart, state):
    pair = anna, bo = [Person(clocked) for _ in range(2)]
    ident = meet(anna, bo)
    assert anna.ask(ident, "here") is True
    bo.wait(ident, peer_here=True, state="finding")
    clocked.advance(apart, *pair)
    assert bo.ask(ident, "here") is True
    bo.wait(ident, own_here=True, state=state)
    if state == "finding":
        assert anna.ask(ident, "here") is True  # once more, and it counts anew
    for person in pair:
        person.wait_state(ident, "here")
        person.close()


def test_what_is_over_by_itself(clocked):
    """A wave after 10 minutes, a meet after 20, whatever was done in between."""
    trio = anna, bo, cleo = [Person(clocked) for _ in range(3)]
    lonely = nudge(anna, cleo)
    assert anna.wave(lonely) is True
    ident = meet(anna, bo)
    clocked.advance(595, *trio)
    assert anna.state(lonely) is None
    clocked.advance(15, *trio)
    anna.wait_state(lonely, "ended")
    assert bo.ask(ident, "spot", spot=3) is True
    clocked.advance(585, *trio)
    assert bo.ask(ident, "here") is True
    clocked.advance(30, *trio)
    for person in (anna, bo):
        assert person.wait_state(ident, "ended")["version"] == 0
        assert person.ask(ident, "here") == "not_found"
    for person in trio:
        person.close()


def test_they_met(pair, places):
    anna, bo = pair
    ident = meet(anna, bo)
    assert anna.ask(ident, "spot", spot=2) is True
    assert bo.wait(ident, spot=2)["state"] == "finding"
    assert anna.ask(ident, "confirm") is True
    assert anna.wait(ident, confirmed=True)["state"] == "finding"
    bo.fence()
    assert bo.views[ident]["confirmed"] is False
    assert bo.ask(ident, "confirm") is True
    for person in pair:
        person.wait_state(ident, "met")
        assert person.say(ident, 1) == "not_found"
    assert count(places, "sighej_met_total") == 1


@pytest.mark.parametrize("ending", ["end", "block", "withdraw"])
def test_who_ends_it_ends_it_for_both(pair, ending):
    anna, bo = pair
    ident = meet(anna, bo)
    members = {"ticket": anna.ticket(ident)} if ending == "block" else {}
    assert anna.ask(ident, ending, **members) is True
    ended = [person.wait_state(ident, "ended") for person in pair]
    assert ended[0] == ended[1] == {"type": "meet", "nudge": ident, "version": 0, "state": "ended"}
    assert bo.ask(ident, "here") == "not_found"
    assert bo.resume(ident) == "not_found"


# ---- position ----

def test_T_18_a_position_only_when_both_said_yes(pair):
    anna, bo = pair
    ident = meet(anna, bo)
    assert position(anna, ident)["code"] == "not_permitted"
    assert anna.ask(ident, "share", on=True) is True
    assert position(anna, ident)["code"] == "not_permitted"
    bo.fence()
    assert not bo.views[ident]["peer_share"] and not bo.views[ident]["sharing"]
    assert bo.ask(ident, "share", on=True) is True
    for person in pair:
        person.wait(ident, sharing=True)
    for name, wrong in (("lat", 90.1), ("lon", -180.5), ("accuracy", 0), ("accuracy", 101), ("taken", 1)):
        answer = position(anna, ident, **{name: wrong})
        assert answer["code"] == "invalid_request" and answer["message"].startswith(name), answer
    assert position(anna, ident)["ok"] is True
    bo.until(lambda: "position" in bo.views[ident])
    shown = bo.views[ident]["position"]
    assert (shown["lat"], shown["lon"], shown["accuracy"]) == (55.6761, 12.5683, 8.0)
    too_soon = position(anna, ident, lat=55.6762)
    assert too_soon["code"] == "rate_limited" and 1 <= too_soon["retry_after"] <= 3
    assert bo.ask(ident, "share", on=False) is True
    for person in pair:
        person.wait(ident, sharing=False)
        assert "position" not in person.views[ident]


# ---- talk ----

def numbers(letters):
    return [letter["n"] for letter in letters]


def test_talk_goes_on_wherever_its_sockets_are(instances):
    anna, bo = (Person(place) for place in instances)
    ident = meet(anna, bo)
    for n in range(1, 21):
        assert anna.say(ident, n, b"letter %d" % n, "note") is True
    bo.wait_letters(ident, 8)
    bo.fence()
    assert numbers(bo.letters.pop(ident)) == list(range(1, 9))  # no more than 8 unacknowledged
    assert bo.ask(ident, "ack", n=3) is True
    bo.wait_letters(ident, 3)
    assert numbers(bo.letters.pop(ident)) == [9, 10, 11]

    bo.connect(instances[0])
    anna.connect(instances[1])
    assert bo.resume(ident, after=5) is True
    assert anna.resume(ident) is True
    assert anna.wait(ident, said=20)
    assert anna.say(ident, 5, b"twice", "note") is True
    assert anna.say(ident, 22, b"a gap", "note") == "conflict"
    assert anna.say(ident, 21, b"letter 21", "note") is True
    while numbers(bo.letters.get(ident, []))[-1:] != [21]:
        bo.take()
        bo.send(ident, "ack", n=bo.letters[ident][-1]["n"] if ident in bo.letters else 5)
    assert numbers(bo.letters[ident]) == list(range(6, 22))
    bo.fence()
    assert len(bo.letters[ident]) == 16
    for person in (anna, bo):
        person.close()


def test_a_mailbox_is_bounded_and_letters_have_a_rate(pair):
    anna, bo = pair
    ident = meet(anna, bo)
    for n in range(1, 9):
        assert anna.say(ident, n) is True
    refused = anna.answer_to(anna.send(ident, "say", n=9, kind="text", body="AA"))
    assert refused["code"] == "rate_limited" and 1 <= refused["retry_after"] <= 10
    anna.fence()


# ---- there and gone ----

def test_each_knows_that_the_other_is_there(pair, places):
    anna, bo = pair
    ident = meet(anna, bo)
    start = time.monotonic()
    bo.close()
    anna.wait(ident, peer_there=False)
    assert time.monotonic() - start < TOLD_SECONDS
    bo.connect(places[0])
    start = time.monotonic()
    assert bo.resume(ident) is True
    anna.wait(ident, peer_there=True)
    assert time.monotonic() - start < TOLD_SECONDS
    places[0].request("DELETE", "/session", authorization=bo.session.bearer)
    anna.wait(ident, peer_there=False)


def test_a_second_socket_of_the_same_person_is_no_absence(pair, places):
    anna, bo = pair
    ident = meet(anna, bo)
    old, bo.ws = bo.ws, None
    bo.connect(places[0])
    assert bo.resume(ident) is True
    old.close()
    bo.fence()
    assert bo.say(ident, 1) is True
    anna.wait_letters(ident, 1)
    anna.fence()
    assert all(view["peer_there"] for view in anna.seen if view["type"] == "meet")


def test_an_instance_that_stops_takes_nobody_with_it(instances, make_backend, redis):
    anna, bo = (Person(place) for place in instances)
    ident = meet(anna, bo)
    instances[1].process.send_signal(signal.SIGTERM)
    assert bo.ws.receive_close() == 1012
    bo.connect(instances[0])
    assert bo.resume(ident) is True
    assert bo.say(ident, 1) is True
    anna.wait_letters(ident, 1)
    anna.wait(ident, peer_there=True)
    for person in (anna, bo):
        person.close()
    assert instances[1].stop() == 0


@pytest.mark.skipif(not SLOW, reason="SIGHEJ_SLOW=1: Redis gives a silent process 15 s")
def test_who_was_at_an_instance_that_died_is_away(instances, make_backend, redis):
    anna, bo = Person(instances[0]), Person(make_backend(**{**UNLIMITED, "WORKERS": "2"}, **redis.settings))
    ident = meet(anna, bo)
    start = time.monotonic()
    for worker in workers(bo.backend.pid):
        os.kill(worker, signal.SIGSTOP)
    anna.ws.connection.settimeout(60)
    anna.wait(ident, peer_there=False)
    assert time.monotonic() - start < 45
    for worker in workers(bo.backend.pid):
        os.kill(worker, signal.SIGCONT)
    for person in (anna, bo):
        person.close()


# ---- what is kept ----

def test_the_end_wipes_everything(instances, redis):
    redis.ask("CONFIG", "SET", "rdbcompression", "no")
    anna, bo = (Person(place) for place in instances)
    ident = meet(anna, bo)
    canary = b"canary" + secrets.token_hex(8).encode()
    assert anna.say(ident, 1, canary) is True
    for person in (anna, bo):
        assert person.ask(ident, "share", on=True) is True
    assert position(anna, ident)["ok"] is True
    bo.until(lambda: "position" in bo.views[ident])
    dump = redis.dump()
    assert b"record:meet:" + ident.encode() in dump and b"record:cue:" in dump
    for told in (canary, b"55.67", anna.ticket(ident).encode(), bo.session.secret.encode()):
        assert told not in dump
    start = time.monotonic()
    assert bo.ask(ident, "end") is True
    anna.wait_state(ident, "ended")
    wait_until(lambda: b"record:cue:" not in redis.dump(), "the cue to be free again")
    dump = redis.dump()
    assert time.monotonic() - start < TOLD_SECONDS
    assert ident.encode() not in dump and bytes.fromhex(ident) not in dump
    for place in instances:
        log = place.log().encode()
        for told in (canary, b"55.67", ident.encode(), anna.key.encode()):
            assert told not in log
    for person in (anna, bo):
        person.close()


# ---- what is wrong ----

def test_what_is_wrong_costs_nobody_the_socket(pair):
    anna, bo = pair
    ident = meet(anna, bo)
    strange = secrets.token_hex(16)
    for wrong in ({"nudge": ident}, {"nudge": "x", "act": "end"}, {"nudge": ident, "act": "there"},
                  {"nudge": ident, "act": "spot", "spot": 8}, {"nudge": ident, "act": "say", "n": 1},
                  {"nudge": ident, "act": "resume", "after": 0}):
        anna.ws.send({"type": "meet", "id": 99, **wrong})
        assert anna.answer_to(99)["code"] == "invalid_request", wrong
    stolen = bo.ticket(ident)
    for act, members in (("wave", {"key": anna.key}), ("resume", {"after": 0}), ("block", {})):
        for ticket in ("forged", stolen):
            assert anna.ask(ident, act, ticket=ticket, **members) == "not_found", act
        assert anna.ask(strange, act, ticket=anna.ticket(ident), **members) == "not_found"
    assert anna.ask(strange, "here") == "not_found"
    assert anna.ask(ident, "reveal", key=anna.key, nonce="00" * 16) in ("conflict", "not_found", "invalid_request")
    anna.ws.send({"type": "meet"})
    assert anna.read("error")["code"] == "invalid_request"
    assert anna.say(ident, 1) is True
    bo.wait_letters(ident, 1)


def test_a_flood_is_answered_and_bounded(instances):
    """Of what comes at once 32 wait; each is answered, and those that were served in order."""
    anna, bo = (Person(place) for place in instances)
    ident = meet(anna, bo)
    asked = [{"type": "meet", "id": n, "nudge": ident, "act": "spot", "spot": n % 8} for n in range(1000, 1100)]
    anna.ws.connection.sendall(b"".join(frame(json.dumps(one)) for one in asked))
    answers = {}
    while len(answers) < len(asked):
        message = anna.read("meet_result")
        answers[message["id"]] = message
    served = [n for n, answer in answers.items() if answer["ok"]]
    assert served == sorted(served) and len(served) >= 32
    assert {answer["code"] for answer in answers.values() if not answer["ok"]} <= {"rate_limited"}
    bo.wait(ident, spot=served[-1] % 8)
    for person in (anna, bo):
        person.close()


# ---- pairing codes ----

def test_a_code_makes_one_meet_of_two(places):
    anna, bo, third = Person(places[0]), Person(places[1]), Person(places[1])
    commit, nonce = secrets.token_hex(32), secrets.token_hex(16)
    made = make_code(anna, commit)
    assert made["expires_in"] == 300
    assert make_code(anna, commit)["code"] == made["code"]  # a lost answer costs nothing
    assert join(anna, made["code"]) == "not_found"
    paired = join(bo, made["code"])
    assert paired["commit"] == commit
    ident = paired["nudge"]
    bo.wait_state(ident, "agreed")
    anna.until(lambda: any(message["type"] == "paired" for message in anna.seen))
    told, = (message for message in anna.seen if message["type"] == "paired")
    assert (told["nudge"], told["peer_key"], told["peer_nonce"]) == (ident, bo.key, "11" * 16)
    assert anna.ask(ident, "resume", ticket=told["ticket"], after=0) is True
    view = anna.wait_state(ident, "agreed")
    assert view["cue"] == bo.views[ident]["cue"] and view["peer_key"] == bo.key
    assert "peer_key" not in bo.views[ident] and "peer_nonce" not in bo.views[ident]
    assert anna.ask(ident, "reveal", key=anna.key, nonce=nonce) is True
    bo.wait(ident, peer_key=anna.key, peer_nonce=nonce)

    assert join(bo, made["code"])["nudge"] == ident
    assert join(third, made["code"]) == "not_found"
    assert join(third, "000000000000") == "not_found"
    assert anna.ask(ident, "end") is True
    bo.wait_state(ident, "ended")
    assert join(bo, made["code"]) == "not_found"
    assert count(places, "sighej_meets_total") == 1
    for person in (anna, bo, third):
        person.close()


def test_guessing_codes_is_hopeless(places):
    guessers = [Person(places[i % 2]) for i in range(11)]
    maker = Person(places[0])
    code = make_code(maker, secrets.token_hex(32))["code"]
    for guesser in guessers[:10]:
        for _ in range(10):
            assert join(guesser, "%012d" % secrets.randbelow(10**12)) == "not_found"
    ident = next(guessers[0].ids)
    guessers[0].ws.send({"type": "pair", "id": ident, "code": code, "key": maker.key, "nonce": "11" * 16})
    refused = guessers[0].answer_to(ident)
    assert refused["code"] == "rate_limited" and 1 <= refused["retry_after"] <= 60
    assert join(guessers[10], code) == "rate_limited"  # those of all together are used
    for person in [*guessers, maker]:
        person.close()
