#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""From what one side says to the frame at the other: the backend's share of a message, on loopback.

Beside it the nudge of the same pairs, from the second of two reports to the frame at the slower side; and the
least that any such path costs, an echo through a socket of a thread of this program. With Redis once at one
instance and once with the two sides at two.
"""
import argparse
import base64
import json
import os
import pathlib
import select
import socket
import statistics
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "integration" / "backend")]

PAIRS, MESSAGES = 200, 20
BODY_BYTES = 200
MAY_TAKE_MS = 1
WAIT_SECONDS = 20
LIMITS = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "100000000", "SIGHTINGS_BURST": "100000000",
          "MESSAGES_PER_SECOND": "10000000", "WORKERS": "1", "SIGHEJ_LOG_LEVEL": "message"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default=os.environ.get("SIGHEJ_BUILD"),
                        help="meson build folder, of --buildtype=release (or $SIGHEJ_BUILD)")
    parser.add_argument("--pairs", type=int, default=PAIRS, metavar="N", help=f"who meet, one after the other ({PAIRS})")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    arguments = parser.parse_args()
    if not arguments.build or not os.path.exists(os.path.join(arguments.build, "backend/sighej-backend")):
        parser.error("--build must name a build folder with the programs in it")
    os.environ["SIGHEJ_BUILD"] = arguments.build
    return arguments


class Ear:
    """A person's socket, read with as little as there can be between the frame and the clock."""

    def __init__(self, person, frames):
        self.connection, self.frames, self.read = person.ws.connection, frames, []

    def wait(self, kind):
        """The next message of that kind and when it came; others are dropped."""
        while True:
            while self.read:
                when, message = self.read.pop(0)
                if message["type"] == kind:
                    return when, message
            self.frames.data += self.connection.recv(65536)
            when = time.perf_counter()
            self.read += [(when, json.loads(payload)) for opcode, payload in self.frames if opcode == 1]


def figures(seconds):
    values = sorted(1000 * one for one in seconds)
    return {"p50": round(statistics.median(values), 3), "p99": round(values[len(values) * 99 // 100], 3),
            "n": len(values)}


def measure_nudge(first, second):
    """Seconds, and the nudge's id."""
    from talklib import Frames, mask

    ears = [Ear(person, Frames()) for person in (first, second)]
    for number, (person, other) in enumerate(((first, second), (second, first))):
        data = mask(json.dumps({"type": "sighting", "id": number, "detected_token": other.session.token}).encode())
        begin = time.perf_counter()
        person.ws.connection.sendall(data)
        if number == 0:
            ears[0].wait("sighting_result")
    found = [ear.wait("nudge") for ear in ears]
    for person, (_, nudge) in zip((first, second), found):
        person.nudges[nudge["id"]] = nudge
        person.ws.send({"type": "ack", "seq": nudge["seq"]})
    return max(when for when, _ in found) - begin, found[0][1]["id"]


def measure_talk(first, second, nudge, n_messages):
    """Seconds of each message, one at a time, in turns of the two."""
    from talklib import Frames, kind_of, mask

    people, taken = (first, second), []
    for person in people:
        person.fence()
    ears = [Ear(person, Frames()) for person in people]
    for i in range(n_messages):
        side, n = i % 2, i // 2 + 1
        body = base64.urlsafe_b64encode(os.urandom(BODY_BYTES)).decode().rstrip("=")
        data = mask(json.dumps({"type": "meet", "id": 10000 + i, "nudge": nudge, "act": "say", "n": n,
                                "kind": kind_of(n), "body": body}).encode())
        begin = time.perf_counter()
        people[side].ws.connection.sendall(data)
        when, letter = ears[1 - side].wait("talk")
        taken.append(when - begin)
        assert (letter["n"], letter["body"]) == (n, body), letter
        assert ears[side].wait("meet_result")[1]["ok"]
        people[1 - side].ws.send({"type": "meet", "id": 20000 + i, "nudge": nudge, "act": "ack", "n": n})
        assert ears[1 - side].wait("meet_result")[1]["ok"]
    return taken


def measure(backends, n_pairs):
    from meetlib import Person

    nudges, messages = [], []
    for _ in range(n_pairs):
        pair = [Person(backend) for backend in (backends[0], backends[-1])]
        seconds, nudge = measure_nudge(*pair)
        nudges.append(seconds)
        for person in pair:
            assert person.wave(nudge) is True
        for person in pair:
            person.wait_state(nudge, "agreed")
        messages += measure_talk(*pair, nudge, MESSAGES)
        pair[0].ask(nudge, "end")
        for person in pair:
            person.close()
    return {"message_ms": figures(messages), "nudge_ms": figures(nudges)}


def measure_echo(n):
    """There and back, and no thought between."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    for one in (near, far):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def echo():
        while data := far.recv(4096):
            far.sendall(data)

    thread = threading.Thread(target=echo)
    thread.start()
    taken = []
    for _ in range(n):
        begin = time.perf_counter()
        near.sendall(bytes(BODY_BYTES))
        select.select([near], [], [], WAIT_SECONDS)
        near.recv(4096)
        taken.append(time.perf_counter() - begin)
    near.close()
    thread.join()
    far.close()
    return figures(taken)


def run(arguments):
    from backendlib import Backend
    from redislib import Redis

    result = {"echo_ms": measure_echo(arguments.pairs * MESSAGES)}
    with tempfile.TemporaryDirectory(prefix="sighej-bench-") as top:
        for name, n_instances, in_redis in (("memory", 1, False), ("redis", 1, True), ("redis_two_instances", 2, True)):
            redis, backends = Redis() if in_redis else None, []
            try:
                for i in range(n_instances):
                    folder = pathlib.Path(top) / f"{name}{i}"
                    folder.mkdir()
                    backends.append(Backend(folder, **LIMITS, **(redis.settings if redis else {})))
                    backends[-1].wait_until_ready()
                result[name] = measure(backends, arguments.pairs)
            finally:
                for backend in backends:
                    backend.stop()
                if redis:
                    redis.close()
    result["required_median_ms"] = MAY_TAKE_MS
    result["kept"] = result["redis"]["message_ms"]["p50"] <= MAY_TAKE_MS
    return result


def main():
    arguments = parse()
    result = run(arguments)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name.replace('_', ' '):20}  {value}")


if __name__ == "__main__":
    main()
