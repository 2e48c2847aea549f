# SPDX-License-Identifier: GPL-2.0-or-later
"""T-15: what is planted everywhere in a busy run, with whatever can go wrong, is in no log."""

import re
import secrets
import socket
import subprocess

import pytest

from backendlib import WebSocket, frame, get, run, wait_until
from cell import spread
from test_metrics import scrape, value
from test_trace import Collector

ADDRESS = "203.0.113.77"
TRACE = "00-feedfacefeedfacefeedfacefeedface-00f067aa0ba902b7-01"
REDIS_PASSWORD, DATABASE_PASSWORD = "planted-redis-password", "planted-database-password"
ADMIN_TOKEN = "planted-admin-token-of-32-letters"


class Redis:
    """A real one, on a UNIX socket of its own."""

    def __init__(self, folder):
        self.path = folder / "redis.sock"
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.path), "--save", "",
             "--requirepass", REDIS_PASSWORD, "--dir", str(self.path.parent)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.answers, "Redis")

    def answers(self):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self.path))
                return True
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path):
    redis = Redis(tmp_path)
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture
def admin_token(tmp_path):
    path = tmp_path / "planted-token-file"
    path.write_text(ADMIN_TOKEN)
    path.chmod(0o600)
    return path


def until_connected(backend, n=4, **headers):
    """Each of two workers, with both its connections."""
    wait_until(lambda: value(backend, "sighej_redis_connects_total", **headers) >= n, "Redis")


def until_ready_is(backend, status):
    answers = []
    wait_until(lambda: answers.append(backend.request("GET", "/health/ready"))
               or answers[-1].status == status, f"/health/ready to say {status}")
    return answers[-1]


def provoke(backend, ann, bob):
    """Every way of being refused that a client has."""
    planted = {"X_Forwarded_For": ADDRESS, "X_Request_Id": "planted-request-id", "traceparent": TRACE}
    for method, path in (("GET", "/planted-path?planted-query"), ("PUT", "/session"), ("GET", "/session"),
                         ("DELETE", "/session"), ("GET", "/ws/planted-token-ann")):
        backend.request(method, path, **planted)
    for body in ("planted-body", {"ble_token": "planted token"}, {"planted": 1},
                 {"ble_token": ann.token, "interests": ["planted interest"]},
                 {"ble_token": secrets.token_hex(10), "interests": ["planted\x00"]}):
        backend.request("POST", "/session", body, **planted)
    backend.match(ann, "planted-detected-token", secret="planted-secret-of-nobody", **planted)
    backend.request("POST", "/match", {"own_token": bob.token, "detected_token": ann.token},
                    authorization=ann.bearer, Idempotency_Key="5f0c7b4e-0000-4000-8000-00000planted",
                    **planted)
    for path in ("/stats", "/metrics"):
        backend.request("GET", path, admin=True, authorization="Bearer planted-wrong-operators-token")
    backend.raw(b"GET /planted-path HTTP/1.1\r\nplanted : header\r\n\r\n")
    backend.raw(get("/health", "Content-Length: 1", "Content-Length: 2", "X-Planted: planted"))


def provoke_sockets(backend, ann):
    path = f"/ws/{ann.token}"
    WebSocket(backend, path, Authorization="Bearer planted-secret-of-nobody").receive_close()
    WebSocket(backend, path, Sec_WebSocket_Protocol=f"sighej.v1, sighej.auth.{ann.secret}").close()
    ws = WebSocket(backend, path)
    ws.send({"type": "auth", "secret": "planted-secret-of-nobody"})
    ws.receive_close()
    ws = WebSocket(backend, path, Authorization=ann.bearer)
    ws.receive_json("snapshot")
    ws.connection.sendall(frame("planted: no JSON"))
    assert ws.receive_json("error")
    ws.connection.sendall(b"\xff\xffplanted")
    ws.receive_close()


def busy_run(backend):
    """Two people meet, and everything else goes wrong. Returns: what no log may hold."""
    ann = backend.open_session(token="planted-token-ann", interests=["planted interest", "devops"])
    bob = backend.open_session(token="planted-token-bob", interests=["planted interest", "devops"],
                               opening_id="feed" * 8)
    ws = WebSocket(backend, f"/ws/{ann.token}", Authorization=ann.bearer,
                   Sec_WebSocket_Protocol="sighej.v1")
    ws.receive_json("snapshot")
    backend.match(ann, bob.token)
    backend.match(bob, ann.token, X_Forwarded_For=ADDRESS)
    nudge = ws.receive_json("nudge")
    provoke(backend, ann, bob)
    provoke_sockets(backend, ann)
    ws.close()
    return [ann.id, bob.id, ann.secret, bob.secret, nudge["id"], "feed" * 8, ADDRESS, "planted",
            "feedface", "127.0.0.1"]


def assert_clean(log, planted):
    """The addresses an operator wrote into the settings are his; every other one is somebody's."""
    for canary in planted:
        assert canary not in log, next(line for line in log.splitlines() if canary in line)
    # An id that is named is the first 8 digits of a keyed hash.
    assert re.search(r"\bfor [0-9a-f]{8}: \d{3}", log)


def said_in(journal):
    """All that it was told, a field a line, but for a trace that a trusted proxy began: that one is carried on."""
    entries = journal.entries("_TRANSPORT=journal") + journal.entries("_TRANSPORT=stdout")
    assert {entry.pop("TRACE_ID") for entry in entries if "TRACE_ID" in entry} > {TRACE.split("-")[1]}
    assert "unavailable" in {entry.get("SIGHEJ_PROBLEM") for entry in entries}
    return "\n".join(value for entry in entries for name, value in entry.items() if not name.startswith("_"))


@pytest.mark.parametrize("where", ["stderr", "journal"])
def test_T_15_no_log_holds_what_was_planted(request, make_backend, redis, admin_token, tmp_path, where):
    journal = request.getfixturevalue("journal") if where == "journal" else None
    collector = Collector(500)
    bearer = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    try:
        backend = make_backend(
            REDIS_URL=f"unix://{redis.path}?password={REDIS_PASSWORD}", WORKERS="2",
            DATABASE_URL=f"postgresql://me:{DATABASE_PASSWORD}@/x?host={tmp_path}",
            ADMIN_TOKEN_FILE=str(admin_token), TRUSTED_PROXIES="127.0.0.1",
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, TRACE_SAMPLE_PERCENT="100",
            SESSIONS_PER_ADDRESS="0", G_DEBUG="fatal-criticals",  # warnings are what we want
            prefix=journal.prefix if journal else ())
        until_connected(backend, **bearer)
        planted = busy_run(backend)
        # One worker answers for both.
        assert max(float(v) for v in scrape(backend, **bearer)["sighej_workers"].samples.values()) == 2
        ready = until_ready_is(backend, 200).json
        assert (ready["status"], ready["parts"]["ledger"]) == ("degraded", "away")

        redis.stop()
        assert "store" in until_ready_is(backend, 503).json["detail"]
        assert backend.request("POST", "/session", {"ble_token": secrets.token_hex(10),
                                                    "interests": ["planted interest"]}).status == 503
        assert backend.request("GET", "/metrics", admin=True, **bearer).status == 200
        redis.start()
        until_connected(backend, 8, **bearer)
        until_ready_is(backend, 200)
        assert backend.stop() == 0
    finally:
        collector.close()
    log = said_in(journal) if journal else backend.log()
    assert "Redis" in log and "database" in log and "collector" in log
    assert_clean(log.replace("http://127.0.0.1", ""), planted)


def test_T_15_no_message_about_the_settings_holds_a_password(tmp_path):
    for settings in ({"REDIS_URL": f"rediss://:{REDIS_PASSWORD}@localhost"},
                     {"REDIS_URL": f"redis://:{REDIS_PASSWORD}@:x"},
                     {"DATABASE_URL": f"postgresql://me:{DATABASE_PASSWORD}@localhost:no/x"},
                     {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:planted-password@localhost"},
                     {"REDIS_URL": f"redis://:{REDIS_PASSWORD}@localhost",
                      "DATABASE_URL": f"postgresql://me:{DATABASE_PASSWORD}@localhost/x"}):
        done = run("--check-config", STATE_DIRECTORY=str(tmp_path), SIGHEJ_LOG_LEVEL="debug", **settings)
        assert "planted" not in done.stdout + done.stderr, done


def test_ids_match_within_a_log_and_not_between_two(make_backend):
    """The same id reads the same in one log, so that it can be followed, and otherwise in the next."""
    found = []
    for _ in range(2):
        backend = make_backend()
        for _ in range(3):
            backend.request("GET", "/health")
        assert backend.stop() == 0
        found.append(set(re.findall(r"\bfor ([0-9a-f]{8}): 200", backend.log())))
    assert [len(ids) for ids in found] == [1, 1] and found[0] != found[1]


def test_ids_match_between_the_workers_of_a_backend(make_backend, redis):
    backend = make_backend(REDIS_URL=f"unix://{redis.path}?password={REDIS_PASSWORD}", WORKERS="2")
    held = spread(backend, 1)
    for connection in [connection for some in held.values() for connection in some]:
        connection.close()
    assert backend.stop() == 0
    assert len(set(re.findall(r"\bfor ([0-9a-f]{8}): 200", backend.log()))) == 1


def test_metrics_of_a_run_with_redis(make_backend, redis):
    backend = make_backend(REDIS_URL=f"unix://{redis.path}?password={REDIS_PASSWORD}", WORKERS="2")
    until_connected(backend)
    first, second = backend.open_session(), backend.open_session()
    backend.match(first, second.token)
    assert backend.match(second, first.token).json["match"] is True
    assert value(backend, "sighej_nudges_written_total") == 1
    assert value(backend, "sighej_sightings_total", 'outcome="match"') == 1
    assert value(backend, "sighej_sessions_opened_total") == 2
    assert value(backend, "sighej_store_call_duration_seconds_count", 'operation="sight"') == 2
    assert value(backend, "process_open_fds") > 20
