# SPDX-License-Identifier: GPL-2.0-or-later
"""R-05 behind haproxy: whatever a client sends, proxy and backend see the same requests.

haproxy numbers each request it sees and keeps one connection to the backend for all clients, so
a request that only the backend sees would take somebody else's answer."""

import socket
import subprocess

import pytest

from backendlib import WAIT_SECONDS, get, parse_answers, read_all, request_bytes, wait_until
from test_http import DOUBTFUL, POST, SMUGGLED

CONFIG = """
defaults
    mode http
    timeout connect 5s
    timeout client 2s
    timeout server 5s
    timeout http-request 1s
    http-reuse always
    # As in docs/examples/haproxy.cfg: a connection may close just as its next request is sent.
    retries 3
    retry-on conn-failure empty-response
frontend front
    bind unix@{front}
    http-request disable-l7-retry unless METH_GET
    http-request set-header X-Request-Id %[uuid()]
    http-request set-var(txn.id) req.hdr(X-Request-Id)
    http-after-response set-header X-Seen-As %[var(txn.id)]
    default_backend back
backend back
    server one 127.0.0.1:{port} maxconn 1
"""
DRAWN_CHARS = 32  # haproxy's have 36
CHUNKED = "Transfer-Encoding: chunked\r\n"
MORE = [
    POST + "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    POST + "Transfer-Encoding:\x0bchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    POST + "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    POST + "Transfer-Encoding: chunked, identity\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    POST + "X: y\r\n " + CHUNKED + "Content-Length: 5\r\n\r\n0\r\n\r\n",
    POST + CHUNKED + "\r\n2;x=\"\r\n\"\r\n{}\r\n0\r\n\r\n",
    POST + CHUNKED + "\r\n2\n{}\r\n0\r\n\r\n",
    POST + CHUNKED + "\r\n0\r\nContent-Length: 40\r\n\r\n",
    POST + CHUNKED + "\r\n2\r\n{}\r\n0\r\n\r\n",
    POST + CHUNKED + "\r\nffffffffffffffff2\r\n{}\r\n0\r\n\r\n",
    POST + "Content-Length: 2\r\nConnection: Content-Length\r\n\r\n{}",
    POST + "Content-Length: 2\r\nConnection: close, Host\r\n\r\n{}",
    POST + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
    POST + "Content-Length: 44\r\n\r\n{}",
    "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 39\r\n\r\n",
    "GET /health HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "GET /ws/abc HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "DELETE /session HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
]


@pytest.fixture
def front(make_backend, tmp_path):
    backend = make_backend(TRUSTED_PROXIES="127.0.0.1")
    path = tmp_path / "front"
    (tmp_path / "haproxy.cfg").write_text(CONFIG.format(front=path, port=backend.port))
    with open(tmp_path / "haproxy.log", "wb") as log:
        proxy = subprocess.Popen(["haproxy", "-db", "-f", tmp_path / "haproxy.cfg"], stdout=log, stderr=log)
    try:
        wait_until(lambda: path.exists() or proxy.poll() is not None, "haproxy")
        assert proxy.poll() is None, (tmp_path / "haproxy.log").read_text()
        yield path
    finally:
        proxy.terminate()
        proxy.wait(WAIT_SECONDS)


def talk(front, data, ends=False):
    """All answers. Who ends at once may miss some; who does not waits for haproxy to."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(WAIT_SECONDS)
        connection.connect(str(front))
        connection.sendall(data)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def is_of_its_request(answer):
    """A head that is refused unread is answered with a number of the backend's own, and a close."""
    if answer.status == 100 or "x-request-id" not in answer.headers:
        return False
    if len(answer.headers["x-request-id"]) == DRAWN_CHARS:
        assert answer.status >= 400, answer
    else:
        assert answer.headers["x-request-id"] == answer.headers["x-seen-as"], answer
    return True


def test_R_05_haproxy_and_the_backend_never_disagree(front):
    attacks = [text for text, _ in DOUBTFUL] + [text + SMUGGLED for text in MORE]
    n_answered = 0
    for attack in attacks:
        victim = get("/health", "Connection: close")
        answers = talk(front, attack.encode("latin-1"), ends=True)
        if not attack.startswith("HEAD"):
            n_answered += sum(is_of_its_request(answer) for answer in parse_answers(answers))
        mine = parse_answers(talk(front, victim))
        assert [answer.status for answer in mine] == [200], attack
        assert mine[0].headers["x-request-id"] == mine[0].headers["x-seen-as"], attack
        assert mine[0].body == b'{"status":"ok"}'
    assert n_answered > 10  # not all end at haproxy


def test_R_05_what_is_good_passes_haproxy(front):
    body = {"ble_token": "behind-haproxy", "interests": ["jazz"]}
    data = request_bytes("POST", "/session", body) + request_bytes("GET", "/health", None, "close")
    answers = parse_answers(talk(front, data))
    assert [answer.status for answer in answers] == [201, 200]
    for answer in answers:
        assert answer.headers["x-request-id"] == answer.headers["x-seen-as"]
