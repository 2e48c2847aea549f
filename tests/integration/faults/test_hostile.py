# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile clients: refused as R-01 to R-15 say, while an honest client hardly feels them.

The attackers are a process of their own on another loopback address; the honest client's requests,
reports and nudges are timed meanwhile.
"""
import collections
import os
import select
import socket
import struct
import time

import pytest

from backendlib import frame, handshake, request_bytes
from faultlib import Attack, Honest, SLOW, rss_kib, sanitized

ATTACKER = "127.0.0.66"
SECONDS = 20 if SLOW else 2
HONEST_P99_SECONDS = 0.1
ATTEMPTS = 3  # what else the machine does is not the attack's doing
FLOODER_SECONDS = 2  # for one connection, when the queue of those that wait to be accepted is full
GROWTH_KIB_MAX = 96 * 1024  # 2,000 connections of 48 KiB with all that libsoup has for one
SANITIZED_SLOWLORIS = 300
SLOWLORIS, SLOWLORIS_STEP, SLOWLORIS_TICK_SECONDS = 2000, 100, 0.05
RAISED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "1000000", "SIGHTINGS_BURST": "1000000",
          "MESSAGES_PER_SECOND": "100000"}


def connect(port, seconds=None):
    connection = socket.socket()
    connection.settimeout(seconds)
    try:
        connection.bind((ATTACKER, 0))
        connection.connect(("127.0.0.1", port))
    except OSError:
        connection.close()
        raise
    connection.settimeout(None)
    return connection


def is_over(connection):
    """Whether the other end is gone; what it said before does not matter."""
    try:
        while True:
            if not connection.recv(65536, socket.MSG_DONTWAIT):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def answer_to(connection, data):
    """Sends it; the status lines that came back until the end."""
    try:
        connection.sendall(data)
    except OSError:
        pass
    said = b""
    connection.settimeout(10)
    try:
        while chunk := connection.recv(65536):
            said += chunk
    except OSError:
        pass
    return [line.split(b" ")[1].decode() for line in said.split(b"\r\n") if line.startswith(b"HTTP/")]


# ---- the attacks: each tells how often what happened ----

def slowloris(stop, ready, port, many):
    """2,000 heads that never end, a byte now and then; whoever is dropped comes again. They come by and
    by, as they would, so that they are not all dropped at once either."""
    told, sockets = collections.Counter(), []
    while not stop.is_set():
        for _ in range(min(many - len(sockets), SLOWLORIS_STEP)):
            sockets.append(connect(port))
            sockets[-1].sendall(b"POST /session HTTP/1.1\r\nHost: x\r\nX-A: ")
            told["opened"] += 1
        told["most"] = max(told["most"], len(sockets))
        if told["most"] >= many * 0.9 and told["dropped"] >= many // 2:
            ready.set()  # nearly all there, and being thrown out and coming again
        for one in sockets[:SLOWLORIS_STEP]:  # each has its turn about once a second
            try:
                one.sendall(b"y")
            except OSError:
                pass
            if is_over(one):
                told["dropped"] += 1
                one.close()
            else:
                sockets.append(one)
        del sockets[:SLOWLORIS_STEP]
        stop.wait(SLOWLORIS_TICK_SECONDS)
    return told


def request_flood(stop, ready, port):
    """Twenty connections that ask as fast as they can, and do not wait to be answered."""
    told = collections.Counter()
    sockets = []
    many = request_bytes("GET", "/api/v1/session") * 50
    while not stop.is_set():
        while len(sockets) < 20 and not stop.is_set():
            try:
                sockets.append(connect(port, FLOODER_SECONDS))
                sockets[-1].setblocking(False)
            except TimeoutError:  # of the kernel's: its queue was full, and the next try comes in a second or more
                told["not let in"] += 1
        ready.set()
        readable, writable, _ = select.select(sockets, sockets, [], 0.1)
        for one in readable:
            try:
                data = one.recv(65536)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            told["answers"] += data.count(b"HTTP/1.1 401")
            if not data:
                one.close()
                sockets.remove(one)
                told["closed"] += 1
        for one in writable:
            if one in sockets:
                try:
                    one.send(many)
                except OSError:
                    pass
    return told


def upgrade(port, ws, *more, **headers):
    token, bearer = ws
    connection = connect(port)
    connection.sendall(handshake(f"/ws/{token}", authorization=bearer, **headers))
    connection.settimeout(10)
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = connection.recv(1)
        if not chunk:
            break
        head += chunk
    return connection, head


def close_code(connection):
    """Of the close frame, which stands at the end of what was said; None without."""
    said = b""
    connection.settimeout(10)
    try:
        while chunk := connection.recv(65536):
            said = (said + chunk)[-200:]
            at = said.rfind(b"\x88")
            if at >= 0 and len(said) >= at + 4:
                return struct.unpack("!H", said[at + 2:at + 4])[0]
    except OSError:
        pass
    return None


def pour(connection, data, n):
    try:
        for _ in range(n):
            connection.sendall(data)
    except OSError:
        pass


def fragment(opcode, payload):
    mask = os.urandom(4)
    return bytes([opcode, 0xfe]) + struct.pack("!H", len(payload)) + mask + bytes(
        byte ^ mask[i % 4] for i, byte in enumerate(payload))


def endless_fragments(stop, ready, port, ws):
    told = collections.Counter()
    first, more = fragment(1, b" " * 900), fragment(0, b" " * 900)
    while not stop.is_set():
        connection, _ = upgrade(port, ws)
        pour(connection, first + more * 100, 20)
        told[close_code(connection)] += 1
        connection.close()
        ready.set()
    return told


def deflate_bombs(stop, ready, port, ws):
    """Offers compression, is not given it, and sends a compressed frame nevertheless."""
    told = collections.Counter()
    bomb = b"\xc1\xfe" + struct.pack("!H", 4000) + b"\0\0\0\0" + b"\xec\xc1\x01\x01" + b"\0" * 3996
    while not stop.is_set():
        connection, head = upgrade(port, ws, Sec_WebSocket_Extensions="permessage-deflate")
        told["accepted"] += b"sec-websocket-extensions" in head.lower()
        pour(connection, bomb, 1)
        told[close_code(connection)] += 1
        connection.close()
        ready.set()
    return told


SMUGGLED = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
AMBIGUOUS = [b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             b"Content-Length: 0\r\nContent-Length: 35\r\n\r\n", b"Content-Length: +0\r\n\r\n",
             b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"Content-Length : 0\r\n\r\n",
             b"Host: y\r\nContent-Length: 0\r\n\r\n", b"Content-Length: 0\n\n"]


def smuggling(stop, ready, port):
    """A second request hidden behind an ambiguous first: one answer only, and it is a no."""
    told = collections.Counter()
    while not stop.is_set():
        for first in (b"POST /session", b"GET /health"):
            for rest in AMBIGUOUS:
                with connect(port) as connection:
                    statuses = answer_to(connection, first + b" HTTP/1.1\r\nHost: x\r\n"
                                         b"Content-Type: application/json\r\n" + rest + SMUGGLED)
                told[" ".join(statuses)] += 1
        ready.set()
    return told


def slow_readers(stop, ready, port, ws):
    """Ask for answers, as fast as the limits let them, and never read one."""
    told = collections.Counter()
    ask = frame('{"type":"ping"}') * 300
    while not stop.is_set():
        connection = connect(port)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        token, bearer = ws
        connection.sendall(handshake(f"/ws/{token}", authorization=bearer))
        connection.setblocking(False)
        begin, over = time.monotonic(), False
        while time.monotonic() - begin < 1 and not over:
            try:
                connection.send(ask)
            except BlockingIOError:
                stop.wait(0.01)
            except OSError:
                over = True
        told["cut" if over else "held"] += 1
        connection.close()
        ready.set()
    return told


def large_bodies(stop, ready, port):
    told = collections.Counter()
    head = (b"POST /session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 900000\r\n\r\n")
    while not stop.is_set():
        with connect(port) as connection:
            told[" ".join(answer_to(connection, head + b"x" * 900000))] += 1
        ready.set()
    return told


# ---- what must hold meanwhile ----

@pytest.fixture
def backend(make_backend):
    return make_backend(SIGHEJ_LOG_LEVEL="message", **RAISED)


def endure(backend, capsys, attack, *arguments):
    """The attack's tale; the honest client's figures are printed and held to."""
    honest = Honest(backend)
    quiet = honest.measure(0.3)
    before = rss_kib(backend.pid)
    with Attack(attack, backend.port, *arguments) as running:
        for _ in range(ATTEMPTS):
            p99 = honest.measure(SECONDS)
            if p99 < HONEST_P99_SECONDS:
                break
        growth = rss_kib(backend.pid) - before
        median, n = sorted(honest.seconds)[len(honest.seconds) // 2], len(honest.seconds)
    after = honest.measure(0.1)
    honest.close()
    with capsys.disabled():
        print(f"\n{attack.__name__}: honest p50 {median * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms (quiet "
              f"{quiet * 1000:.1f}, after {after * 1000:.1f}) of {n}; {growth} KiB more; "
              f"{dict(running.told)}")
    if not sanitized():  # whose speed is not the program's, nor is its memory
        assert p99 < HONEST_P99_SECONDS
        assert growth < GROWTH_KIB_MAX
    assert n > 4
    return running.told


def test_R_03_a_slowloris_of_2000_sockets(make_backend, capsys):
    backend = make_backend(SIGHEJ_LOG_LEVEL="message", HEADER_TIMEOUT_SECONDS="2", **RAISED)
    many = SANITIZED_SLOWLORIS if sanitized() else SLOWLORIS
    told = endure(backend, capsys, slowloris, many)
    assert told["most"] >= many * 0.9
    assert told["dropped"] >= many // 2 and told["opened"] > many


def test_T_13_a_flood_of_requests(backend, capsys):
    assert endure(backend, capsys, request_flood)["answers"] > 100


def victim(backend):
    """A session whose secret the attacker has: his own."""
    session = backend.open_session()
    return session.token, session.bearer


def test_R_08_fragments_that_never_end(backend, capsys):
    told = endure(backend, capsys, endless_fragments, victim(backend))
    assert set(told) <= {1009, 1008, None} and told[1009] > 0


def test_R_07_bombs_are_not_inflated(backend, capsys):
    told = endure(backend, capsys, deflate_bombs, victim(backend))
    assert told.pop("accepted") == 0 and set(told) <= {1002, None} and told[1002] > 0


def test_R_05_nothing_is_smuggled(backend, capsys):
    told = endure(backend, capsys, smuggling)
    assert told and set(told) <= {"400", "411"}


def test_R_09_slow_readers(backend, capsys):
    assert endure(backend, capsys, slow_readers, victim(backend))["cut"] > 0


def test_R_04_large_bodies(backend, capsys):
    told = endure(backend, capsys, large_bodies)
    assert told["413"] > 0 and set(told) <= {"413", ""}
