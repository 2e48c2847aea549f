# SPDX-License-Identifier: GPL-2.0-or-later
"""Idempotency-Key: the same request twice is done once and answered alike."""

import secrets
import threading
import uuid

import pytest

from backendlib import WebSocket, assert_problem, read_answer, request_bytes, wait_until

KEY = "Idempotency_Key"


def draw():
    return str(uuid.uuid4())


def session_body(token=None):
    return {"ble_token": token or secrets.token_hex(10), "interests": ["devops", "hardstyle"]}


def total(backend, name):
    return backend.request("GET", "/stats", admin=True).json[name]


def test_a_session_is_opened_once_and_answered_twice(backend):
    before = total(backend, "total_sessions_today")
    body, key = session_body(), draw()
    first = backend.request("POST", "/session", body, **{KEY: key})
    again = backend.request("POST", "/session", body, **{KEY: key})
    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body
    assert again.headers["content-type"] == "application/json"
    assert total(backend, "total_sessions_today") == before + 1
    shown = backend.request("GET", "/session", authorization=f"Bearer {again.json['session_secret']}")
    assert shown.json["session_id"] == first.json["session_id"]


def test_both_prefixes_are_one_route_and_the_key_may_be_quoted(backend):
    body, key = session_body(), draw()
    first = backend.request("POST", "/session", body, **{KEY: key})
    for path, form in (("/api/v1/session", key), ("/session", f'"{key}"'), ("/session", key.upper())):
        again = backend.request("POST", path, body, **{KEY: form})
        assert (again.status, again.body) == (200, first.body)


@pytest.mark.parametrize("key", ["", "x", "1", "{}", '"', '""', "8e03978e-40d5-43e8-bc93-6894a57f932",
                                 "8e03978e40d543e8bc936894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f932g",
                                 '"8e03978e-40d5-43e8-bc93-6894a57f9324', "x" * 5000,
                                 "8e03978e-40d5-43e8-bc93-6894a57f9324, 8e03978e-40d5-43e8-bc93-6894a57f9324"])
def test_a_key_that_is_no_uuid_is_refused_and_nothing_is_done(backend, key):
    body = session_body()
    assert_problem(backend.request("POST", "/session", body, **{KEY: key}), 400, "invalid-request")
    assert backend.request("POST", "/session", body).status == 201


def test_another_body_is_refused(backend):
    body, key = session_body(), draw()
    first = backend.request("POST", "/session", body, **{KEY: key})
    for other in (session_body(), {**body, "expires_in": 300}):
        assert_problem(backend.request("POST", "/session", other, **{KEY: key}), 422,
                       "idempotency-key-reused")
    assert backend.request("POST", "/session", body, **{KEY: key}).body == first.body


def test_a_sighting_is_counted_once(backend):
    ann, bob = backend.open_session(), backend.open_session()
    backend.match(bob, ann.token)
    pings = total(backend, "total_pings_today")
    key = draw()
    first = backend.match(ann, bob.token, **{KEY: key})
    assert first.json["match"] is True
    for _ in range(3):
        again = backend.match(ann, bob.token, **{KEY: key})
        assert (again.status, again.body) == (200, first.body)
    assert total(backend, "total_pings_today") == pings + 1


def test_keys_belong_to_a_caller_and_a_route(backend):
    ann, bob = backend.open_session(), backend.open_session()
    key = draw()
    for caller, heard in ((ann, bob), (bob, ann)):
        assert backend.match(caller, heard.token, **{KEY: key}).status == 200
    assert backend.request("POST", "/session", session_body(), **{KEY: key}).status == 201


def test_a_refusal_is_not_kept(backend):
    taken = backend.open_session()
    body, key = session_body(taken.token), draw()
    assert backend.request("POST", "/session", {**body, "interests": []}, **{KEY: key}).status == 400
    # the key is free again: another body may come with it
    assert_problem(backend.request("POST", "/session", body, **{KEY: key}), 409)
    assert_problem(backend.request("POST", "/session", body, **{KEY: key}), 409)
    assert backend.request("POST", "/session", session_body(), **{KEY: key}).status == 201
    for _ in range(2):
        assert_problem(backend.request("POST", "/match", {"own_token": "x", "detected_token": "y"},
                                       **{KEY: draw()}), 401)
        assert_problem(backend.request("POST", "/match", {"own_token": "x", "detected_token": "y"},
                                       authorization="Bearer " + "x" * 43, **{KEY: key}), 401)


def test_the_end_of_the_session_ends_what_is_kept(backend):
    body, key = session_body(), draw()
    first = backend.request("POST", "/session", body, **{KEY: key})
    bearer = f"Bearer {first.json['session_secret']}"
    match = {"own_token": body["ble_token"], "detected_token": "x"}
    sighting = draw()
    assert backend.request("POST", "/match", match, authorization=bearer, **{KEY: sighting}).status == 200
    assert backend.request("DELETE", "/session", authorization=bearer).status == 204
    assert_problem(backend.request("POST", "/match", match, authorization=bearer, **{KEY: sighting}), 401)
    assert_problem(backend.request("POST", "/session", body, **{KEY: key}), 409)  # its tombstone


def test_fifty_at_once_are_one(backend):
    before = total(backend, "total_sessions_today")
    request = request_bytes("POST", "/session", session_body(), "close", **{KEY: draw()})
    connections = [backend.connect() for _ in range(50)]
    for connection in connections:
        connection.sendall(request)
    answers = [read_answer(connection) for connection in connections]
    for connection in connections:
        connection.close()
    assert sorted(answer.status for answer in answers) == [200] * 49 + [201]
    assert len({answer.body for answer in answers}) == 1
    assert total(backend, "total_sessions_today") == before + 1


def test_without_a_key_nothing_changes(backend):
    body = session_body()
    assert backend.request("POST", "/session", body).status == 201
    assert_problem(backend.request("POST", "/session", body), 409)


def test_other_methods_do_not_look_at_it(backend):
    session = backend.open_session()
    for method, status in (("GET", 200), ("DELETE", 204)):
        assert backend.request(method, "/session", authorization=session.bearer,
                               **{KEY: "nonsense"}).status == status


def test_legacy_ignores_it(make_backend):
    backend = make_backend(AUTH_MODE="legacy")
    key = draw()
    for token in ("anna", "bob", "anna"):
        answer = backend.request("POST", "/session", session_body(token), **{KEY: key})
        assert answer.status == 201
    assert backend.request("POST", "/session", session_body(), **{KEY: "nonsense"}).status == 201


def test_a_replay_wakes_nobody(backend):
    ann, bob = backend.open_session(), backend.open_session()
    ws = WebSocket(backend, f"/ws/{bob.token}", authorization=bob.bearer,
                   Sec_WebSocket_Protocol="sighej.v1")
    ws.receive_json("snapshot")
    backend.match(bob, ann.token)
    key = draw()
    threads = [threading.Thread(target=backend.match, args=(ann, bob.token), kwargs={KEY: key})
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ws.receive_json()["type"] == "nudge"
    ws.send({"type": "ping"})
    assert ws.receive_json()["type"] == "pong"
    ws.close()


# ---- two instances on one Redis ----

@pytest.fixture
def pair(redis, make_backend):
    settings = {"SESSIONS_PER_ADDRESS": "0", "WORKERS": "1", **redis.settings}
    backends = [make_backend(**settings) for _ in range(2)]
    for backend in backends:
        backend.wait_until_ready()
    return backends


def test_one_instance_answers_again_what_the_other_did(pair):
    body, key = session_body(), draw()
    first = pair[0].request("POST", "/session", body, **{KEY: key})
    again = pair[1].request("POST", "/session", body, **{KEY: key})
    assert (first.status, again.status, first.body) == (201, 200, again.body)
    assert_problem(pair[1].request("POST", "/session", session_body(), **{KEY: key}), 422)
    bearer, match, sighting = f"Bearer {first.json['session_secret']}", {"own_token": body["ble_token"],
                                                                         "detected_token": "x"}, draw()
    first = pair[1].request("POST", "/match", match, authorization=bearer, **{KEY: sighting})
    again = pair[0].request("POST", "/match", match, authorization=bearer, **{KEY: sighting})
    assert (first.status, again.status, first.body) == (200, 200, again.body)
    assert pair[0].request("DELETE", "/session", authorization=bearer).status == 204
    assert_problem(pair[1].request("POST", "/match", match, authorization=bearer, **{KEY: sighting}), 401)
    assert_problem(pair[1].request("POST", "/session", body, **{KEY: key}), 409)


def test_fifty_at_once_on_two_instances_are_one(pair):
    request = request_bytes("POST", "/session", session_body(), "close", **{KEY: draw()})
    connections = [pair[i % 2].connect() for i in range(50)]
    for connection in connections:
        connection.sendall(request)
    answers = [read_answer(connection) for connection in connections]
    for connection in connections:
        connection.close()
    assert sorted(answer.status for answer in answers) == [200] * 49 + [201]
    assert len({answer.body for answer in answers}) == 1


def test_what_is_kept_is_sealed_and_ends_with_the_session(pair, redis):
    body, key = session_body(), draw()
    answer = pair[0].request("POST", "/session", body, **{KEY: key}).json
    held = redis.dump()
    for secret in (answer["session_secret"], key, answer["expires_at"], "hardstyle"):
        assert secret.encode() not in held
    assert pair[0].request("DELETE", "/session",
                           authorization=f"Bearer {answer['session_secret']}").status == 204
    assert answer["session_id"].encode() not in redis.dump()


def test_without_a_store_nothing_is_done(pair, redis):
    body, key = session_body(), draw()
    redis.freeze()
    answer = pair[0].request("POST", "/session", body, **{KEY: key})
    assert_problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    redis.thaw()
    for backend in pair:
        backend.wait_until_ready()
    wait_until(lambda: pair[1].request("POST", "/session", body, **{KEY: key}).status in (201, 200),
               "the same request to be done")
