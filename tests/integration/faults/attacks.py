# SPDX-License-Identifier: GPL-2.0-or-later
"""What hostile clients do, each in a process of its own (faultlib.Attack) from another loopback address.

Each is called with the event that ends it, the event it sets once it has begun in earnest, and the server's
port, and returns how often what became of it.
"""
import collections
import os
import selectors
import socket
import struct
import time

from backendlib import frame, handshake, request_bytes

ATTACKER = "127.0.0.66"
FLOODER_SECONDS = 2  # for one connection, when the queue of those that wait to be accepted is full
SLOWLORIS, SLOWLORIS_STEP, SLOWLORIS_TICK_SECONDS = 2000, 100, 0.05


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


def slowloris(stop, ready, port, many=SLOWLORIS):
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
    many = request_bytes("GET", "/api/v1/session") * 50
    with selectors.DefaultSelector() as selector:
        while not stop.is_set():
            while len(selector.get_map()) < 20 and not stop.is_set():
                try:
                    connection = connect(port, FLOODER_SECONDS)
                except OSError as error:
                    told[f"not let in: {error}"] += 1
                    break
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
            ready.set()
            for key, events in selector.select(0.1):
                ask_and_hear(key.fileobj, events, many, told)
                if key.fileobj.fileno() == -1:
                    selector.unregister(key.fileobj)
    return told


def ask_and_hear(connection, events, request, told):
    """Closes it when the other end has."""
    try:
        if events & selectors.EVENT_READ:
            data = connection.recv(65536)
            told["answers"] += data.count(b"HTTP/1.1 401")
            if not data:
                raise ConnectionResetError
        if events & selectors.EVENT_WRITE:
            connection.send(request)
    except BlockingIOError:
        pass
    except OSError:
        told["closed"] += 1
        connection.close()


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
