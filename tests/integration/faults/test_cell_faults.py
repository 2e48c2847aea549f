# SPDX-License-Identifier: GPL-2.0-or-later
"""F-03, F-15: three instances behind haproxy, as docs/examples/haproxy.cfg has it; one is killed, or
each in turn is replaced, while people ask, stay connected and meet."""
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

import pytest

from backendlib import WAIT_SECONDS, Backend, read_answer, request_bytes, wait_until
from faultlib import Person, Redis, expect_same, family, meet, part, repeats

EXAMPLE = pathlib.Path(__file__).parents[3] / "docs" / "examples" / "haproxy.cfg"
NAMES = ("one", "two", "three")
BACK_SECONDS = 3
POLL_SECONDS = 0.05
TWO_CHECKS_SECONDS = 2.5
N_ASKING = 4
RAISED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "1000000", "SIGHTINGS_BURST": "1000000",
          "WORKERS": "1", "SIGHEJ_LOG_LEVEL": "message", "TRUSTED_PROXIES": "127.0.0.1"}


def free_ports(n):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Front:
    """The cell as its clients see it."""

    open_session, match = Backend.open_session, Backend.match
    added_headers = {"strict-transport-security"}

    def __init__(self, port):
        self.port = port

    def request(self, method, path, body=None, **headers):
        """Not held to our document: haproxy has pages and headers of its own."""
        with self.connect() as connection:
            connection.sendall(request_bytes(method, path, body, connection_="close", **headers))
            return read_answer(connection)

    def connect(self, admin=False):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


class Cell:
    def __init__(self, folder):
        self.folder, self.n_starts, self.redis = folder, 0, Redis(folder)
        self.key_file = folder / "interest.key"
        self.key_file.write_bytes(os.urandom(32))
        self.key_file.chmod(0o600)
        *self.ports, port = free_ports(4)
        self.instances = [self.start(i) for i in range(3)]
        text = EXAMPLE.read_text()
        for old, new in [("bind :443 ssl crt /etc/haproxy/sighej.pem alpn h2,http/1.1", f"bind 127.0.0.1:{port}"),
                         ("maxconn 50000", "maxconn 1000"),
                         *((f"10.0.0.{11 + i}:8080", f"127.0.0.1:{self.ports[i]}") for i in range(3))]:
            assert old in text, f"the example has no {old!r} any more"
            text = text.replace(old, new)
        self.control = str(folder / "haproxy.sock")
        (folder / "haproxy.cfg").write_text(f"global\n    stats socket {self.control} level admin\n" + text)
        self.haproxy = subprocess.Popen(["haproxy", "-db", "-q", "-f", folder / "haproxy.cfg"],
                                        stdout=subprocess.DEVNULL)
        self.front = Front(port)
        self.wait_up()

    def start(self, i):
        self.n_starts += 1
        folder = self.folder / str(self.n_starts)
        folder.mkdir()
        return Backend(folder, listen=[f"127.0.0.1:{self.ports[i]}"], REDIS_URL=self.redis.url,
                       INTEREST_KEY_FILE=str(self.key_file), **RAISED)

    def states(self):
        with socket.socket(socket.AF_UNIX) as control:
            try:
                control.connect(self.control)
            except OSError:
                return {}
            control.sendall(b"show stat\n")
            rows = [line.split(",") for line in control.makefile().read().splitlines()]
        return {row[1]: row[17] for row in rows if len(row) > 17 and row[1] in NAMES}

    def wait_up(self):
        """All up for two checks and more: haproxy may not have noticed yet that one was away."""
        since = [time.monotonic()]

        def are_up():
            if [self.states().get(name) for name in NAMES] != ["UP"] * 3:
                since[0] = time.monotonic()
            return time.monotonic() - since[0] > TWO_CHECKS_SECONDS

        wait_until(are_up, "all instances to be up for haproxy")

    def kill(self, i):
        for pid in family(self.instances[i].pid):
            os.kill(pid, signal.SIGKILL)
        self.instances[i].process.wait()
        self.instances[i].stop()

    def stop(self):
        self.haproxy.terminate()
        self.haproxy.wait(WAIT_SECONDS)
        for backend in self.instances:
            assert backend.stop() == 0, backend.log()
        self.redis.kill()


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    one = Cell(tmp_path_factory.mktemp("cell"))
    yield one
    one.stop()


class Asking:
    """People who ask all the time, each on a new connection; what became of it."""

    def __init__(self, front):
        self.front, self.over = front, threading.Event()
        self.good, self.bad = [], []
        self.threads = [threading.Thread(target=self._ask) for _ in range(N_ASKING)]

    def _ask(self):
        while not self.over.is_set():
            begin = time.monotonic()
            try:
                session = self.front.open_session()
                answers = [self.front.match(session, "nobody"),
                           self.front.request("DELETE", "/session", authorization=session.bearer)]
                assert [answer.status for answer in answers] == [200, 204], answers
                self.good.append(time.monotonic() - begin)
            except (AssertionError, OSError, EOFError) as problem:
                self.bad.append(problem)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(WAIT_SECONDS)

    def more(self, n=20):
        """Until so many more were served."""
        wanted = len(self.good) + n
        wait_until(lambda: len(self.good) >= wanted, "people to be served")


def back(person):
    """How long until a person who has lost the socket has another one."""
    begin = time.monotonic()
    person.connect()
    return time.monotonic() - begin


def lost(people):
    """Those whose sockets are gone."""
    gone = []
    for one in people:
        one.ws.connection.settimeout(0.1)
        try:
            one.ws.send({"type": "ping"})
            while one.ws.receive_json()["type"] != "pong":
                pass
        except TimeoutError:
            pass
        except (OSError, EOFError):
            gone.append(one)
        one.ws.connection.settimeout(WAIT_SECONDS)
    return gone


def replaced(backend, people):
    """Stops it in good order; how many sockets went elsewhere meanwhile."""
    ends, n_lost = [], 0
    stopper = threading.Thread(target=lambda: ends.append(backend.stop()))
    stopper.start()
    while not ends:
        stopper.join(POLL_SECONDS)
        gone = lost(people)
        n_lost += len(gone)
        assert all(back(one) < BACK_SECONDS for one in gone)
    stopper.join()
    assert ends == [0]
    return n_lost


@repeats(few=2)
def test_F_03_an_instance_is_killed_under_load(cell, turn):
    people = [Person(cell.front).connect() for _ in range(6)]
    victim = turn % 3
    with Asking(cell.front) as asking:
        asking.more()
        cell.kill(victim)
        gone = lost(people)
        assert all(back(one) < BACK_SECONDS for one in gone)
        asking.more()
        # Only what was in flight there: at most one request of each.
        assert len(asking.bad) <= N_ASKING, asking.bad
        cell.instances[victim] = cell.start(victim)
        cell.wait_up()
        n_bad = len(asking.bad)
        asking.more()
        assert len(asking.bad) == n_bad, asking.bad
    assert all(one.n_sessions == 1 for one in people)
    assert meet(people[0], people[1])
    expect_same(people[0], people[1])
    part(*people)


@repeats(few=1, many=34)
def test_F_15_each_instance_is_replaced_and_no_request_fails(cell, turn, capsys):
    people = [Person(cell.front).connect() for _ in range(6)]
    n_lost = 0
    with Asking(cell.front) as asking:
        for i in range(3):
            asking.more()
            n_lost += replaced(cell.instances[i], people)
            cell.instances[i] = cell.start(i)
            cell.wait_up()
        asking.more()
    with capsys.disabled():
        print(f"\nF-15: {len(asking.good)} rounds of three requests, {len(asking.bad)} failed; {n_lost} sockets "
              f"moved; slowest {max(asking.good) * 1000:.0f} ms")
    assert asking.bad == []
    assert n_lost >= 6  # each of them at least once
    assert all(one.n_sessions == 1 for one in people)
    assert meet(people[0], people[1])
    expect_same(people[0], people[1])
    part(*people)
