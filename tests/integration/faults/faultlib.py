# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fault tests share: repeats, the honest client that is measured meanwhile, servers."""
import multiprocessing
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

import backendlib
import faultproxy
from backendlib import WAIT_SECONDS, WebSocket

SLOW = bool(os.environ.get("SIGHEJ_SLOW"))
REPEATS = 100 if SLOW else 3
PACE_SECONDS = 0.025  # of the honest client, whose socket may say 64 KiB in 10 s
SIGHEJ_V1 = {"Sec_WebSocket_Protocol": "sighej.v1"}


def repeats(few=REPEATS, many=100):
    """Runs the test that often; the number it gets is its seed."""
    return pytest.mark.parametrize("turn", range(many if SLOW else few))


def sanitized():
    with open(backendlib.program(), "rb") as program:
        return b"__asan_init" in program.read()


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
            found += [int(word) for word in file.read().split()]
    return found


def family(pid):
    """A process and all that came from it."""
    return [pid] + [one for child in children(pid) for one in family(child)]


def rss_kib(pid):
    """Of a program and its workers."""
    total = 0
    for one in family(pid):
        with open(f"/proc/{one}/status", encoding="ascii") as status:
            total += sum(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return total


class Through:
    """A backend as it looks behind a proxy."""

    def __init__(self, backend, proxy):
        self.backend, self.proxy = backend, proxy

    def connect(self, admin=False):
        connection = socket.create_connection(faultproxy.split(self.proxy.address), timeout=WAIT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def __getattr__(self, name):
        return getattr(self.backend, name)


def open_socket(backend, session=None, **more):
    """A proved WebSocket whose snapshot has been read."""
    session = session or backend.open_session(**more)
    ws = WebSocket(backend, f"/ws/{session.token}", authorization=session.bearer, **SIGHEJ_V1)
    assert ws.answer.status == 101, ws.answer
    ws.session = session
    assert ws.receive_json()["type"] == "snapshot"
    return ws


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Honest:
    """Two people whose requests, reports and nudges are timed while something else goes on."""

    def __init__(self, backend):
        self.backend, self.seconds, self.n_nudges = backend, [], 0
        self.ann = open_socket(backend)
        self.stop = threading.Event()

    def timed(self, work):
        begin = time.monotonic()
        result = work()
        self.seconds.append(time.monotonic() - begin)
        return result

    def turn(self):
        answer = self.timed(lambda: self.backend.request("GET", "/health/live"))
        assert answer.status == 200
        bob = self.timed(self.backend.open_session)
        assert not self.timed(lambda: self.backend.match(bob, self.ann.session.token)).json["match"]
        number = len(self.seconds)
        self.ann.send({"type": "sighting", "id": number, "detected_token": bob.token})

        def nudged():
            """Answered and nudged, in either order."""
            messages = [self.ann.receive_json() for _ in range(2)]
            return {message["type"]: message for message in messages}

        messages = self.timed(nudged)
        assert messages["sighting_result"]["match"] is True, messages
        self.ann.send({"type": "ack", "seq": messages["nudge"]["seq"]})
        self.n_nudges += 1
        self.backend.request("DELETE", "/session", authorization=bob.bearer)

    def measure(self, seconds):
        """Turns for so long. The 99th percentile of one request or nudge, in seconds."""
        self.seconds.clear()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()
            self.stop.wait(PACE_SECONDS)
        return percentile(self.seconds, 0.99)

    def close(self):
        self.ann.close()


class Attack:
    """Runs attack (stop, tell) in a process of its own, so that it shares no lock with us.

    `told` is what it has told, in the end."""

    def __init__(self, attack, *arguments):
        context = multiprocessing.get_context("fork")
        self.stop, self.queue, self.ready = context.Event(), context.Queue(), context.Event()
        self.process = context.Process(target=self._work, args=(attack, arguments), daemon=True)
        self.process.start()

    def _work(self, attack, arguments):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.queue.put(attack(self.stop, self.ready, *arguments))

    def __enter__(self):
        assert self.ready.wait(WAIT_SECONDS), "the attack did not begin"
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.told = self.queue.get(timeout=WAIT_SECONDS)
        self.process.join(WAIT_SECONDS)


class Redis:
    """A redis-server of our own on a UNIX socket, without persistence."""

    def __init__(self, folder):
        self.folder, self.path = folder, str(folder / "redis.sock")
        self.start()

    @property
    def address(self):
        return "unix:" + self.path

    @property
    def url(self):
        return "unix://" + self.path

    def start(self):
        """Returns when it answers."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "no",
             "--dir", str(self.folder), "--loglevel", "warning"], stdout=subprocess.DEVNULL)
        backendlib.wait_until(lambda: self.cli("PING") == "PONG", "redis-server")

    def cli(self, *words):
        done = subprocess.run(["redis-cli", "-s", self.path, *words], capture_output=True, text=True,
                              timeout=WAIT_SECONDS, check=False)
        return done.stdout.strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)


def again(work, good, seconds=WAIT_SECONDS):
    """Asks until the answer is good; how long that took, and the answer."""
    begin = time.monotonic()
    while True:
        answer = work()
        taken = time.monotonic() - begin
        if good(answer):
            return taken, answer
        assert taken < seconds, f"still {answer} after {taken:.1f} s"
        time.sleep(0.01)
