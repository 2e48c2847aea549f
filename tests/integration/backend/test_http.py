# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTTP side: the contract, and one test or more for each rule about requests and sockets: R-, F-, T-11."""

import json
import os
import re
import resource
import secrets
import socket
import time
import uuid

import pytest

import contract
from backendlib import (NO_MATCH, WAIT_SECONDS, WebSocket, assert_problem, assert_same_end, get,
                       parse_answers, read_all, read_answer, request_bytes, wait_until, websocket_ways)


# ---- the contract ----

def test_the_published_example_gets_a_session(backend):
    answer = backend.request("POST", "/session", {"ble_token": "b4b57748198574854a05",
                                                  "interests": ["devops", "hardstyle"]})
    assert answer.status == 201
    assert set(answer.json) == {"session_id", "expires_at", "session_secret"}
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.json["session_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer.json["expires_at"])


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_session_is_shown_and_wiped(backend, prefix):
    session = backend.open_session()
    shown = backend.request("GET", prefix + "/session", authorization=session.bearer)
    assert shown.status == 200
    assert "devops" in shown.body.decode()
    assert session.secret not in shown.body.decode()
    ended = backend.request("DELETE", prefix + "/session", authorization=session.bearer)
    assert (ended.status, ended.body) == (204, b"")
    assert_problem(backend.request("GET", prefix + "/session", authorization=session.bearer), 401)
    assert_problem(backend.request("DELETE", prefix + "/session", authorization=session.bearer), 401)


def test_two_that_see_each_other_match_and_are_nudged(backend):
    ann, bob = backend.open_session(), backend.open_session()
    sockets = [WebSocket(backend, f"/ws/{s.token}", Authorization=s.bearer,
                         Sec_WebSocket_Protocol="sighej.v1") for s in (ann, bob)]
    for ws in sockets:
        assert ws.answer.status == 101
        assert ws.answer.headers["sec-websocket-protocol"] == "sighej.v1"
        assert ws.receive_json()["type"] == "snapshot"
    assert backend.match(ann, bob.token).body == NO_MATCH
    second = backend.match(bob, ann.token)
    assert second.json == {"match": True, "shared_interests": ["devops", "hardstyle"],
                           "nudge_sent": True}
    nudges = [ws.receive_json("nudge") for ws in sockets]
    assert nudges[0]["id"] == nudges[1]["id"]
    for ws, nudge in zip(sockets, nudges):
        assert nudge["message"] == "Someone nearby shares your interest in devops and hardstyle."
        assert nudge["shared_interests"] == ["devops", "hardstyle"]
        ws.close()


def test_the_socket_speaks_as_published(backend):
    ann, bob = backend.open_session(), backend.open_session()
    sockets = {s: WebSocket(backend, f"/api/v1/ws/{s.token}", Authorization=s.bearer,
                            Sec_WebSocket_Protocol="sighej.v1") for s in (ann, bob)}
    for session, ws in sockets.items():
        snapshot = ws.receive_json()
        assert (snapshot["type"], snapshot["state"]) == ("snapshot", "active")
        assert_same_end(snapshot["expires_at"], session.expires_at)
    sockets[ann].send({"type": "ping"})
    assert sockets[ann].receive_json() == {"type": "pong"}
    sockets[ann].send({"type": "sighting", "id": 3, "detected_token": bob.token})
    assert sockets[ann].receive_json() == {"type": "sighting_result", "id": 3, "match": False,
                                           "shared_interests": [], "nudge_sent": False}
    sockets[bob].send({"type": "sighting", "id": 4, "detected_token": ann.token})
    result = sockets[bob].receive_json("sighting_result")
    assert (result["id"], result["match"], result["nudge_sent"]) == (4, True, True)
    nudge = sockets[ann].receive_json("nudge")
    assert re.fullmatch("[0-9a-f]{32}", nudge["id"]) and nudge["seq"] == 1
    sockets[ann].close()

    again = WebSocket(backend, f"/ws/{ann.token}", Authorization=ann.bearer,
                      Sec_WebSocket_Protocol="sighej.v1")
    assert again.receive_json()["type"] == "snapshot"
    again.send({"type": "resume", "after": 0})
    # Not acknowledged, so sent again, with a ticket that is sealed anew.
    assert {**again.receive_json("nudge"), "ticket": ""} == {**nudge, "ticket": ""}
    again.send({"type": "ack", "seq": nudge["seq"]})
    again.send({"type": "ping"})
    assert again.receive_json() == {"type": "pong"}
    again.close()

    backend.request("DELETE", "/session", authorization=bob.bearer)
    assert sockets[bob].receive_json("session")["state"] == "ended"
    sockets[bob].receive_close()


@pytest.mark.parametrize("path", ["/health", "/health/live", "/api/v1/health"])
def test_health_on_both_listeners(backend, path):
    for admin in (False, True):
        answer = backend.request("GET", path, admin=admin)
        assert (answer.status, answer.body) == (200, b'{"status":"ok"}')
        assert answer.headers["cache-control"] == "no-store"


def test_head_is_get_without_a_body(backend):
    answer = backend.request("HEAD", "/health")
    assert answer.status == 200
    assert answer.headers["content-length"] == "15"


def test_stats_has_the_published_members(backend):
    answer = backend.request("GET", "/stats", admin=True)
    assert answer.status == 200
    assert set(answer.json) == {"total_sessions_today", "total_matches_today", "total_pings_today",
                                "top_interest_categories", "active_sessions_now"}


def test_vocabulary_has_a_strong_etag(backend):
    first = backend.request("GET", "/api/v1/vocabulary")
    assert first.status == 200 and len(first.json["interests"]) >= 300
    assert len(first.json["categories"]) >= 15
    etag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{16}"', etag)
    for known in (etag, f'"x", W/{etag}', "*"):
        again = backend.request("GET", "/api/v1/vocabulary", If_None_Match=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
        assert "content-length" not in again.headers
    assert backend.request("GET", "/api/v1/vocabulary", If_None_Match='"x"').status == 200


@pytest.mark.parametrize("wanted,language", [("da", "da"), ("da-DK,en;q=0.5", "da"),
                                             ("de, en;q=0.3", "en"), ("en;q=0.9,da;q=0.2", "en"),
                                             ("da;q=0", "en"), (None, "en")])
@pytest.mark.parametrize("page", ["/privacy", "/terms"])
def test_pages_come_in_the_reader_s_language(backend, page, wanted, language):
    answer = backend.request("GET", page, Accept_Language=wanted)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}">' in answer.body.decode()
    assert "18" in answer.body.decode() and "{" not in answer.body.decode()


def test_pages_of_the_operator_go_first(make_backend, tmp_path):
    (tmp_path / "terms.html").write_text("<p>ours</p>")
    backend = make_backend(TERMS_FILE=str(tmp_path / "terms.html"), MINIMUM_AGE="21")
    assert backend.request("GET", "/terms").body == b"<p>ours</p>"
    assert "21" in backend.request("GET", "/privacy").body.decode()


# ---- answers ----

def test_errors_are_problems_with_the_request_s_id(backend):
    for method, path, status, kind in (("GET", "/nowhere", 404, "not-found"),
                                       ("DELETE", "/health", 405, "method-not-allowed"),
                                       ("GET", "/session", 401, "unauthorized"),
                                       ("GET", "/ws/abc", 400, "invalid-request"),
                                       ("GET", "/ws/a.b", 404, "not-found")):
        answer = backend.request(method, path)
        assert_problem(answer, status, kind)
        assert answer.json["instance"] == path
    assert backend.request("DELETE", "/health").headers["allow"] == "GET, HEAD, OPTIONS"
    assert backend.request("GET", "/session").headers["www-authenticate"].startswith("Bearer")


def test_request_id_is_kept_when_sane_and_drawn_otherwise(backend):
    assert backend.request("GET", "/health", X_Request_Id="Ab-1").headers["x-request-id"] == "Ab-1"
    for bad in ("a b", "x" * 65, "a_b", 'a"b', ""):
        drawn = backend.request("GET", "/health", X_Request_Id=bad).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{32}", drawn)


def test_every_answer_has_the_security_headers_and_no_server(backend):
    answers = [backend.request("GET", "/health"), backend.request("GET", "/nowhere"),
               backend.raw(b"GET / HTTP/1.1\r\n\r\n")[0], backend.request("GET", "/privacy")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "content-security-policy" in answer.headers
        assert "x-request-id" in answer.headers
        assert "server" not in answer.headers


def test_connection_is_kept_alive(backend):
    with backend.connect() as connection:
        for _ in range(5):
            connection.sendall(request_bytes("GET", "/health"))
            assert read_answer(connection).status == 200


def test_pipelined_requests_are_answered_in_order(backend):
    data = request_bytes("GET", "/health") + request_bytes("GET", "/nowhere") \
        + request_bytes("POST", "/session", {"x": 1}) + request_bytes("GET", "/health", None, "close")
    assert [answer.status for answer in backend.raw(data)] == [200, 404, 400, 200]


def test_request_in_single_bytes_is_understood(backend):
    with backend.connect() as connection:
        for byte in request_bytes("POST", "/session", {"ble_token": secrets.token_hex(10),
                                                       "interests": ["jazz"]}):
            connection.sendall(bytes([byte]))
        assert read_answer(connection).status == 201


def test_100_continue_is_said(backend):
    body = json.dumps({"ble_token": secrets.token_hex(10), "interests": ["jazz"]}).encode()
    request = request_bytes("POST", "/session", body, Expect="100-continue")
    with backend.connect() as connection:
        connection.sendall(request[:-len(body)])
        assert read_answer(connection).status == 100
        connection.sendall(body)
        answer = read_answer(connection)
        assert answer.status == 201 and "x-request-id" in answer.headers


def test_clients_that_leave_while_they_are_answered(backend):
    before = backend.n_descriptors()
    for i in range(300):
        connection = backend.connect()
        connection.sendall(request_bytes("GET", "/health/ready") * (1 + i % 3))
        if i % 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    wait_until(lambda: backend.n_descriptors() <= before, "descriptors to be closed")
    assert backend.request("GET", "/health/ready").status == 200


def test_idle_connections_leave_nothing_behind(backend):
    before = backend.n_descriptors()
    for _ in range(20):
        connections = [backend.connect() for _ in range(10)]
        for connection in connections:
            connection.sendall(request_bytes("GET", "/health"))
            read_answer(connection)
            connection.close()
    wait_until(lambda: backend.n_descriptors() <= before, "descriptors to be closed")


# ---- F-12: the listening socket ----

def limit_descriptors(backend, free):
    """Leaves it @free descriptors."""
    highest = max(int(name) for name in os.listdir(f"/proc/{backend.pid}/fd"))
    soft = resource.prlimit(backend.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(backend.pid, resource.RLIMIT_NOFILE, (highest + 1 + free, soft[1]))
    return soft


def test_R_01_accepts_again_after_running_out_of_descriptors(make_backend):
    backend = make_backend()
    soft = limit_descriptors(backend, 3)
    flood = [backend.connect() for _ in range(12)]
    wait_until(lambda: "trying again" in backend.log(), "a failed accept")
    for connection in flood:
        connection.close()
    begin = time.monotonic()
    assert backend.request("GET", "/health").status == 200
    assert time.monotonic() - begin < 1
    resource.prlimit(backend.pid, resource.RLIMIT_NOFILE, soft)


def test_F_12_40_descriptors_and_a_flood(make_backend):
    backend = make_backend(
        preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40)))
    for _ in range(3):
        flood = [backend.connect() for _ in range(60)]
        turned_away = [connection for connection in flood[-40:] if b" 503 " in read_all(connection)]
        assert len(turned_away) == 40
        for connection in flood:
            connection.close()
        begin = time.monotonic()
        wait_until(lambda: backend.request("GET", "/health").status == 200, "service again")
        assert time.monotonic() - begin < 1


def test_R_02_a_burst_of_900_connections(backend):
    begin = time.monotonic()
    burst = [backend.connect() for _ in range(900)]
    assert time.monotonic() - begin < 1  # one lost SYN costs a second
    for connection in burst:
        connection.close()


def test_connections_are_capped_in_all_and_per_address(make_backend):
    for setting in ("MAX_CONNECTIONS", "MAX_CONNECTIONS_PER_ADDRESS"):
        backend = make_backend(**{setting: "5"})
        held = [backend.connect() for _ in range(5)]
        assert_problem(parse_answers(read_all(backend.connect()))[0], 503, "unavailable")
        held.pop().close()
        wait_until(lambda: backend.request("GET", "/health").status == 200, "a free place")


def test_open_websockets_count_as_connections(make_backend):
    backend = make_backend(MAX_CONNECTIONS="3")
    session = backend.open_session()
    held = [WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)
            for _ in range(2)]
    for ws in held:
        assert ws.receive_json()["type"] == "snapshot"
    assert backend.request("GET", "/health").status == 200
    last = backend.connect()
    assert_problem(parse_answers(read_all(backend.connect()))[0], 503)
    for ws in held:
        ws.close()
    last.close()
    wait_until(lambda: backend.request("GET", "/health").status == 200, "a free place")


# ---- deadlines ----

def seconds_until_closed(connection):
    begin = time.monotonic()
    data = read_all(connection)
    return time.monotonic() - begin, data


@pytest.mark.parametrize("sent,status", [(b"", None), (b"GET /health HTTP/1.1\r\nHost: x\r\n", 408)])
def test_R_03_a_head_that_does_not_come(make_backend, sent, status):
    backend = make_backend(HEADER_TIMEOUT_SECONDS="1")
    with backend.connect() as connection:
        connection.sendall(sent)
        seconds, data = seconds_until_closed(connection)
    assert 0.8 < seconds < 2.5
    assert [answer.status for answer in parse_answers(data)] == ([status] if status else [])


def test_R_03_a_head_that_drips(make_backend):
    backend = make_backend(HEADER_TIMEOUT_SECONDS="1")
    with backend.connect() as connection:
        connection.settimeout(0.1)
        connection.sendall(b"GET /health HTTP/1.1\r\nX: ")
        begin = time.monotonic()
        answer = b""
        while not answer and time.monotonic() - begin < WAIT_SECONDS:
            connection.sendall(b"y")
            try:
                answer = connection.recv(4096)
            except TimeoutError:
                pass
    assert 0.8 < time.monotonic() - begin < 2.5
    assert b" 408 " in answer


def test_R_03_a_body_that_does_not_come(make_backend):
    backend = make_backend(BODY_TIMEOUT_SECONDS="1")
    with backend.connect() as connection:
        connection.sendall(request_bytes("POST", "/session", b"x" * 100)[:-50])
        seconds, data = seconds_until_closed(connection)
    assert 0.8 < seconds < 2.5
    assert_problem(parse_answers(data)[0], 408, "timeout")


def test_R_03_an_idle_connection_is_closed(make_backend):
    backend = make_backend(IDLE_TIMEOUT_SECONDS="1", HEADER_TIMEOUT_SECONDS="30")
    with backend.connect() as connection:
        connection.sendall(request_bytes("GET", "/health"))
        assert read_answer(connection).status == 200
        seconds, data = seconds_until_closed(connection)
    assert 0.8 < seconds < 2.5 and data == b""


def test_R_03_an_answer_nobody_takes(make_backend):
    backend = make_backend(WRITE_TIMEOUT_SECONDS="1")
    before = backend.n_descriptors()
    with backend.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(get("/api/v1/vocabulary") * 200)
        wait_until(lambda: backend.n_descriptors() == before + 1, "the connection")
        begin = time.monotonic()
        wait_until(lambda: backend.n_descriptors() == before, "it to be dropped")
        assert time.monotonic() - begin < 6


def test_R_03_200_silent_sockets_do_not_hold_up_others(make_backend):
    backend = make_backend(HEADER_TIMEOUT_SECONDS="2")
    before = backend.n_descriptors()
    silent = [backend.connect() for _ in range(200)]
    for connection in silent[::2]:
        connection.sendall(b"POST /session HTTP/1.1\r\nHost:")
    begin = time.monotonic()
    assert backend.request("GET", "/health").status == 200
    assert time.monotonic() - begin < 0.5
    wait_until(lambda: backend.n_descriptors() <= before, "all to be closed")
    for connection in silent:
        connection.close()


# ---- bodies ----

def test_R_04_a_large_body_is_refused_from_its_head_and_not_read(backend):
    before = backend.rss_kib()
    with backend.connect() as connection:
        connection.sendall(b"POST /session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 999999\r\n\r\n")
        assert_problem(read_answer(connection), 413, "too-large")
        begin = time.monotonic()
        try:
            while time.monotonic() - begin < WAIT_SECONDS:
                connection.sendall(b"x" * 65536)
        except (ConnectionResetError, BrokenPipeError):
            pass
        assert time.monotonic() - begin < 2
    assert backend.rss_kib() - before < 2048


def test_R_04_the_answer_arrives_though_the_body_was_sent(backend):
    for _ in range(20):
        with backend.connect() as connection:
            connection.sendall(request_bytes("POST", "/session", b"x" * 100000))
            assert_problem(read_answer(connection), 413)


def test_R_04_16_kib_is_the_limit(backend):
    body = {"ble_token": "x", "interests": []}
    text = json.dumps(body)
    at = backend.request("POST", "/session", text + " " * (16384 - len(text)))
    over = backend.request("POST", "/session", text + " " * (16385 - len(text)))
    assert (at.status, over.status) == (400, 413)


# ---- what makes two readers disagree ----

POST = "POST /session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SMUGGLED = "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"


DOUBTFUL = [
    (POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, 400),
    (POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED, 400),
    (POST + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED, 400),
    (POST + "Content-Length: 2\r\ncontent-length: 40\r\n\r\n{}" + SMUGGLED, 400),
    (POST + "Content-Length: 2, 2\r\n\r\n{}" + SMUGGLED, 400),
    (POST + "Content-Length: -1\r\n\r\n" + SMUGGLED, 400),
    (POST + "Content-Length: +3\r\n\r\n{} " + SMUGGLED, 400),
    (POST + "Content-Length: 0x2\r\n\r\n{}" + SMUGGLED, 400),
    (POST + "Content-Length: \r\n\r\n{}" + SMUGGLED, 400),
    (POST + "Content-Length: 00000000000000000002\r\n\r\n{}" + SMUGGLED, 400),
    (POST + "Content-Length: 99999999999999999999\r\n\r\n{}" + SMUGGLED, 400),
    (POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + SMUGGLED, 411),
    (POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, 411),
    (POST + "transfer-encoding: identity\r\n\r\n" + SMUGGLED, 411),
    (POST + "\r\n" + SMUGGLED, 411),
    ("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost:\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: a?b\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: u@a\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: a:b\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: [::1\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\nHost: a\n\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: a\nX: y\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost : a\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: a\r\nX\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n" + SMUGGLED, 400),
    ("GET  /health HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 400),
    ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 400),
    ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 400),
    ("GET http://localhost/health HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 400),
    ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 400),
    ("GET /health\r\nHost: a\r\n\r\n" + SMUGGLED, 400),
    ("GET /health HTTP/2.0\r\nHost: a\r\n\r\n" + SMUGGLED, 505),
    ("\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 400),
    ("CONNECT localhost:80 HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 405),
    ("PUT /session HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED, 405),
    ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 405),
    ("get /health HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 405),
    ("GET /" + "x" * 2048 + " HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED, 414),
    ("GET /health HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n" * 64 + "\r\n" + SMUGGLED, 431),
    ("GET /health HTTP/1.1\r\nHost: a\r\nX: " + "y" * 16384 + "\r\n\r\n" + SMUGGLED, 431),
    ("GET /health HTTP/1.1\r\nHost: a\r\nX: " + "y" * 100000, 431),
]


@pytest.mark.parametrize("request_text,status", DOUBTFUL)
def test_R_05_is_refused_and_the_connection_closed(backend, request_text, status):
    answers = backend.raw(request_text.encode("latin-1"))
    assert len(answers) == 1, "a second request was executed"
    assert_problem(answers[0], status)
    assert answers[0].headers["connection"] == "close"


def head_fields(answer):
    names = {name: value for name, value in answer.headers.items() if name not in ("date", "connection")}
    return {**names, **{name: None for name in ("x-request-id", "ratelimit") if name in names}}


def test_R_05_lane_and_libsoup_take_turns(backend):
    """The same requests, once without libsoup and once with it, on one connection in one packet."""
    session = backend.open_session()
    body = json.dumps({"own_token": session.token, "detected_token": str(uuid.uuid4())}).encode()
    for content, secret in ((body, session.bearer), (body, "Bearer x"), (b"{}", session.bearer),
                            (b"", session.bearer)):
        plain = request_bytes("POST", "/match", content, Authorization=secret)
        other = request_bytes("POST", "/match?", content, Authorization=secret)
        answers = backend.raw(plain + other + plain + plain + other + get("/health") + plain)
        assert [answer.status for answer in answers[:5] + answers[6:]] == [answers[0].status] * 6
        assert answers[5].status == 200
        assert head_fields(answers[0]) == head_fields(answers[1]) == head_fields(answers[6])
        if answers[0].status == 200:
            assert {answer.body for answer in answers[:5]} == {answers[0].body}


def test_R_05_a_request_for_the_lane_comes_in_pieces(backend):
    session = backend.open_session()
    body = json.dumps({"own_token": session.token, "detected_token": str(uuid.uuid4())}).encode()
    data = request_bytes("POST", "/match", body, Authorization=session.bearer)
    with backend.connect() as connection:
        for i in range(0, len(data), 16):
            connection.sendall(data[i:i + 16])
        assert read_answer(connection).status == 200
        connection.sendall(data[:-1])
        connection.shutdown(socket.SHUT_WR)
        assert_problem(read_answer(connection), 400, "invalid-request")
        assert connection.recv(1) == b""


def test_R_05_what_is_strict_http_is_served(backend):
    assert backend.raw(get("/health", version="HTTP/1.0", host=None))[0].status == 200
    assert backend.raw(get("/health", host="Host: [::1]:8080"))[0].status == 200
    assert backend.raw(get("/health", host="Host:localhost:8080  "))[0].status == 200
    assert backend.raw(get("/" + "x" * 2047))[0].status == 404
    assert backend.raw(get("/health", *["X: y"] * 63))[0].status == 200
    assert backend.raw(get("/health?x=%20y", "Connection: close"))[0].status == 200


def test_R_05_no_path_or_host_makes_libsoup_answer(backend):
    """It would do so without an id and without a body."""
    paths = [f"/{chr(i)}" for i in range(0x21, 0x7f) if chr(i) not in "#%"]
    paths += ["/%00", "/%2e%2e/", "//x", "/..", "/../..", "/a/./b", "/?", "/??", "/:80", "/@a", "/%ff"]
    for path in paths:
        assert_problem(backend.raw(get(path))[0], 404, "not-found")
    for host in ("-", "_", ".", "a..b", "1", "[::ffff:1.2.3.4]", "a:", "a:0", "xn--a", "a" * 300):
        answer = backend.raw(get("/health", host=f"Host: {host}"))[0]
        assert answer.status in (200, 400) and "x-request-id" in answer.headers, host


# ---- R-06, R-07 ----

def test_R_06_ranges_are_not_served(backend):
    ranges = ",".join(f"{i}-{i}" for i in range(1200))
    for path in ("/health", "/api/v1/vocabulary"):
        whole = backend.request("GET", path)
        part = backend.request("GET", path, Range=f"bytes={ranges}", If_Range="x")
        assert (part.status, part.body) == (200, whole.body)
        assert backend.request("GET", path, Range="bytes=0-1").body == whole.body


def test_R_07_compression_is_never_offered(backend):
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer,
                   Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")
    assert ws.answer.status == 101
    assert "sec-websocket-extensions" not in ws.answer.headers
    ws.close()


# ---- R-11, T-11: web pages ----

@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://ok.example.evil",
                                    "http://ok.example", "https://ok.example:444", ""])
def test_R_11_a_foreign_origin_is_refused_everywhere(backend, origin):
    for admin in (False, True):
        for path in ("/health", "/session", "/nowhere", "/stats"):
            answer = backend.request("GET", path, admin=admin, Origin=origin)
            assert_problem(answer, 403, "forbidden")
            assert "access-control-allow-origin" not in answer.headers
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer, Origin=origin)
    assert ws.answer.status == 403
    ws.close()


def test_R_11_an_allowed_origin_may_read(backend):
    answer = backend.request("GET", "/health", Origin="https://ok.example")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://ok.example"
    assert "access-control-allow-credentials" not in answer.headers
    preflight = backend.request("OPTIONS", "/session", Origin="https://ok.example",
                                Access_Control_Request_Method="POST")
    assert (preflight.status, preflight.body) == (204, b"")
    assert preflight.headers["access-control-allow-methods"] == "POST, GET, HEAD, DELETE, OPTIONS"
    assert "Authorization" in preflight.headers["access-control-allow-headers"]


def test_R_11_an_allowed_page_opens_a_socket(backend):
    session = backend.open_session()
    for headers in websocket_ways(session, session.secret):
        ws = WebSocket(backend, f"/ws/{session.token}", Origin="https://ok.example", **headers)
        assert ws.answer.status == 101
        assert ws.answer.headers["access-control-allow-origin"] == "https://ok.example"
        assert ws.receive_json()["type"] == "snapshot"
        ws.close()


@pytest.mark.parametrize("path", ["/health", "/session", "/match", "/nowhere", "/privacy", "/openapi.json",
                                  "/api/v1/vocabulary", "/problems/conflict"])
def test_R_11_caches_keep_pages_apart(backend, path):
    for headers in ({}, {"Origin": "https://ok.example"}, {"Origin": "https://evil.example"}):
        answer = backend.request("GET", path, **headers)
        assert "Origin" in answer.headers["vary"].split(", ")
        assert ("access-control-allow-origin" in answer.headers) == (headers.get("Origin") == "https://ok.example")
        assert "access-control-allow-credentials" not in answer.headers


def test_R_11_a_refusal_can_be_read_by_an_allowed_page(backend):
    answer = backend.request("POST", "/session", {"x": 1}, Origin="https://ok.example")
    assert_problem(answer, 400)
    assert answer.headers["access-control-allow-origin"] == "https://ok.example"
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id", "ETag"} <= set(exposed)


def test_only_what_has_a_tag_may_be_kept(backend):
    for admin, path in [(admin, path) for admin, paths in contract_paths().items() for path in paths]:
        answer = backend.request("GET", path, admin=admin)
        assert answer.headers["cache-control"] == ("no-cache" if "etag" in answer.headers else "no-store"), path
    for path in ("/openapi.json", "/stats"):
        first = backend.request("GET", path, admin=True)
        again = backend.request("GET", path, admin=True, If_None_Match=first.headers["etag"])
        assert (again.status, again.body) == (304, b"")
    backend.open_session()
    assert backend.request("GET", "/stats", admin=True, If_None_Match=first.headers["etag"]).status == 200


def contract_paths():
    found = {True: [], False: []}
    for listener, template in contract.paths():
        found[listener == "admin"].append(template.replace("{ble_token}", "abc").replace("{type}", "conflict"))
    return found


def test_T_11_form_posts_are_refused(backend):
    body = '{"ble_token":"x","interests":["jazz"]}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                 None):
        assert_problem(backend.request("POST", "/session", body, content_type=kind), 415)
    good = backend.request("POST", "/session", json.dumps({"ble_token": secrets.token_hex(9),
                                                           "interests": ["jazz"]}),
                           content_type="application/json; charset=utf-8")
    assert good.status == 201


# ---- R-15 ----

def test_R_13_http_2_is_not_spoken(make_backend):
    backend = make_backend(SOUP_SERVER_HTTP2="1")
    answers = backend.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0")
    assert [answer.status for answer in answers] == [405]
    upgrade = backend.request("GET", "/health", Upgrade="h2c", HTTP2_Settings="AAMAAABk")
    assert upgrade.status == 200


GOOD = '"ble_token":"abc","interests":["jazz"]'


@pytest.mark.parametrize("body", [
    "", "[" * 8000, '{"a":' * 3000, "{" + GOOD + ',"a":' + "[" * 8 + "]" * 8 + "}",
    "{" + GOOD + "} {}", "{" + GOOD + "}x", "/* x */ {" + GOOD + "}", "var x = {" + GOOD + "}",
    "{" + GOOD + ",}", "{" + GOOD + ',"a":0x10}', "{" + GOOD + ',"a":010}',
    "{" + GOOD + ',"a":1e999}', "{" + GOOD + ',"a":99999999999999999999999999}',
    "{" + GOOD + ',"ble_token":"xyz"}', "{" + GOOD + ',"a":"\t"}', "{" + GOOD + ',"a":"\\u0000"}',
    "{" + GOOD + ',"a":"\\ud800"}', b"{" + GOOD.encode() + b',"a":"\xff"}', "null", "[]", '"x"',
    "{" + ",".join(f'"k{i}":1' for i in range(65)) + "}",
    "{" + GOOD + ',"a":[' + ",".join("1" * 257) + "]}",
    '{"ble_token":1,"interests":["jazz"]}', '{"ble_token":"a b","interests":["jazz"]}',
    '{"ble_token":"' + "a" * 65 + '","interests":["jazz"]}', '{"ble_token":"","interests":["jazz"]}',
    '{"ble_token":"abc"}', '{"ble_token":"abc","interests":"jazz"}',
    '{"ble_token":"abc","interests":[]}', '{"ble_token":"abc","interests":[1]}',
    '{"ble_token":"abc","interests":["' + "a" * 41 + '"]}',
    '{"ble_token":"abc","interests":[' + ",".join(f'"i{i}"' for i in range(21)) + "]}",
    "{" + GOOD + ',"token_seed":"00"}', "{" + GOOD + ',"expires_in":299}',
    "{" + GOOD + ',"expires_in":7201}', "{" + GOOD + ',"opening_id":"xyz"}',
])
def test_R_14_R_15_hostile_bodies(backend, body):
    answer = backend.request("POST", "/session", body)
    assert answer.status == 400 and answer.headers["content-type"] == "application/problem+json"
    assert answer.json["type"] in ("/problems/invalid-request", "/problems/invalid-interest",
                                   "/problems/invalid-duration")
    session = backend.open_session()
    matched = backend.request("POST", "/match", body, authorization=session.bearer)
    assert_problem(matched, 400)
