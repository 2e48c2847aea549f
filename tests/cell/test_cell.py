# SPDX-License-Identifier: GPL-2.0-or-later
"""F-15, T-10: the cell of deploy/compose.yml, its files as they are, as plain processes in network namespaces. Every
backend is upgraded while people ask without a break, hold sockets and meet; and who stands outside reaches the
proxy and nothing else."""
import os
import re
import shutil
import socket
import ssl
import threading
import time
import uuid

import pytest

import composed
from backendlib import WAIT_SECONDS, Backend, WebSocket, program, read_answer, request_bytes, wait_until
from faultlib import Person, SIGHEJ_V1

HOST = "sighej.example"
VERSION = re.search(r"version: '(\d+\.\d+\.\d)'", (composed.TOP / "meson.build").read_text())[1].encode()
NEXT_VERSION = VERSION[:-1] + (b"%d" % ((int(VERSION[-1:]) + 1) % 10))
SERVICE_RESTART = 1012
N_ASKING = 3
# Each instance lets an address open 600 sessions in ten minutes; the people are of one venue each.
N_ADDRESSES = 40
TWO_CHECKS_SECONDS = 2.5
# A socket that is silent for so long has been lost without a word: the backend pings every 20 s.
DEAD_SECONDS = 45
# How long a packet may take that must not arrive.
DEAF_SECONDS = 1
TICK_SECONDS = 0.02

pytestmark = pytest.mark.skipif(not composed.can_be(), reason="root makes namespaces and bridges, where the kernel lets it")


class Front:
    """The cell as its clients see it, at the published port."""

    open_session, match = Backend.open_session, Backend.match
    added_headers = frozenset({"strict-transport-security"})

    def __init__(self, cell):
        self.cell, self.n_connections = cell, 0
        self.context = ssl.create_default_context(cafile=cell.secrets / "tls.pem")
        self.address = cell.addresses["haproxy"]["front"], 8443

    def connect(self, admin=False):
        self.n_connections += 1
        source = self.cell.sources[self.n_connections % N_ADDRESSES]
        with composed.network_of(self.cell.client.pid):
            plain = socket.create_connection(self.address, timeout=WAIT_SECONDS, source_address=(source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(plain, server_hostname=HOST)

    def request(self, method, path, body=None, **headers):
        """On a connection of its own; with a key, so that the proxy may say a POST twice."""
        if method == "POST":
            headers["Idempotency_Key"] = str(uuid.uuid4())
        with self.connect() as connection:
            connection.sendall(request_bytes(method, path, body, connection_="close", **headers))
            return read_answer(connection)


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cell")
    one = composed.Composed(folder, program(), HOST)
    one.sources = [one.networks.address("front") for _ in range(N_ADDRESSES)]
    one.networks.plug(one.client.pid, {"front": one.sources[0]})
    composed.ip(one.client.pid, *(f"addr add {source}/24 dev eth0" for source in one.sources[1:]))
    one.networks.plug(one.operator.pid, {"operators": one.networks.address("operators")})
    try:
        one.start()
        one.front = Front(one)
        wait_until(lambda: are_up(one), "all instances to be up for haproxy")
        yield one
    finally:
        statuses = one.stop()
    logs = {name: container.log() for name, container in one.containers.items()}
    assert set(statuses.values()) == {0}, (statuses, logs)
    for name in one.backends:
        assert not re.search("CRITICAL|WARNING", logs[name]), logs[name]


def ask_operators(cell, name, path, **headers):
    """What the operators' listener of a backend says to who is in its network."""
    with composed.network_of(cell.operator.pid):
        connection = socket.create_connection((cell.addresses[name]["operators"], 8081), timeout=WAIT_SECONDS)
    with connection:
        connection.sendall(request_bytes("GET", path, connection_="close", **headers))
        return read_answer(connection)


def states(cell):
    """How haproxy finds the backends, from its own status inside the container."""
    with composed.network_of(cell.containers["haproxy"].pid):
        try:
            control = socket.create_connection(("127.0.0.1", 8405), timeout=WAIT_SECONDS)
        except OSError:
            return {}
    with control:
        control.sendall(b"show stat\n")
        rows = [line.split(",") for line in control.makefile().read().splitlines()]
    return {row[1]: row[17] for row in rows if len(row) > 17 and row[0] == "cell" and row[1] != "BACKEND"}


def are_up(cell):
    return list(states(cell).values()) == ["UP"] * len(cell.backends)


def wait_up(cell):
    """All up for two checks and more: haproxy may not have noticed yet that one was away."""
    since = [time.monotonic()]

    def stay_up():
        if not are_up(cell):
            since[0] = time.monotonic()
        return time.monotonic() - since[0] > TWO_CHECKS_SECONDS

    wait_until(stay_up, "all instances to stay up for haproxy")


# ---- who reaches what ----

def knock(pid, targets):
    """Connections that are under way, from that process's network: connection -> (address, port)."""
    connections = {}
    with composed.network_of(pid):
        for target in targets:
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex(target)
            connections[connection] = target
    return connections


def is_open(connection):
    try:
        connection.getpeername()
        return True
    except OSError:
        return False


def reached(pid, targets, wanted):
    """Those of (address, port) that a connection came through to. Waits for those that are wanted, and gives all
    others a moment."""
    connections = knock(pid, targets)
    begin = time.monotonic()
    try:
        while True:
            opened = {target for connection, target in connections.items() if is_open(connection)}
            taken = time.monotonic() - begin
            if taken > WAIT_SECONDS or wanted <= opened and (wanted == targets or taken > DEAF_SECONDS):
                return opened
            time.sleep(TICK_SECONDS)
    finally:
        for connection in connections:
            connection.close()


def test_T_10_who_stands_outside_reaches_the_proxy_and_nothing_else(cell):
    front, at = cell.front.address, cell.addresses
    stores = {(at["redis"]["stores"], 6379), (at["postgres"]["stores"], 5432)}
    people = {(at[name]["cell"], 8080) for name in cell.backends}
    operators = {(at[name]["operators"], 8081) for name in cell.backends}
    ours = people | operators | stores | {(address, 8405) for address in at["haproxy"].values()}
    # Each of them listens, for who is meant to come.
    assert reached(cell.containers["backend-one"].pid, stores, stores) == stores
    assert reached(cell.containers["haproxy"].pid, people, people) == people
    assert reached(cell.operator.pid, operators, operators) == operators
    client = cell.client.pid
    assert reached(client, ours | {front}, {front}) == {front}
    # Nor by taking the proxy for a router.
    routes = [f"route add {cell.networks.subnets[name]} via {front[0]}" for name in ("cell", "stores", "operators")]
    composed.ip(client, *routes)
    try:
        assert reached(client, ours, set()) == set()
    finally:
        composed.ip(client, *(route.replace("add", "del") for route in routes))
    # The proxy has no business with the stores, nor with operators; nor operators with the stores.
    assert reached(cell.containers["haproxy"].pid, stores | operators, set()) == set()
    assert reached(cell.operator.pid, stores | people, set()) == set()


def test_T_10_operators_come_in_by_their_token_alone(cell):
    token = (cell.secrets / "admin-token").read_text().strip()
    for name in cell.backends:
        assert ask_operators(cell, name, "/metrics").status == 401
        assert ask_operators(cell, name, "/metrics", authorization=f"Bearer {token}").status == 200
    assert cell.front.request("GET", "/stats", authorization=f"Bearer {token}").status == 404


def test_the_stores_want_their_passwords(cell):
    name, at = cell.containers["backend-one"], cell.addresses
    with composed.network_of(name.pid):
        with socket.create_connection((at["redis"]["stores"], 6379), timeout=WAIT_SECONDS) as connection:
            connection.sendall(b"PING\r\n")
            assert connection.recv(100).startswith(b"-NOAUTH")
    done = name.run("psql", "-Xw", "-d", "postgresql://sighej:wrong@postgres/sighej", "-c", "SELECT 1")
    assert done.returncode == 2 and "password authentication failed" in done.stderr, done


# ---- what a container may ----

def test_each_runs_as_nobody_and_can_write_nowhere(cell):
    for name, container in cell.containers.items():
        with open(f"/proc/{container.pid}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
        assert status["Uid"].split() == [container.service["user"].split(":")[0]] * 4
        assert {status[which] for which in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb")} == {"0" * 16}, name
        assert status["NoNewPrivs"] == "1" and status["Groups"].strip() == ""
        folders = ("/", "/etc", "/usr", "/usr/local/bin", "/run", "/run/secrets", "/tmp")
        done = container.run("touch", *(f"{folder}/x" for folder in folders))
        assert done.stderr.count("Read-only file system") == len(folders), done


def test_no_secret_is_in_arguments_environment_or_log(cell):
    secrets = {path.name: path.read_bytes().strip() for path in cell.secrets.iterdir()}
    words = [secrets["interest-key"], secrets["admin-token"], secrets["postgres-password"],
             re.search(rb":(\w+)@", secrets["redis-url"])[1]]
    assert all(len(word) >= 30 for word in words)
    for container in cell.containers.values():
        seen = container.log_path.read_bytes()
        for part in ("cmdline", "environ"):
            with open(f"/proc/{container.pid}/{part}", "rb") as file:
                seen += file.read()
        assert not any(word in seen for word in words), container.name


def start_alone(cell, secrets, **environment):
    """A backend that nobody can reach, to its end: status and log."""
    container = composed.Container(cell, "backend-one")
    container.addresses, container.log_path = {}, cell.folder / "alone.log"
    container.log_path.unlink(missing_ok=True)
    kept, cell.secrets = cell.secrets, secrets
    try:
        container.start(**environment)
    finally:
        cell.secrets = kept
    return container.wait(), container.log()


def test_a_backend_without_its_secrets_says_so_and_ends_with_78(cell, tmp_path):
    copies = tmp_path / "secrets"
    shutil.copytree(cell.secrets, copies)
    for path in copies.iterdir():
        os.chown(path, 10001, 10001)
    (copies / "redis-url").write_text("")
    status, log = start_alone(cell, copies)
    assert status == 78 and "the credential redis-url is not there, or empty" in log, log
    os.chown(copies / "interest-key", 0, 0)
    status, log = start_alone(cell, copies)
    assert status == 78 and "/run/secrets/interest-key: Permission denied" in log, log
    status, log = start_alone(cell, copies, CREDENTIALS_DIRECTORY="/run/nowhere")
    assert status == 78 and "/run/nowhere: No such file" in log, log


# ---- the upgrade ----

class Asking:
    """People who ask all the time; what became of it. Half of them come anew each time, half keep a connection."""

    def __init__(self, front):
        self.front, self.over = front, threading.Event()
        self.good, self.bad = [], []
        self.threads = [threading.Thread(target=self._live, args=(i % 2 == 1,)) for i in range(N_ASKING)]

    def _live(self, keeps):
        while not self.over.is_set():
            begin = time.monotonic()
            try:
                self._keep() if keeps else self._come_anew()
                self.good.append(time.monotonic() - begin)
            except (AssertionError, OSError, EOFError) as problem:
                self.bad.append(("keeps" if keeps else "comes anew", problem))

    def _come_anew(self):
        session = self.front.open_session()
        answers = [self.front.match(session, "nobody"),
                   self.front.request("DELETE", "/session", authorization=session.bearer)]
        assert [answer.status for answer in answers] == [200, 204], answers

    def _keep(self):
        """Three on one connection, unless an answer says that it is the last there."""
        with self.front.connect() as connection:
            for path in ("/health", "/privacy", "/api/v1/vocabulary"):
                connection.sendall(request_bytes("GET", path))
                answer = read_answer(connection)
                assert answer.status == 200, answer
                if answer.headers.get("connection", "").lower() == "close":
                    return

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


class Member(Person):
    """Somebody whose socket is always there: lost, it is made anew at once, and what came is remembered."""

    def __init__(self, front):
        super().__init__(front)
        self.closed, self.bad, self.over = [], [], False
        self.open()
        self.come()
        self.thread = threading.Thread(target=self.live)
        self.thread.start()

    def come(self):
        self.ws = WebSocket(self.backend, f"/ws/{self.session.token}", authorization=self.session.bearer, **SIGHEJ_V1)
        assert self.ws.answer.status == 101, self.ws.answer
        self.ws.connection.settimeout(DEAD_SECONDS)
        self.ws.send({"type": "resume", "after": self.seq})

    def live(self):
        while not self.over:
            try:
                message = self.ws.receive_json("nudge")
                self.shown[message["id"]] = self.shown.get(message["id"], 0) + 1
                self.seq = max(self.seq, message["seq"])
                self.ws.send({"type": "ack", "seq": self.seq})
            except (EOFError, OSError) as end:
                if not self.over:
                    self.lose(end)

    def lose(self, end):
        self.closed.append(end.args[0] if end.args else None)
        try:
            self.come()
        except (AssertionError, EOFError, OSError) as problem:
            self.bad.append(problem)
            self.over = True

    def go(self):
        self.over = True
        self.ws.connection.shutdown(socket.SHUT_RDWR)
        self.thread.join(WAIT_SECONDS)
        self.ws.close()


def next_version(folder):
    """The program as its next release: it says so, and is another file."""
    with open(program(), "rb") as file:
        built = file.read()
    assert VERSION + b"\0" in built or VERSION + b'"' in built
    path = folder / "sighej-backend-next"
    path.write_bytes(built.replace(VERSION, NEXT_VERSION))
    path.chmod(0o755)
    return path


def version_of(cell, name):
    token = (cell.secrets / "admin-token").read_text().strip()
    text = ask_operators(cell, name, "/metrics", authorization=f"Bearer {token}").body.decode()
    return set(re.findall(r'version="([^"]+)"', text))


def upgrade(cell, name, meanwhile):
    """As "docker compose up -d --no-deps NAME" with a new image, and the wait of docs/operations.md."""
    container = cell.containers[name]
    assert version_of(cell, name) == {VERSION.decode()}
    stopper = threading.Thread(target=lambda: meanwhile(container))
    os.kill(container.pid, container.stop_signal)
    stopper.start()
    assert container.wait() == 0, container.log()
    stopper.join(WAIT_SECONDS)
    assert not stopper.is_alive()
    container.start()
    cell.wait_ready(name)
    wait_up(cell)
    assert version_of(cell, name) == {NEXT_VERSION.decode()}


def test_F_15_each_backend_is_upgraded_and_nobody_notices(cell, tmp_path, capsys):
    people = [Member(cell.front) for _ in range(8)]
    cell.image.put_program(next_version(tmp_path))
    begin = time.monotonic()
    with Asking(cell.front) as asking:
        for i, name in enumerate(cell.backends):
            asking.more()
            ann, bob = people[2 * i:2 * i + 2]
            ann.report(bob)
            # The one who makes it mutual does so while the instance drains.
            upgrade(cell, name, lambda _, bob=bob, ann=ann: bob.report(ann))
        asking.more()
        seconds = time.monotonic() - begin
        last = people[6:]
        last[0].report(last[1])
        last[1].report(last[0])
        wait_until(lambda: all(one.shown for one in people), "everybody to be nudged")
        # Reported again, on the new instances: nothing more is shown.
        for one, other in zip(people[0::2], people[1::2]):
            one.report(other)
            other.report(one)
        asking.more()
    with capsys.disabled():
        print(f"\nF-15 in namespaces: {len(cell.backends)} backends upgraded in {seconds:.0f} s; {len(asking.good)} "
              f"rounds of three requests, {len(asking.bad)} failed, slowest {max(asking.good) * 1000:.0f} ms; "
              f"{sum(len(one.closed) for one in people)} sockets moved")
    for one in people:
        one.go()
    assert asking.bad == [] and [one.bad for one in people] == [[]] * len(people)
    # Each socket that was lost was told why, and each was at least once.
    assert {code for one in people for code in one.closed} == {SERVICE_RESTART}
    assert all(one.closed for one in people) and all(one.n_sessions == 1 for one in people)
    for ann, bob in zip(people[0::2], people[1::2]):
        assert len(ann.shown) == 1 and set(ann.shown) == set(bob.shown), (ann.shown, bob.shown)
