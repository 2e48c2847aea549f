# SPDX-License-Identifier: GPL-2.0-or-later
"""A real sighej-backend on port 0, and plain sockets to talk to it."""

import base64
import datetime
import json
import os
import re
import secrets
import signal
import socket
import struct
import subprocess
import time

import contract

WAIT_SECONDS = 20  # how long anything may take before a test gives up
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "instance", "trace_id"}
NO_MATCH = b'{"match":false,"shared_interests":[],"nudge_sent":false}'



def program():
    build = os.environ.get("SIGHEJ_BUILD")
    if build is None:
        raise RuntimeError("set SIGHEJ_BUILD to the build folder")
    return os.path.join(build, "backend", "sighej-backend")


def sanitized():
    """Whether the programs were built with a sanitizer."""
    with open(program(), "rb") as built:
        return b"__asan_init" in built.read()


def wait_until(condition, what):
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, f"waited in vain for: {what}"
        time.sleep(0.01)


def run(*arguments, **environment):
    """Runs the program to its end."""
    environment.setdefault("SIGHEJ_LOG_LEVEL", "message")
    return subprocess.run([program(), *arguments], env=clean_environment(environment), text=True,
                          capture_output=True, timeout=WAIT_SECONDS)


def clean_environment(settings):
    kept = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return {**environment, "G_DEBUG": "fatal-warnings", "LC_ALL": "C.UTF-8", "SIGHEJ_LOG_LEVEL": "debug",
            **settings}


class Backend:
    added_headers = frozenset()  # by what stands in front

    def __init__(self, folder, *arguments, preexec=None, pass_fds=(), listen=("127.0.0.1:0",),
                 prefix=(), **settings):
        self.log_path = folder / "log"
        self.state = folder / "state"
        settings.setdefault("STATE_DIRECTORY", str(self.state))
        options = [f"--listen={where}" for where in listen]
        self.log_file = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            [*prefix, program(), *options, "--admin-listen=127.0.0.1:0", *arguments],
            env=clean_environment(settings), stdout=subprocess.PIPE, stderr=self.log_file,
            preexec_fn=preexec, pass_fds=pass_fds, text=True)
        self.names = []
        self.admin = self.tls_port = None
        while self.admin is None:
            line = self.process.stdout.readline()
            assert line, "it did not start: " + self.log()
            if line.startswith("tls listening on "):
                self.tls_port = int(line.rsplit(":", 1)[1])
            elif line.startswith("admin listening on "):
                self.admin = int(line.rsplit(":", 1)[1])
            else:
                self.names.append(line.removeprefix("listening on ").strip())
        tcp = [name for name in self.names if not name.startswith("unix:")]
        self.port = int(tcp[0].rsplit(":", 1)[1]) if tcp else None

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(errors="replace")

    def stop(self):
        """Ends it and says how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(WAIT_SECONDS)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.log_file.close()

    def rss_kib(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def n_descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    # ---- plain sockets ----

    def connect(self, admin=False):
        connection = socket.create_connection(
            ("127.0.0.1", self.admin if admin else self.port), timeout=WAIT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def raw(self, data, admin=False):
        """Sends @data on a connection of its own; all answers until it is closed."""
        with self.connect(admin) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return parse_answers(read_all(connection))

    def request(self, method, path, body=None, admin=False, **headers):
        """One request. Header names: underscores for hyphens."""
        # A connection that is to be closed is libsoup's; on others POST /match is the lane's.
        ending = "keep-alive" if path == "/match" else "close"
        with self.connect(admin) as connection:
            connection.sendall(request_bytes(method, path, body, connection_=ending, **headers))
            answer = read_answer(connection, head_only=method == "HEAD")
        contract.check(method, path, answer, admin, self.added_headers)
        return answer

    def wait_until_ready(self):
        """Its store is a process of its own, and may not answer yet."""
        wait_until(lambda: self.request("GET", "/session", authorization="Bearer nobody").status == 401,
                   "the store")

    def open_session(self, token=None, interests=("devops", "hardstyle"), **more):
        token = token or secrets.token_hex(10)
        answer = self.request("POST", "/session",
                              {"ble_token": token, "interests": list(interests), **more})
        assert answer.status == 201, answer
        return Session(token, answer.json)

    def match(self, session, detected, secret=None, **headers):
        return self.request("POST", "/match", {"own_token": session.token,
                                               "detected_token": detected},
                            authorization=f"Bearer {secret or session.secret}", **headers)


class Session:
    def __init__(self, token, answer):
        self.token = token
        self.id = answer["session_id"]
        self.secret = answer.get("session_secret")
        self.expires_at = answer["expires_at"]

    @property
    def bearer(self):
        return f"Bearer {self.secret}"


class Answer:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.version, status, self.reason = (lines[0] + " ").split(" ", 2)
        self.status = int(status)
        self.fields = [tuple(line.split(": ", 1)) for line in lines[1:] if line]
        self.headers = {name.lower(): value for name, value in self.fields}
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:300]!r}>"


def request_bytes(method, path, body=None, connection_="keep-alive", **headers):
    fields = {"Host": "localhost", "Connection": connection_}
    if body is not None:
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        body = body.encode() if isinstance(body, str) else body
        fields["Content-Type"] = "application/json"
        fields["Content-Length"] = str(len(body))
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    named = {}
    for name, value in fields.items():
        named = {k: v for k, v in named.items() if k.lower() != name.lower()}
        if value is not None:
            named[name] = value
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in named.items())
    return head.encode("latin-1") + b"\r\n" + (body or b"")


def read_all(connection):
    data = b""
    try:
        while chunk := connection.recv(65536):
            data += chunk
    except ConnectionResetError:
        pass
    return data


def read_answer(connection, head_only=False):
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        assert chunk, f"the connection ended in the head: {data!r}"
        data += chunk
    head, body = data.split(b"\r\n\r\n", 1)
    answer = Answer(head, b"")
    length = 0 if head_only else int(answer.headers.get("content-length", "0"))
    while len(body) < length:
        chunk = connection.recv(65536)
        assert chunk, "the connection ended in the body"
        body += chunk
    assert len(body) == length
    answer.body = body
    return answer


def parse_answers(data):
    answers = []
    while data:
        head, data = data.split(b"\r\n\r\n", 1)
        answer = Answer(head, b"")
        length = int(answer.headers.get("content-length", "0"))
        answer.body, data = data[:length], data[length:]
        answers.append(answer)
    return answers


def assert_same_end(first, second):
    """What is left is counted anew for each answer, so whole seconds may differ by one."""
    ends = [datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (first, second)]
    assert abs(ends[0] - ends[1]) <= datetime.timedelta(seconds=1), (first, second)


def assert_problem(answer, status, kind=None):
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json
    assert set(problem) == PROBLEM_MEMBERS
    assert problem["status"] == status
    assert problem["type"].startswith("/problems/")
    assert problem["trace_id"] == answer.headers["x-request-id"]
    if kind is not None:
        assert problem["type"] == "/problems/" + kind


def get(path="/health", *lines, version="HTTP/1.1", host="Host: localhost"):
    head = "\r\n".join([f"GET {path} {version}", *([host] if host else []), *lines])
    return head.encode("latin-1") + b"\r\n\r\n"


# ---- WebSocket, as far as the tests need it ----

def handshake(path, key=None, early=b"", **headers):
    key = key or base64.b64encode(os.urandom(16)).decode()
    return request_bytes("GET", path, connection_="Upgrade", Upgrade="websocket",
                         Sec_WebSocket_Key=key, Sec_WebSocket_Version="13", **headers) + early


def frame(text, opcode=1):
    data = text.encode()
    mask = os.urandom(4)
    head = bytes([0x80 | opcode])
    head += bytes([0x80 | len(data)]) if len(data) < 126 else struct.pack("!BH", 0xfe, len(data))
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))


def websocket_ways(session, secret):
    """The headers by which a handshake may prove a session."""
    yield {"Authorization": f"Bearer {secret}"}
    yield {"Sec_WebSocket_Protocol": f"sighej.v1, sighej.auth.{secret}"}


class WebSocket:
    def __init__(self, backend, path, early=b"", **headers):
        self.connection = backend.connect()
        self.connection.sendall(handshake(path, early=early, **headers))
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = self.connection.recv(1)  # not a byte beyond the head
            assert chunk, data
            data += chunk
        self.answer = Answer(data.split(b"\r\n\r\n")[0], b"")
        if self.answer.status == 101:
            contract.check("GET", path, self.answer, added=backend.added_headers)

    def _read(self, n):
        data = b""
        while len(data) < n:
            chunk = self.connection.recv(n - len(data))
            if not chunk:
                raise EOFError
            data += chunk
        return data

    def receive(self):
        """The next message as (opcode, payload)."""
        first, second = self._read(2)
        assert first & 0x70 == 0 and second & 0x80 == 0
        n = second & 0x7f
        if n == 126:
            n = struct.unpack("!H", self._read(2))[0]
        return first & 0x0f, self._read(n)

    def receive_json(self, wanted=None):
        while True:
            opcode, payload = self.receive()
            if opcode == 8:
                raise EOFError(struct.unpack("!H", payload[:2])[0])
            if opcode != 1:
                continue
            message = json.loads(payload)
            contract.check_message(message)
            if wanted is None or message["type"] == wanted:
                return message

    def receive_close(self):
        """The close code."""
        while True:
            opcode, payload = self.receive()
            if opcode == 8:
                return struct.unpack("!H", payload[:2])[0]

    def send(self, message):
        self.connection.sendall(frame(json.dumps(message)))

    def close(self):
        self.connection.close()
