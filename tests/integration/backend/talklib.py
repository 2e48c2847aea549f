# SPDX-License-Identifier: GPL-2.0-or-later
"""Talk as clients speak it that lose their sockets: every letter is said again until it is taken, and
what comes is held to one thing: it is the next one."""
import base64
import heapq
import itertools
import json
import os
import selectors
import struct
import time

from backendlib import handshake

WINDOW_LETTERS = 8  # said and not answered
AGAIN_SECONDS = 0.05  # before anything is tried again
SILENT_SECONDS = 3  # after that a ping is sent, and after as long again the socket is given up
RECEIVE_BYTES = 65536
# Within a minute 20 texts in two parts, and 60 notes.
KINDS = ("note", "note", "note", "part", "text")
LONG_EVERY, LONG_BYTES = 16, 1900


def kind_of(n):
    return KINDS[(n - 1) % len(KINDS)]


def body_of(nudge, side, n):
    text = f"{nudge} {side} {n} ".encode()
    return text + b"x" * (LONG_BYTES if n % LONG_EVERY == 0 else 20)


def encode(body):
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def mask(data):
    """A text frame of a client."""
    key = os.urandom(4)
    pad = (key * (len(data) // 4 + 1))[:len(data)]
    head = b"\x81" + (bytes([0x80 | len(data)]) if len(data) < 126 else struct.pack("!BH", 0xfe, len(data)))
    return head + key + (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(data), "big")


class Frames:
    """Whole messages out of a stream of a server."""

    def __init__(self):
        self.data = bytearray()

    def head(self):
        """That of the handshake, once it is there."""
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.data[:end])
        del self.data[:end + 4]
        return head

    def __iter__(self):
        while len(self.data) >= 2:
            n, begin = self.data[1], 2
            if n == 126:
                if len(self.data) < 4:
                    return
                n, begin = struct.unpack_from("!H", self.data, 2)[0], 4
            if len(self.data) < begin + n:
                return
            opcode, payload = self.data[0] & 15, bytes(self.data[begin:begin + n])
            del self.data[:begin + n]
            yield opcode, payload


class Talker:
    """One side of a talk, over one socket after the other.

      lost -> (connects) -> shaking -> (101) -> resuming -> (answered, and the view) -> resumed
       ^---- the socket ends, or is silent --------'---------------'--------------------'
    """

    def __init__(self, crowd, person, nudge, side, total):
        self.crowd, self.person, self.nudge, self.side, self.total = crowd, person, nudge, side, total
        self.peer = None
        self.ids = itertools.count(1000)
        self.said = self.heard = self.acked = 0
        self.n_sockets = self.n_said = self.n_limited = 0
        self.state, self.socket = "lost", None
        self.lose()

    @property
    def done(self):
        return self.said == self.total and self.acked == self.peer.total

    # ---- the socket ----

    def lose(self, after=AGAIN_SECONDS):
        if self.socket is not None:
            self.crowd.selector.unregister(self.socket)
            self.socket.close()
        self.state, self.socket, self.out = "lost", None, b""
        self.asked, self.next = {}, self.said + 1  # id -> n
        self.wait_seconds, self.waits = 0, False  # one was refused: so long, once all are answered; it does
        self.resume_id = self.ack_id = None
        self.quiet_since, self.pinged = None, False
        self.crowd.later(after, self.connect)

    def connect(self):
        if self.state != "lost" or self.socket is not None:
            return
        place = next(self.crowd.places)
        try:
            self.socket = place.connect()
        except OSError:
            self.lose()
            return
        self.socket.setblocking(False)
        self.crowd.selector.register(self.socket, selectors.EVENT_READ, self)
        self.frames, self.state = Frames(), "shaking"
        self.quiet_since = time.monotonic()
        self.n_sockets += 1
        self.write(handshake(f"/ws/{self.person.session.token}", authorization=self.person.session.bearer,
                             Sec_WebSocket_Protocol="sighej.v1"))

    def write(self, data):
        self.out += data
        try:
            self.out = self.out[self.socket.send(self.out):]
        except BlockingIOError:
            pass
        except OSError:
            self.out = b""  # who reads finds the end
        # Few bytes are under way: a socket that takes none is tried at the next turn.
        if self.out:
            self.crowd.later(AGAIN_SECONDS, self.write_rest, self.socket)

    def write_rest(self, one):
        if self.socket is one and self.out:
            self.write(b"")

    def send(self, **message):
        if self.socket is not None:
            self.write(mask(json.dumps(message).encode()))

    def ask(self, act, **members):
        ident = next(self.ids)
        self.send(type="meet", id=ident, nudge=self.nudge, act=act, **members)
        return ident

    def on_readable(self):
        try:
            data = self.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.lose()
            return
        self.quiet_since, self.pinged = time.monotonic(), False
        self.frames.data += data
        if self.state == "shaking":
            head = self.frames.head()
            if head is None:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                assert b" 503 " in head or b" 429 " in head, head  # never: the session is gone
                self.lose()
                return
            self.state = "resuming"
            self.send(type="resume", after=len(self.person.nudges))
            self.resume()
        one = self.socket
        for opcode, payload in self.frames:
            if opcode == 8:
                code = struct.unpack("!H", payload[:2])[0]
                assert code not in (4401, 4404, 4410), f"the session is over: {code}"
                self.lose()
            elif opcode == 1:
                self.take(json.loads(payload))
            if self.socket is not one:
                return
        self.go_on()

    def tick(self, now):
        """Half-open sockets are found by who waits."""
        if self.socket is None or self.done or now - self.quiet_since < SILENT_SECONDS:
            return
        if self.pinged or self.state == "shaking":
            self.lose()
            return
        self.quiet_since, self.pinged = now, True
        self.send(type="ping")

    # ---- the protocol ----

    def resume(self):
        if self.state == "resuming" and self.resume_id is None:
            self.after = self.heard
            self.resume_id = self.ask("resume", ticket=self.person.ticket(self.nudge), after=self.heard)

    def take(self, message):
        kind = message["type"]
        if kind == "talk":
            self.take_letter(message)
        elif kind == "meet":
            self.take_view(message)
        elif kind == "meet_result":
            self.take_answer(message)
        else:
            assert kind in ("snapshot", "pong", "nudge"), message

    def take_letter(self, letter):
        assert letter["nudge"] == self.nudge
        assert self.state == "resumed", f"a letter before the view: {letter}"
        assert letter["n"] == self.heard + 1, \
            f"side {self.side} of {self.nudge}: letter {letter['n']} after {self.heard}, on socket {self.n_sockets} " \
            f"resumed after {self.after}"
        expected = (kind_of(letter["n"]), encode(body_of(self.nudge, 1 - self.side, letter["n"])))
        assert (letter["kind"], letter["body"]) == expected, letter
        self.heard += 1
        self.crowd.note_letter()

    def take_view(self, view):
        assert view["nudge"] == self.nudge
        assert view["state"] == "agreed", view
        if self.state != "resuming" or self.resume_id is not True:
            return
        assert view["said"] >= self.said, f"forgotten: {view['said']} of {self.said} letters"
        self.said = view["said"]
        self.next, self.state, self.acked = self.said + 1, "resumed", self.after

    def take_answer(self, answer):
        ident = answer["id"]
        if ident == self.resume_id:
            if answer["ok"]:
                self.resume_id = True
            else:
                assert answer["code"] == "unavailable", answer
                self.resume_id = None
                self.crowd.later(AGAIN_SECONDS, self.resume)
        elif ident == self.ack_id:
            self.take_ack_answer(answer)
        else:
            self.take_say_answer(self.asked.pop(ident), answer)

    def take_ack_answer(self, answer):
        self.ack_id = None
        if answer["ok"]:
            self.acked = self.acking
        else:
            assert answer["code"] == "unavailable", answer
            self.ack_id = "waits"
            self.crowd.later(AGAIN_SECONDS, self.ack_again, self.socket)

    def ack_again(self, one):
        if self.socket is one and self.ack_id == "waits":
            self.ack_id = None
            self.go_on()

    def take_say_answer(self, n, answer):
        if answer["ok"]:
            self.said = max(self.said, n)
            return
        assert answer["code"] in ("rate_limited", "conflict", "unavailable"), answer
        # What was said behind it is refused as well: from here again, once all is answered.
        if answer["code"] == "rate_limited":
            self.n_limited += 1
        self.wait_seconds = max(self.wait_seconds, answer.get("retry_after", AGAIN_SECONDS))

    def go_on(self):
        """Says and acknowledges what can be."""
        if self.state != "resumed":
            return
        if self.heard > self.acked and self.ack_id is None:
            self.acking = self.heard
            self.ack_id = self.ask("ack", n=self.heard)
        if self.wait_seconds:
            if not self.asked and not self.waits:
                self.waits = True
                self.crowd.later(self.wait_seconds, self.say_again, self.socket)
            return
        while self.socket is not None and self.next <= self.total and len(self.asked) < WINDOW_LETTERS:
            n, ident = self.next, next(self.ids)
            self.asked[ident], self.next = n, n + 1
            self.n_said += 1
            self.send(type="meet", id=ident, nudge=self.nudge, act="say", n=n, kind=kind_of(n),
                      body=encode(body_of(self.nudge, self.side, n)))

    def say_again(self, one):
        if self.socket is one:
            self.wait_seconds, self.waits, self.next = 0, False, self.said + 1
            self.go_on()


class Crowd:
    """Talks that go on together, in one thread."""

    def __init__(self, places):
        self.places = itertools.cycle(places)
        self.selector = selectors.DefaultSelector()
        self.timers, self.order = [], itertools.count()
        self.talkers, self.n_letters, self.wanted = [], 0, 0

    def add(self, first, second, nudge, total):
        """Two who met say so many each."""
        pair = [Talker(self, person, nudge, side, total) for side, person in enumerate((first, second))]
        pair[0].peer, pair[1].peer = pair[1], pair[0]
        self.talkers += pair
        self.wanted += 2 * total

    def later(self, seconds, function, *arguments):
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.order), function, arguments))

    def note_letter(self):
        self.n_letters += 1

    def turn(self):
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            _, _, function, arguments = heapq.heappop(self.timers)
            function(*arguments)
        for key, _ in self.selector.select(AGAIN_SECONDS):
            if key.data.socket is key.fileobj:
                key.data.on_readable()
        for talker in self.talkers:
            talker.tick(now)

    @property
    def done(self):
        return self.n_letters == self.wanted and all(talker.done for talker in self.talkers)

    def total(self, name):
        return sum(getattr(talker, name) for talker in self.talkers)

    def late(self):
        """What became of those who are not done."""
        return [{name: value for name, value in vars(talker).items() if isinstance(value, (int, str))}
                for talker in self.talkers if not talker.done]

    def close(self):
        for talker in self.talkers:
            if talker.socket is not None:
                talker.socket.close()
        self.selector.close()
