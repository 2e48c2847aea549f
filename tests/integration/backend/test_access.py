# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may ask, from where, and what that tells: one test or more for each of T-01, T-02, T-03, T-07, T-10, T-15."""

import json
import os
import re
import secrets
import time

import pytest

from backendlib import (NO_MATCH, WebSocket, assert_problem, frame, handshake, read_answer, request_bytes,
                       websocket_ways)


# ---- T-01, T-02, T-03: who may ask, and what it tells ----

def test_T_01_a_heard_token_proves_nothing(backend):
    ann, bob, eve = (backend.open_session() for _ in range(3))
    ended = backend.open_session()
    backend.request("DELETE", "/session", authorization=ended.bearer)
    for secret in (None, "", ann.token, "x" * 43, eve.secret, ended.secret, bob.secret[:-1],
                   bob.secret + "x", "a" * 5000):
        headers = {"authorization": f"Bearer {secret}"} if secret is not None else {}
        answer = backend.request("POST", "/match", {"own_token": bob.token,
                                                    "detected_token": ann.token}, **headers)
        assert_problem(answer, 401, "unauthorized")
    for scheme in ("Basic", "bearer2", ""):
        answer = backend.request("GET", "/session", authorization=f"{scheme} {bob.secret}".strip())
        assert_problem(answer, 401)
    assert backend.match(ann, bob.token).body == NO_MATCH  # nothing of the above was a sighting
    assert backend.match(bob, ann.token).json["match"] is True


def test_T_02_the_socket_takes_the_secret_three_ways(backend):
    session = backend.open_session()
    for headers in websocket_ways(session, session.secret):
        ws = WebSocket(backend, f"/ws/{session.token}", **headers)
        assert ws.answer.status == 101
        assert session.secret not in str(ws.answer.fields)
        assert ws.receive_json()["type"] == "snapshot"
        ws.close()
    ws = WebSocket(backend, f"/ws/{session.token}")
    assert "sec-websocket-protocol" not in ws.answer.headers
    ws.send({"type": "auth", "secret": session.secret})
    assert ws.receive_json()["type"] == "snapshot"
    ws.close()


def test_T_02_a_wrong_secret_hears_nothing_but_4401(backend):
    session, other = backend.open_session(), backend.open_session()
    for headers in (*websocket_ways(session, "x" * 43), *websocket_ways(session, other.secret)):
        ws = WebSocket(backend, f"/ws/{session.token}", **headers)
        assert ws.receive()[0] == 8
        ws.close()
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization="Bearer " + "x" * 43)
    assert ws.receive_close() == 4401
    ws = WebSocket(backend, f"/ws/{session.token}?secret={session.secret}")
    ws.send({"type": "ping"})
    assert ws.receive_close() == 4401


def test_bytes_behind_the_handshake_are_not_lost(backend):
    session = backend.open_session()
    early = frame(json.dumps({"type": "auth", "secret": session.secret})) \
        + frame(json.dumps({"type": "ping"}))
    ws = WebSocket(backend, f"/ws/{session.token}", early=early)
    assert ws.receive_json()["type"] == "snapshot"
    assert ws.receive_json()["type"] == "pong"
    ws.close()


@pytest.mark.parametrize("change", [{"Upgrade": None}, {"Connection": "close"},
                                    {"Sec_WebSocket_Key": None}, {"Sec_WebSocket_Key": "eA=="},
                                    {"Sec_WebSocket_Version": "8"}])
def test_a_bad_handshake_is_refused(backend, change):
    session = backend.open_session()
    fields = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13",
              "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    fields.update(change)
    answers = backend.raw(request_bytes("GET", f"/ws/{session.token}", **fields))
    assert_problem(answers[0], 400)
    if "Sec_WebSocket_Version" in change:
        assert answers[0].headers["sec-websocket-version"] == "13"


def test_the_handshake_answers_the_example_of_rfc_6455(backend):
    with backend.connect() as connection:
        connection.sendall(handshake("/ws/abc", key="dGhlIHNhbXBsZSBub25jZQ=="))
        assert read_answer(connection).headers["sec-websocket-accept"] \
            == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def comparable(answer):
    """All of an answer but its time and the number that was drawn for it."""
    return ([(name, "…" if name in ("Date", "X-Request-Id") else value)
             for name, value in answer.fields], answer.status, answer.body)


def test_T_03_six_causes_one_answer(backend):
    ended = backend.open_session(interests=["devops"])
    backend.request("DELETE", "/session", authorization=ended.bearer)
    unlike = backend.open_session(interests=["knitting"])
    causes = {
        "not yet mutual": backend.open_session(interests=["devops"]).token,
        "nothing shared": unlike.token,
        "unknown": secrets.token_hex(10),
        "ended": ended.token,
        "own": None,
        "no token of ours": "x",
    }
    answers = {}
    for cause, token in causes.items():  # each from a session of its own, which has all its quota
        ann = backend.open_session(interests=["devops"])
        if cause == "nothing shared":
            backend.match(unlike, ann.token)  # seen from both sides, and still nothing
        answers[cause] = comparable(backend.match(ann, token or ann.token))
    assert answers["unknown"][2] == NO_MATCH
    assert ("RateLimit", '"sightings";r=59;t=1') in answers["unknown"][0]
    for cause, answer in answers.items():
        assert answer == answers["unknown"], cause


def test_T_03_what_is_left_says_nothing_about_the_outcome(backend):
    ann, bob = backend.open_session(), backend.open_session()
    backend.match(bob, ann.token)
    match = backend.match(ann, bob.token)
    assert match.json["match"] is True
    assert (match.headers["ratelimit"], match.headers["ratelimit-policy"]) \
        == ('"sightings";r=59;t=1', '"sightings";q=120;w=60')


def test_T_03_the_causes_take_the_same_time(make_backend, capsys):
    """Printed, not asserted: a busy machine would lie."""
    backend = make_backend(SIGHTINGS_PER_MINUTE="100000", SIGHTINGS_BURST="100000",
                           DISTINCT_TOKENS_PER_HOUR="100000")
    ann = backend.open_session(interests=["devops"])
    causes = {"not yet mutual": backend.open_session(interests=["devops"]).token,
              "nothing shared": backend.open_session(interests=["knitting"]).token,
              "unknown": secrets.token_hex(10), "own": ann.token}
    times = {cause: [] for cause in causes}
    with backend.connect() as connection:
        for _ in range(300):
            for cause, token in causes.items():
                request = request_bytes("POST", "/match", {"own_token": ann.token,
                                                           "detected_token": token},
                                        authorization=ann.bearer)
                begin = time.perf_counter()
                connection.sendall(request)
                answer = read_answer(connection)
                times[cause].append(time.perf_counter() - begin)
                assert answer.body == NO_MATCH
    with capsys.disabled():
        for cause, measured in times.items():
            measured.sort()
            print(f"\n  {cause}: median {measured[150] * 1e6:.0f} us, "
                  f"p90 {measured[270] * 1e6:.0f} us", end="")


def test_T_07_of_many_that_want_a_token_one_gets_it(backend):
    request = request_bytes("POST", "/session", {"ble_token": secrets.token_hex(10),
                                                 "interests": ["jazz"]}, "close")
    connections = [backend.connect() for _ in range(200)]
    for connection in connections:
        connection.sendall(request)
    statuses = [read_answer(connection).status for connection in connections]
    assert sorted(statuses) == [201] + [409] * 199


def test_T_03_the_limit_hits_at_the_same_count_whatever_the_cause(make_backend):
    backend = make_backend(SIGHTINGS_PER_MINUTE="1", SIGHTINGS_BURST="5")
    other = backend.open_session()
    for detected in (other.token, secrets.token_hex(10)):
        session = backend.open_session()
        answers = [backend.match(session, detected) for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        assert_problem(answers[5], 429, "rate-limited")
        assert 1 <= int(answers[5].headers["retry-after"]) <= 61
        left = [re.fullmatch(r'"sightings";r=(\d+);t=(\d+)', answer.headers["ratelimit"]).groups()
                for answer in answers]
        assert [int(r) for r, _ in left] == [4, 3, 2, 1, 0, 0]
        assert left[5][1] == answers[5].headers["retry-after"]
        assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"sightings";q=1;w=60'}


def test_sessions_per_address_are_limited(make_backend):
    backend = make_backend(SESSIONS_PER_ADDRESS="3", TRUSTED_PROXIES="127.0.0.1")

    def ask(forwarded):
        return backend.request("POST", "/session", {"ble_token": secrets.token_hex(10),
                                                    "interests": ["jazz"]},
                               X_Forwarded_For=forwarded).status
    assert [ask("203.0.113.5") for _ in range(4)] == [201, 201, 201, 429]
    assert ask("203.0.113.5, 203.0.113.6") == 201  # only the rightmost hop is believed
    assert ask("203.0.113.9, 203.0.113.5") == 429
    assert [ask("2001:db8::1"), ask("2001:db8::2"), ask("2001:db8:0:0:9::3"),
            ask("2001:db8::4")] == [201, 201, 201, 429]
    assert [ask(None) for _ in range(5)] == [201] * 5  # unknown: totals only
    assert [ask("rubbish") for _ in range(5)] == [201] * 5


def test_new_sessions_tell_what_is_left_to_an_address(make_backend):
    backend = make_backend(SESSIONS_PER_ADDRESS="2")
    answers = [backend.request("POST", "/session", {"ble_token": secrets.token_hex(10),
                                                    "interests": ["jazz"]}) for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 201, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"sessions";q=2;w=600'}
    assert answers[2].headers["ratelimit"] == f'"sessions";r=0;t={answers[2].headers["retry-after"]}'
    unlimited = make_backend(SESSIONS_PER_ADDRESS="0")
    assert "ratelimit" not in unlimited.request("POST", "/session", {
        "ble_token": "x", "interests": ["jazz"]}).headers


def test_forwarded_for_is_not_believed_from_strangers(make_backend):
    backend = make_backend(SESSIONS_PER_ADDRESS="2")
    statuses = [backend.request("POST", "/session", {"ble_token": secrets.token_hex(10),
                                                     "interests": ["jazz"]},
                                X_Forwarded_For=f"203.0.113.{i}").status for i in range(3)]
    assert statuses == [201, 201, 429]


# ---- T-10: operators ----

def test_T_10_no_path_of_operators_on_the_public_port(backend):
    for path in ("/stats", "/api/v1/stats", "/metrics", "/admin", "/admin/", "/api/v1/admin",
                 "/stats/", "//stats", "/%73tats", "/stats?x", "/STATS", "/api/v1/../../stats",
                 "/api/v1//stats", "/x/../stats"):
        for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS"):
            answer = backend.raw(request_bytes(method, path, {} if method == "POST" else None,
                                               "close"))
            assert answer[0].status == 404, (method, path)


def test_T_10_people_s_paths_are_not_on_the_admin_port(backend):
    for path in ("/session", "/match", "/ws/abc", "/privacy", "/api/v1/vocabulary"):
        assert_problem(backend.request("GET", path, admin=True), 404)


@pytest.mark.parametrize("way", ["file", "credential"])
def test_T_10_the_operators_token(make_backend, tmp_path, way):
    token = secrets.token_hex(16)
    (tmp_path / "admin-token").write_text(token + "\n")
    os.chmod(tmp_path / "admin-token", 0o600)
    backend = make_backend(**({"ADMIN_TOKEN_FILE": str(tmp_path / "admin-token")} if way == "file"
                              else {"CREDENTIALS_DIRECTORY": str(tmp_path)}))
    for wrong in (None, "Bearer x", f"Bearer {token}x", token, f"Basic {token}"):
        assert_problem(backend.request("GET", "/stats", admin=True, authorization=wrong), 401)
    assert backend.request("GET", "/stats", admin=True,
                           authorization=f"Bearer {token}").status == 200
    assert backend.request("GET", "/health", admin=True).status == 200
    assert backend.stop() == 0
    assert token not in backend.log()


# ---- T-15: logs ----

def test_T_15_the_log_holds_no_secret(make_backend):
    backend = make_backend()
    ann = backend.open_session(token="planted-token-ann", interests=["planted interest"])
    bob = backend.open_session(token="planted-token-bob", interests=["planted interest"])
    backend.match(ann, bob.token)
    backend.match(bob, ann.token)
    backend.request("GET", "/session", authorization=ann.bearer, X_Request_Id="planted-request")
    backend.request("GET", "/planted-path?planted-query")
    backend.raw(b"GET /planted-path HTTP/1.1\r\nplanted : header\r\n\r\n")
    WebSocket(backend, f"/ws/{ann.token}", Authorization=ann.bearer).close()
    assert backend.stop() == 0
    log = backend.log()
    assert "/session" in log
    for planted in ("planted", ann.secret, bob.secret, ann.id, bob.id, "127.0.0.1"):
        assert planted not in log
