# SPDX-License-Identifier: GPL-2.0-or-later
"""REST and sockets against a small model of them, in orders nobody thought of.

Hypothesis draws what happens next; the model says what must come of it, and every answer is held
to the contract by backendlib. SIGHEJ_SLOW=1 tries more, SIGHEJ_SEED=N goes another way.
"""

import collections
import json
import os
import secrets
import tempfile
import uuid

import hypothesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import (Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule,
                                 run_state_machine_as_test)

import contract
from backendlib import NO_MATCH, WebSocket, assert_problem, assert_same_end, wait_until

HOME = tempfile.TemporaryDirectory(prefix="sighej-model-")  # gone with the program
set_hypothesis_home_dir(HOME.name)
SLOW = os.environ.get("SIGHEJ_SLOW") == "1"
SEED = int(os.environ.get("SIGHEJ_SEED", "20261121"))
COMMON = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
MODEL = settings(max_examples=300 if SLOW else 50, stateful_step_count=40 if SLOW else 25, **COMMON)
BODIES = settings(max_examples=2000 if SLOW else 300, **COMMON)
WORDS = ["devops", "hardstyle", "jazz", "chess", "knitting", "something nobody else writes"]
UNLIMITED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "100000", "SIGHTINGS_BURST": "100000",
             "DISTINCT_TOKENS_PER_HOUR": "100000", "MESSAGES_PER_SECOND": "100000"}


class Person:
    """A session as the model knows it."""

    def __init__(self, body, answer, key):
        self.body, self.token, self.interests, self.key = body, body["ble_token"], body["interests"], key
        self.answer = answer
        self.id, self.secret = answer.json["session_id"], answer.json["session_secret"]
        self.live = True
        self.nudges = []     # (peer, shared), seq counts from 1
        self.acked = 0
        self.seen = 0        # nudges that came on the present socket, or were acknowledged
        self.heard = set()   # whom it reported
        self.ws = None
        self.had_socket = False
        self.answers = {}    # of sightings: key -> (token, body)

    @property
    def bearer(self):
        return f"Bearer {self.secret}"


class Api(RuleBasedStateMachine):
    """Attributes of the class are set by the test: the backend, and what its numbers were."""

    backend = None
    store_answers_at_once = True
    reached = collections.Counter()  # that the runs went where it is interesting
    people = Bundle("people")
    keys = Bundle("keys")

    def __init__(self):
        super().__init__()
        self.all = []
        self.pairs = set()   # that were nudged
        self.opened = {}     # Idempotency-Key -> Person
        self.n_sessions = self.n_matches = self.n_pings = 0
        self.before = self.numbers()

    def numbers(self):
        answer = self.backend.request("GET", "/stats", admin=True).json
        return [answer[f"total_{name}_today"] for name in ("sessions", "matches", "pings")] \
            + [answer["active_sessions_now"]]

    def grown(self):
        return [after - before for before, after in zip(self.before, self.numbers())]

    @initialize(target=keys)
    def draw_keys(self):
        return multiple(*(str(uuid.uuid4()) for _ in range(3)))

    @initialize(target=people, interests=st.lists(st.sampled_from(WORDS), min_size=2, max_size=4, unique=True))
    def begin_with_some_people(self, interests):
        """Two that are alike and one that may be; two of them with a socket."""
        people = [self.open_session(words, None) for words in (interests, interests[::-1], WORDS[:2])]
        for person in people[:2]:
            self.connect(person, "", True)
        return multiple(*people)

    # ---- sessions ----

    def open(self, body, key):
        headers = {} if key is None else {"Idempotency_Key": key}
        return self.backend.request("POST", "/session", body, **headers)

    @rule(target=people, interests=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True),
          key=st.none() | keys)
    def open_session(self, interests, key):
        body = {"ble_token": secrets.token_hex(10), "interests": interests}
        answer = self.open(body, key)
        if key in self.opened and self.opened[key].live:
            assert_problem(answer, 422, "idempotency-key-reused")
            return multiple()
        assert answer.status == 201
        self.n_sessions += 1
        self.all.append(Person(body, answer, key))
        if key is not None:
            self.opened[key] = self.all[-1]
        return self.all[-1]

    @rule(person=people)
    def open_again(self, person):
        self.open_with_a_taken_token(person, person.key)

    @rule(person=people, key=st.none() | keys)
    def open_with_a_taken_token(self, person, key):
        answer = self.open(person.body, key)
        known = self.opened.get(key)
        self.reached["answered again"] += known is person and person.live
        if known is person and person.live:
            assert (answer.status, answer.body) == (200, person.answer.body)
        elif known is not None and known.live:
            assert_problem(answer, 422)
        else:
            assert_problem(answer, 409, "conflict")  # or its tombstone

    @rule(person=people)
    def show(self, person):
        answer = self.backend.request("GET", "/session", authorization=person.bearer)
        if not person.live:
            assert_problem(answer, 401)
            return
        assert (answer.json["session_id"], answer.json["nudges"]) == (person.id, len(person.nudges))
        assert answer.json["interests"] == person.interests
        assert_same_end(answer.json["expires_at"], person.answer.json["expires_at"])

    @rule(person=people)
    def end(self, person):
        answer = self.backend.request("DELETE", "/session", authorization=person.bearer)
        if not person.live:
            assert_problem(answer, 401)
            return
        assert answer.status == 204
        person.live = False
        if person.ws is not None:
            assert person.ws.receive_json() == {"type": "session", "state": "ended"}
            assert person.ws.receive_close() == 1000
            person.ws.close()
            person.ws = None

    # ---- sightings ----

    def expect_sighting(self, person, token):
        """What the model says: the shared interests in @person's words, and the peer."""
        peer = next((other for other in self.all if other.token == token and other.live), None)
        self.n_pings += 1
        if peer is None or peer is person:
            return [], None
        person.heard.add(peer)
        shared = [word for word in person.interests if word in peer.interests]
        if not shared or person not in peer.heard:
            return [], None
        pair = frozenset((person, peer))
        if pair not in self.pairs:
            self.pairs.add(pair)
            self.reached["matches"] += 1
            self.n_matches += 1
            person.nudges.append(shared)
            peer.nudges.append([word for word in peer.interests if word in person.interests])
        return shared, peer

    def check_result(self, result, shared, peer):
        assert (result["match"], result["shared_interests"]) == (peer is not None, shared)
        if peer is None:
            assert result["nudge_sent"] is False
        elif self.store_answers_at_once and (peer.ws is not None or not peer.had_socket):
            # else the socket's beginning or end may be on its way to the store
            assert result["nudge_sent"] is (peer.ws is not None)

    def after_sighting(self, *people):
        for person in people:
            if person is not None and person.ws is not None:
                self.read_nudges(person)

    @rule(person=people, other=people, key=st.none() | keys)
    def match(self, person, other, key):
        headers = {} if key is None else {"Idempotency_Key": key}
        answer = self.backend.request(
            "POST", "/match", {"own_token": person.token, "detected_token": other.token},
            authorization=person.bearer, **headers)
        if not person.live:
            assert_problem(answer, 401)
        elif key in person.answers:
            token, body = person.answers[key]
            self.reached["answered again"] += token == other.token
            if token == other.token:
                assert (answer.status, answer.body) == (200, body)
            else:
                assert_problem(answer, 422)
        else:
            assert answer.status == 200
            shared, peer = self.expect_sighting(person, other.token)
            self.check_result(answer.json, shared, peer)
            assert peer is not None or answer.body == NO_MATCH
            self.after_sighting(person, peer)
            if key is not None:
                person.answers[key] = (other.token, answer.body)

    @rule(person=people, other=people, by_socket=st.lists(st.booleans(), min_size=2, max_size=2), key=keys)
    def meet(self, person, other, by_socket, key):
        for one, two, on_socket in ((person, other, by_socket[0]), (other, person, by_socket[1])):
            if on_socket:
                self.sight(one, two)
            else:
                self.match(one, two, key)

    @rule(person=people, key=keys, other=people)
    def match_again(self, person, key, other):
        self.match(person, other, key)
        self.match(person, other, key)

    @rule(person=people)
    def come_back_without_an_ack(self, person):
        self.disconnect(person)
        self.connect(person, "", False)

    @rule(person=people, other=people)
    def match_as_somebody_else(self, person, other):
        answer = self.backend.request(
            "POST", "/match", {"own_token": other.token, "detected_token": person.token},
            authorization=person.bearer)
        if person is other and person.live:
            assert answer.body == NO_MATCH
            self.n_pings += 1
        else:
            assert_problem(answer, 401)

    # ---- sockets ----

    def read_nudges(self, person):
        """All that were not seen on this socket, in order, and nothing else."""
        while person.seen < len(person.nudges):
            nudge = person.ws.receive_json()
            person.seen += 1
            assert (nudge["type"], nudge["seq"]) == ("nudge", person.seen)
            assert nudge["shared_interests"] == person.nudges[person.seen - 1]
        person.ws.send({"type": "ping"})
        assert person.ws.receive_json() == {"type": "pong"}

    @rule(person=people, prefix=st.sampled_from(["", "/api/v1"]), resumes=st.booleans())
    def connect(self, person, prefix, resumes):
        if person.ws is not None:
            return
        ws = WebSocket(self.backend, f"{prefix}/ws/{person.token}", authorization=person.bearer,
                       Sec_WebSocket_Protocol="sighej.v1")
        if not person.live:
            assert ws.receive_close() == 4401
            ws.close()
            return
        snapshot = ws.receive_json()
        assert (snapshot["type"], snapshot["seq"]) == ("snapshot", len(person.nudges))
        assert_same_end(snapshot["expires_at"], person.answer.json["expires_at"])
        resumes = resumes or not self.store_answers_at_once  # an ack may be on its way too
        ws.send({"type": "resume", "after": person.acked if resumes else 0})
        person.ws, person.had_socket, person.seen = ws, True, person.acked
        self.reached["sent again"] += len(person.nudges) - person.acked
        self.read_nudges(person)

    @rule(person=people)
    def disconnect(self, person):
        if person.ws is not None:
            person.ws.close()
            person.ws = None

    @rule(person=people, other=people)
    def sight(self, person, other):
        if person.ws is None:
            return
        shared, peer = self.expect_sighting(person, other.token)
        person.ws.send({"type": "sighting", "id": 7, "detected_token": other.token})
        result = person.ws.receive_json()
        while result["type"] == "nudge":
            person.seen += 1
            assert result["seq"] == person.seen
            assert result["shared_interests"] == person.nudges[person.seen - 1]
            result = person.ws.receive_json()
        assert (result["type"], result["id"]) == ("sighting_result", 7)
        self.check_result(result, shared, peer)
        self.after_sighting(person, peer)

    @rule(person=people, seq=st.integers(0, 5))
    def acknowledge(self, person, seq):
        if person.ws is None:
            return
        person.ws.send({"type": "ack", "seq": seq})
        if seq <= len(person.nudges):
            person.acked = max(person.acked, seq)
        self.read_nudges(person)

    # ---- the end of a run ----

    @rule(person=consumes(people))
    def end_and_forget(self, person):
        self.end(person)

    def teardown(self):
        live = sum(person.live for person in self.all)
        expected = [self.n_sessions, self.n_matches, self.n_pings, live]
        if not self.store_answers_at_once:  # another worker may be carrying counts to the ledger
            wait_until(lambda: self.grown() == expected, f"the numbers to be {expected}")
        assert self.grown() == expected
        for person in self.all:
            if person.live:
                self.end(person)


def run_model(made, capsys, at_once):
    with capsys.disabled():
        print(f"\n  seed {SEED}, {MODEL.max_examples} runs of {MODEL.stateful_step_count} steps", end="")

    class Machine(Api):
        backend = made
        store_answers_at_once = at_once
        reached = collections.Counter()

    run_state_machine_as_test(hypothesis.seed(SEED)(Machine), settings=MODEL)
    with capsys.disabled():
        print(":", ", ".join(f"{n} {name}" for name, n in sorted(Machine.reached.items())), end=" ")
    assert all(Machine.reached[name] > 0 for name in ("matches", "answered again", "sent again")), \
        Machine.reached


def test_the_api_does_what_the_model_says(make_backend, capsys):
    run_model(make_backend(**UNLIMITED), capsys, True)


def test_two_workers_on_redis_do_what_the_model_says(make_backend, redis, capsys):
    backend = make_backend(WORKERS="2", **UNLIMITED, **redis.settings)
    backend.wait_until_ready()
    run_model(backend, capsys, False)


# ---- bodies: the contract's bounds are the program's ----

TEXT = st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=8)
JSON = st.recursive(st.none() | st.booleans() | st.integers(-2**53, 2**53) | TEXT,
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6)
# What every version of Unicode knows, and normalising leaves as long as it is.
LETTERS = st.characters(whitelist_categories=("Ll", "Lu", "Nd"), max_codepoint=0x17f)


def words(smallest, largest):
    return st.text(LETTERS, min_size=smallest, max_size=largest)


MEMBERS = {
    "ble_token": st.from_regex("[A-Za-z0-9_-]{10,64}", fullmatch=True) | words(0, 70) | JSON,
    "interests": st.lists(words(1, 40), min_size=1, max_size=20) | st.lists(words(0, 42), max_size=22)
    | st.lists(JSON, max_size=2) | JSON,
    "opening_id": st.from_regex("[0-9a-f]{32}", fullmatch=True) | words(31, 33) | JSON,
    "public_key": st.from_regex("[0-9a-f]{64}", fullmatch=True) | words(63, 65) | JSON,
    "expires_in": st.integers(299, 7201) | JSON,
    "avoid": st.builds(lambda one, n: [one] * n, st.from_regex("[0-9a-f]{32}", fullmatch=True),
                       st.integers(63, 65)) | st.lists(words(31, 33), max_size=3) | JSON,
}


@st.composite
def session_bodies(draw):
    """Mostly right, with up to two members that may be anything."""
    good = {"ble_token": secrets.token_hex(10), "interests": [draw(st.sampled_from(WORDS))]}
    for name in draw(st.lists(st.sampled_from(sorted(MEMBERS)), max_size=2)):
        good[name] = draw(MEMBERS[name])
    for name in draw(st.lists(st.sampled_from(["ble_token", "interests", "unknown"]), max_size=1)):
        good[name] = draw(JSON)
        if draw(st.booleans()):
            del good[name]
    return good


FENCE = 2**53 - 1
PER_SOCKET = 100  # so that none says more than 64 KiB in 10 s
WORD_FOR_WORD = {"sighting": ["sighting_result"], "ping": ["pong"]}


def is_as_the_contract_says(name, body):
    validator = contract.Draft202012Validator({"$ref": f"#/components/schemas/{name}"},
                                              resolver=contract.resolver())
    return validator.is_valid(body)


def test_bodies_are_taken_as_the_contract_bounds_them(make_backend):
    backend = make_backend(**UNLIMITED)
    taken = set()

    @hypothesis.seed(SEED)
    @BODIES
    @hypothesis.given(session_bodies() | JSON)
    def check(body):
        answer = backend.request("POST", "/session", json.dumps(body))
        valid = isinstance(body, dict) and is_as_the_contract_says("SessionRequest", body)
        odd = valid and not all(word.replace(" ", "").isalnum() for word in body["interests"])
        assert answer.status in ((201, 409, 400)[:3 if odd else 2] if valid else (400,)), (body, answer)
        taken.add(answer.status)

    check()
    assert taken == {201, 400} or taken == {201, 400, 409}


def open_socket(backend, sockets):
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", authorization=session.bearer,
                   Sec_WebSocket_Protocol="sighej.v1")
    ws.receive_json("snapshot")
    ws.sent = []
    sockets.append(ws)
    return ws


def test_messages_are_taken_as_the_contract_bounds_them(make_backend):
    backend = make_backend(**UNLIMITED)
    sockets = []
    messages = st.fixed_dictionaries(
        {"type": st.sampled_from(["sighting", "ack", "resume", "ping"]) | st.text(max_size=5)},
        optional={"id": st.integers(-1, 2**53 - 2) | JSON, "seq": st.integers(-1, 2**53) | JSON,
                  "after": st.integers(-1, 2**53) | JSON,
                  "detected_token": st.from_regex("[A-Za-z0-9_-]{1,64}", fullmatch=True) | words(0, 70),
                  "unknown": JSON})

    @hypothesis.seed(SEED)
    @BODIES
    @hypothesis.given(messages | JSON)
    def check(message):
        ws = sockets[-1] if sockets and len(sockets[-1].sent) < PER_SOCKET else open_socket(backend, sockets)
        ws.sent.append(message)
        ws.send(message)
        ws.send({"type": "sighting", "id": FENCE, "detected_token": "fence"})
        valid = isinstance(message, dict) and is_as_the_contract_says("ClientMessage", message)
        answers = [ws.receive_json()]
        while answers[-1].get("id") != FENCE:
            answers.append(ws.receive_json())
        kinds = [answer["type"] for answer in answers[:-1]]
        if not valid:
            assert kinds == ["error"] and answers[0]["code"] == "invalid_request", (message, answers)
        else:
            assert kinds == WORD_FOR_WORD.get(message["type"], []), (message, answers)

    check()
    for ws in sockets:
        ws.close()
