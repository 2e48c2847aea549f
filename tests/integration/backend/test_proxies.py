# SPDX-License-Identifier: GPL-2.0-or-later
"""The proxy examples of docs/examples, run as they are in front of three instances on one Redis; only
addresses and paths are replaced."""

import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import time

import pytest

import backendlib
import cell as cells
from test_tls import Tls, make_certificate, trusting

EXAMPLES = pathlib.Path(__file__).parents[3] / "docs" / "examples"
N_INSTANCES = 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxied(Tls):
    """Each test has an address of its own, other than the proxy's, which is trusted."""

    source = "127.0.0.2"
    added_headers = frozenset({"strict-transport-security", "server"})

    def connect(self, admin=False, **versions):
        plain = socket.create_connection(("127.0.0.1", self.backend.tls_port), timeout=backendlib.WAIT_SECONDS,
                                         source_address=(self.source, 0))
        return trusting(self.certificate, **versions).wrap_socket(plain, server_hostname="localhost")


def set_up_haproxy(folder, certificate, key, ports, port):
    both = folder / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    text = (EXAMPLES / "haproxy.cfg").read_text()
    text = replace(text, "bind :443", f"bind 127.0.0.1:{port}")
    text = replace(text, "/etc/haproxy/sighej.pem", str(both))
    # A test has 20,000 descriptors, or fewer.
    text = replace(text, "maxconn 50000", "maxconn 1000")
    return text, ["haproxy", "-db", "-q", "-f"], ["haproxy", "-c", "-q", "-f"]


def set_up_nginx(folder, certificate, key, ports, port):
    text = (EXAMPLES / "nginx.conf").read_text()
    text = replace(text, "listen 443", f"listen 127.0.0.1:{port}")
    text = replace(text, "/etc/nginx/sighej.pem", str(certificate))
    text = replace(text, "/etc/nginx/sighej.key", str(key))
    text = replace(text, "/run/nginx.pid", str(folder / "pid"))
    text = replace(text, "/var/log/nginx/", f"{folder}/")
    text = replace(text, "worker_connections 32768", "worker_connections 1000")
    text = replace(text, "worker_rlimit_nofile 65536", "worker_rlimit_nofile 2048")
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text = text.replace("server_tokens off;", f"server_tokens off; {kind}_temp_path {folder}/{kind};")
    run = ["nginx", "-e", str(folder / "error.log"), "-g", "daemon off;", "-c"]
    return text, run, [*run[:-1], "-t", "-q", "-c"]


def replace(text, old, new):
    assert old in text, f"the example has no {old!r} any more"
    return text.replace(old, new)


class Cell:
    """Three instances, one Redis, and a proxy in front."""

    def __init__(self):
        self.redis = self.process = None
        self.instances = []
        self.n_tests = 0

    def start(self, kind, folder, certificate, key):
        self.redis = cells.Redis(folder)
        for i in range(N_INSTANCES):
            (folder / str(i)).mkdir()
            self.instances.append(backendlib.Backend(
                folder / str(i), **self.redis.settings, WORKERS="1",
                TRUSTED_PROXIES="127.0.0.1", SESSIONS_PER_ADDRESS="3"))
        self.tls_port = free_port()
        set_up = {"haproxy": set_up_haproxy, "nginx": set_up_nginx}[kind]
        ports = [backend.port for backend in self.instances]
        text, run, check = set_up(folder, certificate, key, ports, self.tls_port)
        for i, backend_port in enumerate(ports):
            text = replace(text, f"10.0.0.{11 + i}:8080", f"127.0.0.1:{backend_port}")
        path = folder / "proxy.conf"
        path.write_text(text)
        subprocess.run([*check, path], check=True)
        self.process = subprocess.Popen([*run, path])
        self.tls = Proxied(self, certificate)
        backendlib.wait_until(self.answers, "the proxy")

    def answers(self):
        try:
            with self.tls.connect() as connection:
                connection.sendall(backendlib.get("/health/ready"))
                return backendlib.read_answer(connection).status == 200
        except OSError:
            return False

    def stop(self):
        for process in [self.process] if self.process else []:
            process.terminate()
            process.wait(backendlib.WAIT_SECONDS)
        statuses = [backend.stop() for backend in self.instances]
        if self.redis is not None:
            self.redis.stop()
        assert set(statuses) == {0}, [backend.log() for backend in self.instances]


@pytest.fixture(scope="module", params=["haproxy", "nginx"])
def proxied(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cell")
    cell = Cell()
    try:
        cell.start(request.param, folder, *make_certificate(folder / "tls"))
        yield cell
    finally:
        cell.stop()


@pytest.fixture
def cell(proxied):
    proxied.n_tests += 1
    proxied.tls.source = f"127.0.0.{10 + proxied.n_tests}"
    return proxied


def test_people_on_different_instances_meet(cell):
    tls = cell.tls
    people = [tls.open_session() for _ in range(3)]
    sockets = [tls.socket(person) for person in people]
    for connection in sockets:
        assert connection.receive_json()["type"] == "snapshot"
    # Nothing says who lands where, so each meets each: at least one pair is on two instances.
    for i, connection in enumerate(sockets):
        for j, other in enumerate(people):
            if i != j:
                connection.send({"type": "sighting", "id": j, "detected_token": other.token})
    for connection in sockets:
        heard = {"nudge": [], "sighting_result": []}
        while [len(messages) for messages in heard.values()] != [2, 2]:
            message = connection.receive_json()
            heard[message["type"]].append(message)
        assert len({nudge["id"] for nudge in heard["nudge"]}) == 2
        connection.send({"type": "ack", "seq": heard["nudge"][-1]["seq"]})
        connection.close()


def test_the_limit_is_of_the_client_and_no_claim_changes_it(cell):
    tls = cell.tls
    statuses = []
    # Each instance counts by itself; which one a connection gets is the proxy's affair.
    while statuses.count(429) < 10 and len(statuses) < 100:
        claim = f"203.0.113.{len(statuses)}"
        answer = tls.request("POST", "/session", {"ble_token": os.urandom(10).hex(), "interests": ["chess"]},
                             X_Forwarded_For=claim, Forwarded=f"for={claim}", X_Real_IP=claim)
        statuses.append(answer.status)
    assert set(statuses) == {201, 429} and statuses.count(201) <= 3 * N_INSTANCES, statuses


def test_no_operator_path_leaks_through(cell):
    for path in ("/stats", "/metrics", "/admin/"):
        assert cell.tls.request("GET", path).status == 404


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused_and_h2_offered(cell):
    context = ssl.create_default_context(cafile=cell.tls.certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", cell.tls_port), timeout=backendlib.WAIT_SECONDS) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            assert connection.selected_alpn_protocol() == "h2"
            assert connection.version() == "TLSv1.3"
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        cell.tls.connect(lowest=ssl.TLSVersion.TLSv1_1, highest=ssl.TLSVersion.TLSv1_1)


# The last: one is missing from then on.
def test_an_instance_that_stops_is_not_noticed(cell):
    tls = cell.tls
    session = tls.open_session()
    cell.instances[0].process.terminate()
    end = time.monotonic() + 3
    n = 0
    while time.monotonic() < end or n < 50:
        answer = tls.request("GET", "/session", Authorization=session.bearer)
        assert answer.status == 200, answer
        n += 1
    assert cell.instances[0].process.wait(backendlib.WAIT_SECONDS) == 0


def test_the_examples_name_what_is_documented():
    text = (EXAMPLES.parent / "backend.md").read_text()
    for name in ("haproxy.cfg", "nginx.conf"):
        assert f"examples/{name}" in text
        assert shutil.which(name.split(".")[0]) or os.path.exists("/usr/sbin/" + name.split(".")[0])
        assert len(re.findall(r"10\.0\.0\.1[123]:8080", (EXAMPLES / name).read_text())) == N_INSTANCES
