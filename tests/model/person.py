# SPDX-License-Identifier: GPL-2.0-or-later
"""Simulated people: the rules of the daemon's link, without a radio and in fast motion.

A person has one opening. POST /session makes a session of it; its WebSocket is resumed after the
last nudge taken over whenever it is lost, at any instance; a session that the backend does not know
any more (401, 4401, 4404, 4410) is made anew, with a new token, of the same opening. Whom a person
hears is reported until both know of the pair, again for a new session of either side.
"""
import asyncio
import base64
import json
import random
import struct

RETRY_SECONDS = (0.02, 1.0)  # 1 s to 60 s in the daemon
ANSWER_SECONDS = 5
REPORT_AGAIN_SECONDS = 2  # 30 s in the daemon
REPORTS_OF_STRANGERS = 3  # nobody nudges them; enough is enough
WAITING_MAX = 32  # sightings without an answer
SESSION_OVER = {4401, 4404, 4410}
LINE = b"\r\n\r\n"


class Gone(Exception):
    """The session is over."""


class Socket(asyncio.Protocol):
    """One WebSocket; frames of a server, which are never masked and, here, short."""

    def __init__(self, person):
        self.person, self.buffer, self.transport = person, bytearray(), None
        self.handshaken, self.closed, self.code = None, asyncio.get_running_loop().create_future(), None
        self.reason = "no close"

    def connection_made(self, transport):
        self.transport = transport

    def shake(self, token, secret):
        key = base64.b64encode(self.person.random.randbytes(16)).decode()
        self.handshaken = asyncio.get_running_loop().create_future()
        self.transport.write((f"GET /ws/{token} HTTP/1.1\r\nHost: model\r\nConnection: Upgrade\r\n"
                              f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                              f"Sec-WebSocket-Protocol: sighej.v1\r\nAuthorization: Bearer {secret}\r\n\r\n"
                              ).encode())
        return self.handshaken

    def data_received(self, data):
        self.buffer += data
        if not self.handshaken.done():
            end = self.buffer.find(LINE)
            if end < 0:
                return
            self.handshaken.set_result(int(self.buffer.split(b" ", 2)[1]))
            del self.buffer[:end + len(LINE)]
        while len(self.buffer) >= 2:
            first, n, start = self.buffer[0], self.buffer[1], 2
            if n == 126:
                if len(self.buffer) < 4:
                    return
                n, start = struct.unpack_from("!H", self.buffer, 2)[0], 4
            if len(self.buffer) < start + n:
                return
            payload = bytes(self.buffer[start:start + n])
            del self.buffer[:start + n]
            if first == 0x81:
                self.person.take(json.loads(payload))
            elif first == 0x88:
                self.code, self.reason = struct.unpack_from("!H", payload)[0], payload[2:].decode()
                self.transport.close()
            elif first == 0x89:
                self.frame(payload, 0x8a)

    def connection_lost(self, error):
        if self.handshaken is not None and not self.handshaken.done():
            self.handshaken.set_result(0)
        if not self.closed.done():
            self.closed.set_result(None)

    def frame(self, payload, first=0x81):
        head = bytes([first, 0x80 | len(payload)]) if len(payload) < 126 else struct.pack(
            "!BBH", first, 0xfe, len(payload))
        self.transport.write(head + b"\0\0\0\0" + payload)  # masked with zeros

    def send(self, message):
        self.frame(json.dumps(message, separators=(",", ":")).encode())


class Person:
    def __init__(self, number, interests, crowd, seed):
        self.number, self.interests, self.crowd = number, interests, crowd
        self.random = random.Random(seed)
        self.opening = self.random.randbytes(16).hex()
        self.token = self.secret = self.socket = None
        self.n_sessions = self.n_sockets = self.seq = self.n_resent = 0
        self.seen = {}  # (session, seq) -> id: must never change
        self.shown = {}  # id -> labels, what the person has seen: the daemon keeps them till Close
        self.waiting = {}  # number of a sighting -> peer
        self.n_reports = 0

    # ---- session and socket ----

    async def live(self):
        pause = RETRY_SECONDS[0]
        while not self.crowd.over:
            try:
                if self.secret is None:
                    await self.open_session()
                if await self.hold_socket():
                    pause = RETRY_SECONDS[0]
            except Gone:
                self.secret = None
                self.crowd.n_gone += 1
            except (OSError, EOFError, asyncio.TimeoutError, ValueError):
                pass
            await asyncio.sleep(pause * (0.5 + self.random.random() / 2))
            pause = min(2 * pause, RETRY_SECONDS[1])

    async def open_session(self):
        token = self.random.randbytes(10).hex()
        body = json.dumps({"ble_token": token, "interests": self.interests, "opening_id": self.opening})
        reader, writer = await asyncio.open_unix_connection(self.crowd.pick(self.random))
        try:
            writer.write((f"POST /session HTTP/1.1\r\nHost: model\r\nConnection: close\r\nContent-Type: "
                          f"application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
            answer = await asyncio.wait_for(reader.read(), ANSWER_SECONDS)
        finally:
            writer.transport.abort()
        status = int(answer.split(b" ", 2)[1]) if answer else 0
        self.crowd.statuses[status] += 1
        if status != 201:
            raise EOFError(status)
        self.secret = json.loads(answer.split(LINE, 1)[1])["session_secret"]
        self.token, self.seq = token, 0
        self.n_sessions += 1
        self.crowd.renewed(self)

    async def hold_socket(self):
        """Whether there was one."""
        loop = asyncio.get_running_loop()
        transport, socket = await loop.create_unix_connection(lambda: Socket(self),
                                                              self.crowd.pick(self.random))
        try:
            status = await asyncio.wait_for(socket.shake(self.token, self.secret), ANSWER_SECONDS)
            self.crowd.statuses[status] += 1
            if status == 401:
                raise Gone
            if status != 101:
                return False
            self.socket, self.n_sockets = socket, self.n_sockets + 1
            await socket.closed
        finally:
            self.socket = None
            self.waiting.clear()
            transport.abort()
        self.crowd.closes[f"{socket.code or ''} {socket.reason}".strip()] += 1
        if socket.code in SESSION_OVER:
            raise Gone
        return True

    def cut(self):
        if self.socket is not None:
            self.socket.transport.abort()

    # ---- messages ----

    def take(self, message):
        kind = message["type"]
        if kind == "nudge":
            self.take_nudge(message)
        elif kind == "snapshot":
            self.socket_send({"type": "resume", "after": self.seq})
        elif kind == "sighting_result":
            self.waiting.pop(message["id"], None)
        elif kind == "error":
            self.crowd.errors[message["code"]] += 1
            self.waiting.clear()  # it does not say which; all are due again

    def take_nudge(self, nudge):
        key = (self.n_sessions, nudge["seq"])
        if self.seen.setdefault(key, nudge["id"]) != nudge["id"]:
            self.crowd.wrong.append(f"person {self.number}: number {key} meant two nudges")
        self.n_resent += nudge["id"] in self.shown
        if nudge["id"] not in self.shown:
            self.shown[nudge["id"]] = nudge["shared_interests"]
            self.crowd.note(self, nudge["id"])
        self.seq = max(self.seq, nudge["seq"])
        self.socket_send({"type": "ack", "seq": self.seq})

    def socket_send(self, message):
        if self.socket is not None and not self.socket.transport.is_closing():
            self.socket.send(message)

    def report(self, peer):
        """Whether it could be said."""
        if self.socket is None or peer.token is None or len(self.waiting) >= WAITING_MAX:
            return False
        self.n_reports += 1
        self.waiting[self.n_reports] = peer
        self.socket_send({"type": "sighting", "id": self.n_reports, "detected_token": peer.token})
        return True
