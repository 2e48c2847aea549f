# SPDX-License-Identifier: GPL-2.0-or-later
"""A small world on the real servers: its people live a script, step by step, and each step is held to the
reference. Everything each of them is told is kept, so that two worlds can be compared."""
import asyncio
import base64
import collections
import contextlib
import itertools
import json
import secrets

from meet_model import Encounter, apply
from person import ANSWER_SECONDS, LINE, Person, Socket

WAIT_SECONDS = 30
UNAVAILABLE, TRY_AGAIN = 503, 1013
REPORTS, REPORT_AGAIN_SECONDS = 20, 0.5  # a token is unknown while Redis's clock is set to before it was made
VIEW = ("state", "spot", "own_here", "peer_here", "confirmed", "sharing", "peer_there")
OVER = ({"state": "met"}, {"state": "ended"})


class Divergence(AssertionError):
    """The servers did what the reference does not."""


class Starved(Divergence):
    """Redis or an instance was not given a processor for a second, and said so: the life tells nothing."""


class Guest(Person):
    """One of the people of a world; his machine keeps no rule but that of resuming."""

    def __init__(self, number, world, seed):
        super().__init__(number, ["devops"], world, seed)
        # Another person each time the same life is lived, but whose opening is the smaller stays so.
        self.opening, self.key = self.opening[:16] + secrets.token_hex(8), secrets.token_hex(32)
        self.nudges, self.by_id = {}, {}  # other -> id, ticket; id -> other
        self.results, self.n_asked, self.ready = {}, 0, False
        self.visited = []
        self.states, self.talk = {}, collections.defaultdict(list)  # by other
        self.told = collections.defaultdict(list)  # by other and kind: what is compared
        self.changed, self.failure = asyncio.Event(), None

    async def until(self, condition, what):
        async def wait():
            while not condition() and not self.failure:
                self.changed.clear()
                await self.changed.wait()
        try:
            await asyncio.wait_for(wait(), WAIT_SECONDS)
        except asyncio.TimeoutError:
            self.failure = Divergence(f"person {self.number} waited in vain for {what}: {dict(self.told)}")
        if self.failure:
            raise self.failure

    # ---- session and socket ----

    async def ask(self, method, path, body=None):
        reader, writer = await asyncio.open_unix_connection(self.crowd.pick(self.random))
        data = json.dumps(body) if body is not None else ""
        bearer = f"Authorization: Bearer {self.secret}\r\n" if self.secret else ""
        try:
            writer.write((f"{method} {path} HTTP/1.1\r\nHost: model\r\nConnection: close\r\n{bearer}"
                          f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n{data}").encode())
            answer = await asyncio.wait_for(reader.read(), ANSWER_SECONDS)
        finally:
            writer.transport.abort()
        status, content = int(answer.split(b" ", 2)[1]), json.loads(answer.split(LINE, 1)[1] or b"null")
        if status == UNAVAILABLE:
            raise Starved(str(content))
        return status, content

    async def open_session(self):
        token, self.secret = secrets.token_hex(10), None
        status, answer = await self.ask("POST", "/session", {
            "ble_token": token, "interests": self.interests, "opening_id": self.opening, "public_key": self.key})
        assert status == 201, answer
        self.token, self.secret = token, answer["session_secret"]

    async def connect(self, address=None):
        address = address or self.crowd.pick(self.random)
        self.ready = False
        self.visited.append(address)
        _transport, self.socket = await asyncio.get_running_loop().create_unix_connection(
            lambda: Socket(self), address)
        status = await asyncio.wait_for(self.socket.shake(self.token, self.secret), ANSWER_SECONDS)
        assert status == 101, status
        self.socket.closed.add_done_callback(self.on_closed)
        await self.until(lambda: self.ready, "its snapshot")

    def on_closed(self, _closed):
        if self.socket is not None:
            failure = Starved if self.socket.code == TRY_AGAIN else Divergence
            self.failure = failure(f"person {self.number}: closed by {self.socket.code} {self.socket.reason}")
            self.changed.set()

    async def disconnect(self):
        socket, self.socket = self.socket, None
        if socket is not None:
            socket.transport.abort()
            await socket.closed

    # ---- messages ----

    def take(self, message):
        try:
            self.take_any(message)
        except (Divergence, KeyError) as error:
            failure = Starved if isinstance(error, Starved) else Divergence
            self.failure = failure(f"person {self.number} was told {message}: {error!r}")
        self.changed.set()

    def take_any(self, message):
        kind = message["type"]
        if kind == "nudge":
            self.take_nudge_of_meet(message)
        elif kind == "snapshot":
            self.socket_send({"type": "resume", "after": self.seq})
            self.ready = True
        elif kind == "meet_result":
            self.results[message["id"]] = message
        elif kind == "meet":
            self.take_state(message)
        elif kind == "talk":
            self.take_talk(message)
        elif kind == "error" and message["code"] == "unavailable":
            raise Starved(message["message"])
        elif kind not in ("sighting_result", "pong"):
            raise Divergence("nobody asked for that")

    def take_nudge_of_meet(self, nudge):
        other = self.crowd.by_key[nudge["peer_key"]]
        self.nudges[other], self.by_id[nudge["id"]] = (nudge["id"], nudge["ticket"]), other
        self.seq = max(self.seq, nudge["seq"])
        self.socket_send({"type": "ack", "seq": self.seq})
        self.told[other, "nudge"].append((nudge["shared_interests"], nudge["message"]))

    def take_state(self, message):
        other = self.by_id[message["nudge"]]
        view = {name: message.get(name) for name in VIEW} if message["state"] != "ended" else {"state": "ended"}
        if message["state"] == "met":
            view = {"state": "met"}
        self.states[other] = view
        if self.told[other, "state"][-1:] != [view]:
            self.told[other, "state"].append(view)

    def take_talk(self, message):
        other = self.by_id[message["nudge"]]
        talk = self.talk[other]
        if message["n"] == len(talk) + 1:
            talk.append(base64.urlsafe_b64decode(message["body"] + "==").decode())
        elif message["n"] > len(talk):
            raise Divergence(f"{message} came after number {len(talk)}")

    async def do(self, other, act, **more):
        """The answer's word."""
        self.n_asked += 1
        nudge_id, ticket = self.nudges[other]
        if act in ("wave", "resume", "block"):
            more["ticket"] = ticket
        self.socket_send({"type": "meet", "id": self.n_asked, "nudge": nudge_id, "act": act, **more})
        await self.until(lambda: self.n_asked in self.results, f"an answer to {act}")
        result = self.results.pop(self.n_asked)
        expected = {"type": "meet_result", "id": self.n_asked, "ok": True}
        if result["ok"] and result != expected:
            raise Divergence(f"{act} was answered by {result}")
        word = "ok" if result["ok"] else result["code"]
        if word == "unavailable":
            raise Starved(f"{act}: {result['message']}")
        self.told[other, "answer"].append((act, word))
        return word


class MeetWorld:
    """Some people who have all been nudged with each other."""

    def __init__(self, n_people, addresses, chooser):
        self.addresses, self.over = addresses, False
        self.statuses, self.closes, self.errors = (collections.Counter() for _ in range(3))
        self.wrong, self.n_gone = [], 0
        self.guests = [Guest(number, self, chooser.random()) for number in range(n_people)]
        self.by_key = {guest.key: guest.number for guest in self.guests}
        self.encounters = {(a.number, b.number): Encounter((a.number, b.number))
                           for a in self.guests for b in self.guests if a.number < b.number}
        self.seen_agreed, self.steps_lived, self.told = set(), [], []

    def pick(self, chooser):
        return chooser.choice(self.addresses)

    def renewed(self, _person):
        """Nobody has to report again."""

    async def start(self):
        for guest in self.guests:
            await guest.open_session()
        await asyncio.gather(*(guest.connect() for guest in self.guests))
        for _ in range(REPORTS):
            for guest, other in itertools.permutations(self.guests, 2):
                guest.report(other)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.all_nudged(), REPORT_AGAIN_SECONDS)
                return
        await self.all_nudged()

    async def all_nudged(self):
        for guest in self.guests:
            await guest.until(lambda g=guest: len(g.nudges) == len(self.guests) - 1, "all nudges")

    async def stop(self):
        await asyncio.gather(*(guest.disconnect() for guest in self.guests))

    # ---- a step ----

    async def live(self, steps):
        for step in steps:
            await self.step(step)
            await self.settle(step)
            self.steps_lived.append(step)

    async def step(self, step):
        one, act, pair, value = step
        if act == "cut":
            await self.cut(self.guests[one])
            return
        if act == "cross":
            await self.cross(*(self.guests[number] for number in pair))
            apply(self.encounters, step)
            return
        guest, other = self.guests[one], self.encounters[pair].other(one)
        expected = apply(self.encounters, step)
        got = await guest.do(other, act, **self.members(guest, other, act, value))
        if got != expected:
            raise Divergence(f"{step} was answered by {got}, not {expected}")

    @staticmethod
    async def cross(guest, other):
        words = await asyncio.gather(guest.do(other.number, "wave", key=guest.key),
                                     other.do(guest.number, "wave", key=other.key))
        if words != ["ok", "ok"]:
            raise Divergence(f"waves that crossed were answered by {words}")

    def members(self, guest, other, act, value):
        if act == "wave":
            return {"key": guest.key}
        if act == "resume":
            return {"after": len(guest.talk[other])}
        if act == "spot":
            return {"spot": value}
        if act == "share":
            return {"on": value}
        if act == "say":
            body = base64.urlsafe_b64encode(f"{guest.number} to {other}: {value}".encode()).decode().rstrip("=")
            return {"n": value, "kind": "text", "body": body}
        return {"n": value} if act == "ack" else {}

    async def cut(self, guest):
        """The others see it; then it is back, at any instance, and resumes what it waved in."""
        mine = [encounter for pair, encounter in self.encounters.items() if guest.number in pair]
        await guest.disconnect()
        for encounter in mine:
            encounter.lose(guest.number)
        await self.settle("a cut")
        await self.come_back(guest, any(encounter.agreed and not encounter.met for encounter in mine))
        for encounter in mine:
            other = encounter.other(guest.number)
            if guest.number in encounter.waved and not encounter.met:
                got = await guest.do(other, "resume", after=len(guest.talk[other]))
                expected = encounter.act(guest.number, "resume")
                if got != expected:
                    raise Divergence(f"resume was answered by {got}, not {expected}")

    @staticmethod
    async def come_back(guest, was_noticed):
        """To another instance when the first has noticed, and never back to one with the same session: it may
        hear late of the move, and close what it has as one too many. With a new session anywhere."""
        left = [address for address in guest.crowd.addresses if address not in guest.visited]
        if was_noticed and left:
            await guest.connect(guest.random.choice(left))
        else:
            await guest.open_session()
            guest.seq, guest.visited = 0, []
            await guest.connect()

    # ---- what everybody must see now ----

    async def settle(self, step):
        for pair, encounter in self.encounters.items():
            for one in pair:
                await self.settle_side(encounter, one, step)

    async def settle_side(self, encounter, one, step):
        guest, other = self.guests[one], encounter.other(one)
        view = encounter.view(one)
        if guest.socket is None:
            return
        if view is None and (encounter.pair, one) not in self.seen_agreed:
            self.check_silence(encounter, guest, other, step)
            return
        if view is None:
            view = {"state": "ended"}
        self.seen_agreed.add((encounter.pair, one))
        said = encounter.said[other]
        await guest.until(lambda: guest.states.get(other) == view or self.is_over(guest, other, view),
                          f"{view} with {other} after {step}, not {guest.states.get(other)}")
        if encounter.agreed and not encounter.met:
            await guest.until(lambda: len(guest.talk[other]) >= said, f"talk {said} of {other}")
            expected = [f"{other} to {one}: {n + 1}" for n in range(said)]
            if guest.talk[other] != expected:
                raise Divergence(f"person {one} was told {guest.talk[other]}, not {expected}")

    @staticmethod
    def check_silence(encounter, guest, other, step):
        """Who took back the own wave may read that it is over; else there is nothing to read."""
        allowed = [None, {"state": "ended"}] if guest.number in encounter.taken_back else [None]
        if guest.states.get(other) not in allowed:
            raise Divergence(f"after {step} person {guest.number} is told {guest.states[other]} about {other}")

    @staticmethod
    def is_over(guest, other, view):
        """What tells that they met is there for a moment only."""
        return view == {"state": "met"} and guest.states.get(other) == {"state": "ended"}

    # ---- what is compared between two worlds ----

    async def fence(self):
        """Everything that was sent before is there: acts on an instance are answered in order."""
        for guest in self.guests:
            for other in guest.nudges:
                guest.n_asked += 1
                guest.socket_send({"type": "meet", "id": guest.n_asked, "nudge": "0" * 32, "act": "withdraw"})
                n_asked = guest.n_asked
                await guest.until(lambda n=n_asked, g=guest: n in g.results, "the fence")

    async def told_to(self, one):
        """All of it, by encounter, and what the server says of the session."""
        guest = self.guests[one]
        _status, about = await guest.ask("GET", "/session")
        about = {name: value for name, value in about.items() if name not in ("session_id", "expires_at")}
        return {(other, kind): self.comparable(one, other, entries) if kind == "state" else entries
                for (other, kind), entries in guest.told.items()}, about

    def comparable(self, one, other, views):
        """Without what depends on who was faster: the moment in which a connection that came back counts as gone,
        how it ended for two who met, which is told for a moment only, and whether who took a wave back reads that
        it is over."""
        encounter, last = self.encounters[min(one, other), max(one, other)], []
        for view in views:
            seen = {name: value for name, value in view.items() if name != "peer_there"}
            if last[-1:] != [seen] and (last or one not in encounter.taken_back or seen not in OVER):
                last.append(seen)
        while last and encounter.met and last[-1] in OVER:
            last.pop()
        return last
