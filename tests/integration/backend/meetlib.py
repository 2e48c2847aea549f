# SPDX-License-Identifier: GPL-2.0-or-later
"""People at a backend who wave, meet and talk over real sockets."""
import base64
import itertools
import json
import secrets
import time

from backendlib import WebSocket

UNLIMITED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "100000", "SIGHTINGS_BURST": "100000",
             "MESSAGES_PER_SECOND": "100000", "WORKERS": "1"}


class Person:
    """One opening: a session with a socket, at one instance after the other."""

    def __init__(self, backend, **more):
        self.backend = backend
        self.key = secrets.token_hex(32)
        self.opening = secrets.token_hex(16)
        self.session = backend.open_session(public_key=self.key, opening_id=self.opening, **more)
        self.ids = itertools.count(1)
        self.ws = None
        self.nudges = {}
        self.seen = []  # every message but answers, as it came
        self.views = {}  # the newest of each encounter
        self.letters = {}
        self.connect()

    def connect(self, backend=None):
        self.close()
        self.backend = backend or self.backend
        self.ws = WebSocket(self.backend, f"/ws/{self.session.token}", Authorization=self.session.bearer,
                            Sec_WebSocket_Protocol="sighej.v1")
        self.read("snapshot")
        self.ws.send({"type": "resume", "after": len(self.nudges)})
        self.fence()

    def close(self):
        if self.ws is not None:
            self.ws.close()
        self.ws = None

    def take(self):
        """The next message, noted."""
        message = self.ws.receive_json()
        if message["type"] not in ("meet_result", "sighting_result", "pong", "code", "pair", "snapshot"):
            self.seen.append(message)
        if message["type"] == "nudge":
            self.nudges[message["id"]] = message
            self.ws.send({"type": "ack", "seq": message["seq"]})
        elif message["type"] == "meet":
            self.views[message["nudge"]] = message
        elif message["type"] == "talk":
            self.letters.setdefault(message["nudge"], []).append(message)
        return message

    def read(self, kind):
        while (message := self.take())["type"] != kind:
            pass
        return message

    def until(self, holds):
        """Reads on until something holds."""
        while not holds():
            self.take()

    def fence(self):
        """All that was sent to it up to now is read: this answer comes behind it."""
        self.ws.send({"type": "ping"})
        self.read("pong")

    def sight(self, other):
        self.ws.send({"type": "sighting", "id": next(self.ids), "detected_token": other.session.token})
        return self.read("sighting_result")["match"]

    # ---- meets ----

    def send(self, nudge, act, **members):
        ident = next(self.ids)
        self.ws.send({"type": "meet", "id": ident, "nudge": nudge, "act": act, **members})
        return ident

    def answer_to(self, ident):
        while True:
            message = self.take()
            if message["type"] == "meet_result" and message["id"] == ident:
                return message

    def ask(self, nudge, act, **members):
        """The answer: True, or the code."""
        answer = self.answer_to(self.send(nudge, act, **members))
        return answer["ok"] or answer["code"]

    def ticket(self, nudge):
        return self.nudges[nudge]["ticket"]

    def wave(self, nudge):
        return self.ask(nudge, "wave", ticket=self.ticket(nudge), key=self.key)

    def resume(self, nudge, after=0):
        return self.ask(nudge, "resume", ticket=self.ticket(nudge), after=after)

    def say(self, nudge, n, body=b"hi", kind="text"):
        return self.ask(nudge, "say", n=n, kind=kind, body=base64.urlsafe_b64encode(body).decode().rstrip("="))

    def state(self, nudge):
        return self.views.get(nudge, {}).get("state")

    def wait_state(self, nudge, state):
        self.until(lambda: self.state(nudge) == state)
        return self.views[nudge]

    def wait(self, nudge, **members):
        """Reads on until the view has all of these."""
        self.until(lambda: all(self.views.get(nudge, {}).get(name) == value
                               for name, value in members.items()))
        return self.views[nudge]

    def wait_letters(self, nudge, n):
        self.until(lambda: len(self.letters.get(nudge, [])) >= n)
        return self.letters[nudge]


def nudge(first, second):
    """Both report each other, and are told. The nudge's id."""
    assert first.sight(second) is False
    assert second.sight(first) is True
    known = set(first.nudges)
    first.until(lambda: set(first.nudges) - known)
    new, = set(first.nudges) - known
    second.until(lambda: new in second.nudges)
    return new


def meet(first, second):
    """Both are nudged and wave."""
    ident = nudge(first, second)
    assert first.wave(ident) is True
    assert second.wave(ident) is True
    first.wait_state(ident, "agreed")
    second.wait_state(ident, "agreed")
    return ident


def position(person, ident, **other):
    fix = {"lat": 55.6761, "lon": 12.5683, "accuracy": 8.0, "taken": int(time.time() * 1000), **other}
    return person.answer_to(person.send(ident, "position", **fix))


def make_code(person, commit):
    person.ws.send({"type": "code", "id": next(person.ids), "commit": commit})
    return person.read("code")


def join(person, code, nonce="11" * 16):
    """The pair message, or the code of the error."""
    ident = next(person.ids)
    person.ws.send({"type": "pair", "id": ident, "code": code, "key": person.key, "nonce": nonce})
    while True:
        message = person.take()
        if message["type"] in ("pair", "meet_result") and message["id"] == ident:
            return message if message["type"] == "pair" else message["code"]


def as_text(messages, *, without=("ticket", "peer_key", "id", "nudge")):
    """What was received, but for what is drawn anew each time."""
    return [json.dumps({name: value for name, value in message.items() if name not in without}, sort_keys=True)
            for message in messages]
