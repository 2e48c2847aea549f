# SPDX-License-Identifier: GPL-2.0-or-later
"""Two instances on one Redis: what people notice of that, and what a thief of it finds."""

import hashlib
import secrets
import time

import pytest

from backendlib import WebSocket, wait_until

KNOWN_AGAIN_SECONDS = 2  # F-01


def open_socket(backend, session):
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer,
                   Sec_WebSocket_Protocol="sighej.v1")
    ws.receive_json("snapshot")
    ws.send({"type": "resume", "after": 0})
    sight(ws, "nobody")  # its answer comes behind that of the outbox
    return ws


def sight(ws, token):
    ws.send({"type": "sighting", "id": 1, "detected_token": token})
    return ws.receive_json("sighting_result")


def test_different_interest_keys_are_told_of(redis, make_backend):
    settings = {**redis.settings, "WORKERS": "1"}
    first = make_backend(**settings)
    other = make_backend(**{**settings, "INTEREST_KEY_FILE": redis.key_file("other.key"), "G_DEBUG": "fatal-criticals"})  # the warning
    wait_until(lambda: "another instance on this Redis has another interest key" in other.log(), "a warning")
    assert "InterestKeyFile" in other.log()
    assert "interest key" not in first.log()


RIGHTS = ("~*", "&*", "+@all", "-@dangerous", "-@admin", "+role")  # docs/backend.md, "Redis"


@pytest.fixture
def pair(redis, make_backend):
    settings = {**redis.settings, "WORKERS": "1"}
    return make_backend(**settings), make_backend(**settings)


def test_two_at_two_instances_meet(redis, make_backend):
    assert redis.ask("ACL", "SETUSER", "sighej", "on", ">word", *RIGHTS) == b"+OK\r\n"
    settings = {**redis.settings, "WORKERS": "1"}
    settings["REDIS_URL"] += "?user=sighej&password=word"
    one, two = make_backend(**settings), make_backend(**settings)
    alice, bob = one.open_session(interests=["devops", "Brætspil"]), two.open_session(interests=["board games"])
    to_alice, to_bob = open_socket(one, alice), open_socket(two, bob)
    assert sight(to_alice, bob.token)["match"] is False
    to_bob.send({"type": "sighting", "id": 1, "detected_token": alice.token})
    nudges = [to_alice.receive_json("nudge"), to_bob.receive_json("nudge")]
    assert nudges[0]["id"] == nudges[1]["id"]
    assert nudges[0]["shared_interests"] == ["Brætspil"] and nudges[1]["shared_interests"] == ["board games"]
    to_alice.send({"type": "ack", "seq": 1})

    # Each is told once, wherever the next socket is; the old one is closed.
    elsewhere = open_socket(two, alice)
    assert to_alice.receive_close() == 4409
    assert sight(elsewhere, bob.token)["match"] is True
    two.request("DELETE", "/session", authorization=alice.bearer)
    assert elsewhere.receive_json("session")["state"] == "ended"
    to_bob.close()


def test_what_one_instance_ends_the_other_closes(pair):
    one, two = pair
    alice = one.open_session()
    ws = open_socket(one, alice)
    assert two.request("GET", "/session", authorization=alice.bearer).json["session_id"] == alice.id
    assert two.request("DELETE", "/session", authorization=alice.bearer).status == 204
    assert ws.receive_json("session")["state"] == "ended"
    assert ws.receive_close() == 1000
    assert one.request("GET", "/session", authorization=alice.bearer).status == 401


def test_T_08_a_dump_of_redis_tells_nothing(pair, redis):
    one, two = pair
    redis.ask("CONFIG", "SET", "rdbcompression", "no")
    interest = "canary" + secrets.token_hex(8)
    alice, bob = (backend.open_session(interests=[interest, "devops"], opening_id=secrets.token_hex(16))
                  for backend in pair)
    to_alice, to_bob = open_socket(one, alice), open_socket(two, bob)
    sight(to_alice, bob.token)
    sight(to_bob, alice.token)
    to_alice.send({"type": "ack", "seq": 1})
    key = secrets.token_hex(4)
    headers = {"Idempotency_Key": f"{key}-0000-4000-8000-000000000000"}
    assert one.match(alice, bob.token, **headers).json["match"] is True

    def mentions(*words):
        dump = redis.dump().lower()
        return [word for word in words if word.lower().encode() in dump]

    plain = [interest, hashlib.sha256(interest.encode()).hexdigest(), alice.secret, bob.secret,
             headers["Idempotency_Key"], "devops"]
    names = [alice.token, alice.id, hashlib.sha256(alice.secret.encode()).hexdigest()]
    assert mentions(*plain) == []
    assert set(mentions(*names)) == set(names)

    one.request("DELETE", "/session", authorization=alice.bearer)
    assert to_alice.receive_json("session")["state"] == "ended"
    assert mentions(*plain, *names) == []
    assert mentions(bob.token) == [bob.token]
    to_bob.close()


def test_F_01_a_redis_that_lost_everything(pair, redis):
    one, two = pair
    sessions = [backend.open_session() for backend in pair]
    sockets = [open_socket(backend, session) for backend, session in zip(pair, sessions)]
    redis.stop()
    redis.start()
    start = time.monotonic()
    for ws in sockets:
        assert ws.receive_json("session")["state"] == "expired"
        assert ws.receive_close() == 4410
    wait_until(lambda: one.request("GET", "/session", authorization=sessions[0].bearer).status == 401, "Redis")
    wait_until(lambda: two.request("GET", "/session", authorization=sessions[1].bearer).status == 401, "Redis")
    assert time.monotonic() - start < KNOWN_AGAIN_SECONDS
    again = two.open_session(sessions[1].token)
    open_socket(two, again).close()


def test_F_02_a_redis_that_is_frozen(pair, redis):
    one, _ = pair
    alice = one.open_session()
    redis.freeze()
    start = time.monotonic()
    answer = one.match(alice, "nobody")
    assert answer.status == 503 and time.monotonic() - start < 1.5, answer
    assert int(answer.headers["retry-after"]) >= 1
    assert one.request("GET", "/health/live").status == 200
    redis.thaw()
    wait_until(lambda: one.match(alice, "nobody").status == 200, "Redis")
