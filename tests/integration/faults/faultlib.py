# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fault tests share: repeats, the honest client that is measured meanwhile, servers."""
import json
import multiprocessing
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback

import pytest

import backendlib
import faultproxy
from backendlib import WAIT_SECONDS, Session, WebSocket

SLOW = bool(os.environ.get("SIGHEJ_SLOW"))
REPEATS = 100 if SLOW else 3
PACE_SECONDS = 0.025  # of the honest client, whose socket may say 64 KiB in 10 s
SESSION_OVER = (4401, 4404, 4410)
SIGHEJ_V1 = {"Sec_WebSocket_Protocol": "sighej.v1"}


def repeats(few=REPEATS, many=100):
    """Runs the test that often; the number it gets is its seed."""
    return pytest.mark.parametrize("turn", range(many if SLOW else few))


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


class ProxyProgram:
    """A FaultProxy in a process of its own, which takes none of our time."""

    def __init__(self, folder, target):
        path = str(folder / "control")
        self.process = subprocess.Popen(
            [sys.executable, faultproxy.__file__, "--listen", "tcp:127.0.0.1:0", "--target", target,
             "--control", path], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().removeprefix("listening on ").strip()
        self.control = socket.socket(socket.AF_UNIX)
        self.control.connect(path)
        self.answers = self.control.makefile()

    def order(self, do, **members):
        self.control.sendall(json.dumps({"do": do, **members}).encode() + b"\n")
        answer = json.loads(self.answers.readline())
        assert answer["ok"], answer

    def close(self):
        self.answers.close()
        self.control.close()
        self.process.terminate()
        self.process.wait(WAIT_SECONDS)
        self.process.stdout.close()


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
        try:
            self.queue.put(attack(self.stop, self.ready, *arguments))
        except Exception:  # what this process prints is lost: it goes to a copy of what pytest captures
            self.queue.put(traceback.format_exc())

    def __enter__(self):
        assert self.ready.wait(WAIT_SECONDS), "the attack did not begin"
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.told = self.queue.get(timeout=WAIT_SECONDS)
        self.process.join(WAIT_SECONDS)
        assert not isinstance(self.told, str), self.told


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


class Person:
    """One opening; its session is made anew when it is over, its socket whenever it is lost."""

    def __init__(self, backend):
        self.backend, self.opening = backend, secrets.token_hex(16)
        self.session = self.ws = None
        self.seq, self.n_sessions, self.shown = 0, 0, {}  # id -> how often it came

    def open(self):
        """How long until there was a session."""
        def ask():
            self.token = secrets.token_hex(10)
            return self.backend.request("POST", "/session", {
                "ble_token": self.token, "interests": ["devops"], "opening_id": self.opening})

        taken, answer = again(ask, lambda answer: answer.status == 201)
        self.session, self.seq = Session(self.token, answer.json), 0
        self.n_sessions += 1
        return taken

    def connect(self):
        """A socket that is resumed; a new session where the old one is over."""
        if self.session is None:
            self.open()
        while True:
            try:
                self.ws = WebSocket(self.backend, f"/ws/{self.session.token}",
                                    authorization=self.session.bearer, **SIGHEJ_V1)
                if self.ws.answer.status == 401:
                    self.open()
                    continue
                self.ws.receive_json("snapshot")
                self.ws.send({"type": "resume", "after": self.seq})
                return self
            except EOFError as end:
                if end.args and end.args[0] in SESSION_OVER:
                    self.open()
            except OSError:
                pass

    def report(self, peer):
        """Until it is answered, whatever happens meanwhile."""
        body = {"detected_token": peer.session.token}

        def ask():
            return self.backend.request("POST", "/match", {"own_token": self.session.token, **body},
                                        authorization=self.session.bearer)

        taken, answer = again(ask, lambda answer: answer.status == 200)
        return taken, answer.json["match"]

    def wait_for_nudges(self, n):
        while len(self.shown) < n:
            try:
                message = self.ws.receive_json("nudge")
                self.shown[message["id"]] = self.shown.get(message["id"], 0) + 1
                self.seq = max(self.seq, message["seq"])
                self.ws.send({"type": "ack", "seq": self.seq})
            except (EOFError, OSError) as end:
                if end.args and end.args[0] in SESSION_OVER:
                    self.open()
                self.connect()

    def close(self):
        self.backend.request("DELETE", "/session", authorization=self.session.bearer)
        self.ws.close()


def meet(ann, bob):
    ann.report(bob)
    return bob.report(ann)[1]


def couple(here, there):
    ann, bob = Person(here).connect(), Person(there).connect()
    return ann, bob


def part(*people):
    for one in people:
        one.close()


def expect_same(ann, bob, n=1):
    for one in (ann, bob):
        one.wait_for_nudges(n)
    assert set(ann.shown) == set(bob.shown) and len(ann.shown) == n, (ann.shown, bob.shown)
