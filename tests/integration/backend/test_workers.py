# SPDX-License-Identifier: GPL-2.0-or-later
"""A parent and its workers: crashes, silence, draining, reloading, inherited sockets."""
import os
import re
import resource
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from backendlib import (WAIT_SECONDS, WebSocket, clean_environment, get, program, read_all,
                        read_answer, request_bytes, wait_until)
from cell import Redis, TimeShift, ask, n_descriptors, spread, state_of, workers

SLOW = bool(os.environ.get("SIGHEJ_SLOW"))
RESTARTS = 100 if SLOW else 4
STOPPED_SECONDS = 10 if SLOW else 2
STARVED_SECONDS = 30 if SLOW else 1


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    redis = Redis(tmp_path_factory.mktemp("redis"))
    yield redis
    redis.stop()


@pytest.fixture
def make_cell(make_backend, redis):
    """A backend with two workers."""

    def make(*arguments, **settings):
        backend = make_backend(*arguments, **{"WORKERS": "2", **redis.settings, **settings})
        assert len(workers(backend.pid)) == 2
        return backend
    return make


def wait_replaced(backend, victim):
    wait_until(lambda: victim not in workers(backend.pid) and len(workers(backend.pid)) == 2,
               "a new worker")


def kill_one(backend):
    """Kills a worker and waits until two serve again."""
    victim = workers(backend.pid)[0]
    n_before = backend.log().count("it says so")
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: backend.log().count("it says so") > n_before, "a new worker that serves")
    wait_replaced(backend, victim)
    return victim


def test_T_15_all_write_one_log(make_cell):
    """An address reads the same whichever worker it came to."""
    backend = make_cell()
    for connections in spread(backend, 2).values():
        for connection in connections:
            connection.close()
    names = set(re.findall(r"GET /health for (\w+):", backend.log()))
    assert len(names) == 1, names


def test_all_go_by_the_program_s_name(make_cell):
    """In ps and in the journal, not by that of the link they are started as."""
    backend = make_cell()
    for pid in (backend.pid, *workers(backend.pid)):
        assert Path(f"/proc/{pid}/comm").read_text(encoding="ascii") == "sighej-backend\n"


# ---- crashes ----

def test_F_03_a_killed_worker_takes_only_its_own_connections_with_it(make_cell):
    backend = make_cell()
    held = spread(backend, 3)
    victim, other = held
    os.kill(victim, signal.SIGKILL)
    for _ in range(20):  # whoever comes now is served by the others
        assert backend.request("GET", "/health").status == 200
    for connection in held[other]:
        assert ask(connection) == 200
    for connection in held[victim]:
        assert read_all(connection) == b""
    wait_replaced(backend, victim)
    assert other in workers(backend.pid)
    for connections in held.values():
        for connection in connections:
            connection.close()


def load(backend, stop, outcomes):
    """One request after the other, each on a connection of its own."""
    while not stop.is_set():
        try:
            outcomes.append(backend.request("GET", "/health").status)
        except (AssertionError, OSError) as error:
            outcomes.append(error)


def test_F_03_under_load_a_crash_costs_what_was_in_flight(make_cell):
    backend = make_cell(SIGHEJ_LOG_LEVEL="debug")
    stop, outcomes = threading.Event(), [[] for _ in range(4)]
    threads = [threading.Thread(target=load, args=(backend, stop, one)) for one in outcomes]
    for thread in threads:
        thread.start()
    try:
        kill_one(backend)
        enough = [len(one) + 20 for one in outcomes]
        wait_until(lambda: all(len(one) > n for one, n in zip(outcomes, enough)), "more requests")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for one in outcomes:
        assert len([outcome for outcome in one if outcome != 200]) <= 1
        assert one[-1] == 200


def test_restarts_leave_nothing_behind(make_cell):
    backend = make_cell()
    kill_one(backend)
    before, seen = n_descriptors(backend.pid), set()
    for _ in range(RESTARTS):
        seen.add(kill_one(backend))
        assert [pid for pid in workers(backend.pid) if state_of(pid) == "Z"] == []
    assert len(seen) == RESTARTS and all(state_of(pid) is None for pid in seen)
    assert n_descriptors(backend.pid) == before
    assert backend.request("GET", "/health").status == 200


def test_N_9_a_silent_worker_is_replaced_within_30_s(make_cell, tmp_path):
    """What passes are seconds of a turned clock, one at a time, so that the others can beat."""
    shift = TimeShift(tmp_path)
    backend = make_cell(**shift.environment())
    victim, other = workers(backend.pid)
    os.kill(victim, signal.SIGSTOP)
    wait_until(lambda: state_of(victim) == "T", "the worker to stop")
    for passed in range(1, 31):
        shift.advance(1, backend.pid)
        time.sleep(0.05)  # in which a second passes
        if state_of(victim) is None:
            break
    assert 15 <= passed <= 20
    assert "is silent; it is killed" in backend.log()
    wait_replaced(backend, victim)
    assert other in workers(backend.pid)
    assert backend.request("GET", "/health").status == 200


def test_F_14_all_stopped_together_expires_nothing(make_cell):
    backend = make_cell()
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)
    assert ws.receive_json()["type"] == "snapshot"
    before = workers(backend.pid)
    everything = [backend.pid, *before]
    for pid in everything:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(STOPPED_SECONDS)
    for pid in everything:
        os.kill(pid, signal.SIGCONT)
    begin = time.monotonic()
    assert backend.request("GET", "/session", Authorization=session.bearer).status == 200
    ws.send({"type": "sighting", "id": 1, "detected_token": "nobody"})
    assert ws.receive_json("sighting_result")["id"] == 1
    assert time.monotonic() - begin < 5
    assert workers(backend.pid) == before
    ws.close()


def test_F_14_starved_and_in_a_storm_of_signals(make_cell, tmp_path):
    """Every core is wanted four times over, and the parent is told to reload again and again."""
    config = tmp_path / "backend.conf"
    config.write_text("")
    backend = make_cell(f"--config={config}")
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)
    before = workers(backend.pid)
    spinners = [subprocess.Popen(["sh", "-c", "while :; do :; done"])
                for _ in range(4 * os.cpu_count())]
    try:
        end = time.monotonic() + STARVED_SECONDS
        while time.monotonic() < end:
            backend.process.send_signal(signal.SIGHUP)
            begin = time.monotonic()
            assert backend.request("GET", "/session", Authorization=session.bearer).status == 200
            assert time.monotonic() - begin < 5
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()
    ws.send({"type": "sighting", "id": 1, "detected_token": "nobody"})
    assert ws.receive_json("sighting_result")["id"] == 1
    ws.close()
    assert workers(backend.pid) == before


def test_F_12_40_descriptors_each_and_a_flood(make_cell):
    backend = make_cell(preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40)))
    flood = [backend.connect() for _ in range(120)]
    victim = workers(backend.pid)[0]
    os.kill(victim, signal.SIGKILL)
    for connection in flood:
        connection.close()
    begin = time.monotonic()
    wait_until(lambda: backend.request("GET", "/health").status == 200, "service again")
    assert time.monotonic() - begin < 1
    wait_replaced(backend, victim)


# ---- ends ----

@pytest.mark.parametrize("several", [False, True])
def test_F_15_draining_fails_no_request(make_backend, make_cell, several):
    backend = make_cell() if several else make_backend()
    sockets = []
    for _ in range(6):
        session = backend.open_session()
        ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)
        assert ws.receive_json()["type"] == "snapshot"
        sockets.append(ws)
    request = request_bytes("POST", "/session", {"ble_token": "f" * 20, "interests": ["devops"]})
    half = backend.connect()
    half.sendall(request[:-5])
    assert ask(idle := backend.connect()) == 200
    stop, outcomes = threading.Event(), []
    thread = threading.Thread(target=load, args=(backend, stop, outcomes))
    thread.start()
    wait_until(lambda: len(outcomes) > 10, "some load")
    begin = time.monotonic()
    backend.process.send_signal(signal.SIGTERM)
    for ws in sockets:
        assert ws.receive_close() == 1012
        ws.close()
    backend.process.send_signal(signal.SIGTERM)  # changes nothing
    half.sendall(request[-5:])
    answer = read_answer(half)
    assert answer.status == 201 and answer.headers["connection"] == "close"
    assert backend.process.wait(WAIT_SECONDS) == 0
    assert time.monotonic() - begin < 10
    stop.set()
    thread.join()
    failed = [outcome for outcome in outcomes if outcome != 200]
    assert failed and all(isinstance(outcome, ConnectionRefusedError) for outcome in failed), failed[:3]
    half.close()
    idle.close()


def test_workers_end_with_their_parent(make_cell):
    backend = make_cell()
    left = workers(backend.pid)
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)
    assert ws.receive_json()["type"] == "snapshot"
    backend.process.kill()
    assert ws.receive_close() == 1012
    ws.close()
    backend.process.wait()
    wait_until(lambda: all(state_of(pid) in (None, "Z") for pid in left), "the workers to end")
    assert backend.log().count("the parent is gone") == 2
    backend.stop()


def test_a_unix_socket_is_the_parent_s(make_cell, tmp_path):
    path = tmp_path / "socket"
    backend = make_cell(listen=(f"unix:{path}", "127.0.0.1:0"))
    kill_one(backend)
    assert path.exists()
    for _ in range(10):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            assert ask(connection) == 200
    assert backend.stop() == 0
    assert not path.exists()


def test_several_need_redis(tmp_path):
    done = subprocess.run([program(), "--listen=127.0.0.1:0"], text=True, capture_output=True,
                          timeout=WAIT_SECONDS, check=False,
                          env=clean_environment({"WORKERS": "2", "STATE_DIRECTORY": str(tmp_path)}))
    assert done.returncode == 78
    assert "Workers" in done.stderr and "set RedisUrl" in done.stderr


def test_the_worker_s_option_is_nothing_for_people():
    done = subprocess.run([program(), "--worker=1"], text=True, capture_output=True,
                          timeout=WAIT_SECONDS, check=False)
    assert done.returncode == 2 and "leave it out" in done.stderr


# ---- the service manager ----

class Manager:
    """What systemd does for a service: notifications, and sockets it holds."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(WAIT_SECONDS)

    def told(self, wanted):
        """The next notification that begins so."""
        while True:
            text = self.socket.recv(4096).decode()
            if text.startswith(wanted):
                return text


@pytest.fixture
def manager(tmp_path):
    manager = Manager(tmp_path)
    yield manager
    manager.socket.close()


def test_the_manager_is_told(make_cell, manager):
    backend = make_cell(NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="300000")
    assert manager.told("READY=1") == "READY=1"
    assert manager.told("STATUS=").startswith("STATUS=2 of 2 workers serve, ")
    manager.told("WATCHDOG=1")
    backend.process.send_signal(signal.SIGHUP)
    assert manager.told("RELOADING=1").startswith("RELOADING=1\nMONOTONIC_USEC=")
    manager.told("READY=1")
    backend.process.send_signal(signal.SIGTERM)
    manager.told("STOPPING=1")


@pytest.mark.parametrize("several", [False, True])
def test_sockets_of_the_manager(tmp_path, redis, several):
    """They are used as they are, and stay open when the service ends."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [one.getsockname()[1] for one in held]
    script = (f"exec 3<&{held[0].fileno()} 4<&{held[1].fileno()}; export LISTEN_PID=$$; "
              f"exec {program()}")
    settings = {"LISTEN_FDS": "2", "LISTEN_FDNAMES": "public:admin", "STATE_DIRECTORY": str(tmp_path)}
    if several:
        settings |= {"WORKERS": "2", **redis.settings}
    with subprocess.Popen(["bash", "-c", script], env=clean_environment(settings), text=True,
                          stdout=subprocess.PIPE, pass_fds=[one.fileno() for one in held]) as process:
        try:
            assert process.stdout.readline() == f"listening on 127.0.0.1:{ports[0]}\n"
            assert process.stdout.readline() == f"admin listening on 127.0.0.1:{ports[1]}\n"
            assert len(workers(process.pid)) == (2 if several else 0)
            for port, path in ((ports[0], "/health"), (ports[1], "/stats")) * 4:
                with socket.create_connection(("127.0.0.1", port), WAIT_SECONDS) as connection:
                    connection.sendall(get(path))
                    assert read_answer(connection).status == 200
            process.terminate()
            assert process.wait(WAIT_SECONDS) == 0
        finally:
            process.kill()
    with socket.create_connection(("127.0.0.1", ports[0]), WAIT_SECONDS):
        pass
    for one in held:
        one.close()


# ---- SIGHUP ----

@pytest.fixture(params=["one", "several"])
def reloadable(request, make_backend, redis, tmp_path):
    """A backend with a configuration file to change."""
    config = tmp_path / "backend.conf"
    config.write_text("[Server]\nAllowedOrigins=https://first.example\n")
    more = {"WORKERS": "2", **redis.settings} if request.param == "several" else {}
    backend = make_backend(f"--config={config}", **more)
    backend.config = config
    return backend


def reload(backend, text, words):
    """Writes the file, signals and waits for the log to say so once more."""
    before = backend.log().count(words)
    backend.config.write_text(text)
    backend.process.send_signal(signal.SIGHUP)
    wait_until(lambda: backend.log().count(words) > before, words)


def allowed(backend, origin):
    """Every worker's word: enough connections that each has one."""
    answers = {backend.request("GET", "/health", Origin=origin).status for _ in range(12)}
    return answers == {200}


def test_sighup_rereads_what_can_be_reread(reloadable):
    backend, texts = reloadable, reloadable.config.parent
    assert allowed(backend, "https://first.example")
    assert not allowed(backend, "https://second.example")
    kept = backend.connect()
    assert ask(kept) == 200
    (texts / "privacy.html").write_text("<p>ours</p>")
    (texts / "token").write_text("0123456789abcdef-admin")
    (texts / "token").chmod(0o600)
    reload(backend, f"""[Server]
AllowedOrigins=https://second.example
PrivacyFile={texts}/privacy.html
AdminTokenFile={texts}/token
[Limits]
MaxBodyBytes=1024
""", "the configuration is read again")
    wait_until(lambda: allowed(backend, "https://second.example"), "the new settings")
    assert not allowed(backend, "https://first.example")
    assert b"ours" in backend.request("GET", "/privacy").body
    assert backend.request("GET", "/stats", admin=True).status == 401
    assert backend.request("GET", "/stats", admin=True,
                           Authorization="Bearer 0123456789abcdef-admin").status == 200
    large = {"ble_token": "b" * 20, "interests": ["x" * 40] * 20, "public_key": "0" * 600}
    assert backend.request("POST", "/session", large).status == 413
    assert ask(kept) == 200
    kept.close()


@pytest.mark.parametrize("text,word", [
    ("[Server]\nAllowedOrigins=https://second.example\nMinimumAge=ninety\n", "MinimumAge"),
    ("[Server]\nAllowedOrigins=https://second.example\nPrivacyFile=/nowhere\n", "/nowhere"),
    ("[Server]\nAllowedOrigins=https://second.example\nAdminTokenFile=/nowhere\n", "/nowhere"),
    ("nonsense", "backend.conf:1"),
], ids=["value", "privacy", "token", "text"])
def test_sighup_with_an_error_changes_nothing(reloadable, text, word):
    reload(reloadable, text, "the configuration is not taken, the old settings stay")
    line = next(line for line in reloadable.log().splitlines() if "is not taken" in line)
    assert word in line
    assert allowed(reloadable, "https://first.example")
    assert not allowed(reloadable, "https://second.example")


def test_sighup_names_what_needs_a_restart(reloadable):
    reload(reloadable, "[Server]\nWorkers=3\nAllowedOrigins=https://second.example\n"
           "[Operation]\nTraceSamplePercent=7\n", "the configuration is read again")
    wait_until(lambda: allowed(reloadable, "https://second.example"), "the new settings")
    line = next(line for line in reloadable.log().splitlines() if "needs a restart" in line)
    assert "TraceSamplePercent" in line


def test_a_new_worker_runs_with_what_was_checked(make_backend, redis, tmp_path):
    """Not with a file that an operator has begun to change."""
    config = tmp_path / "backend.conf"
    config.write_text("[Server]\nAllowedOrigins=https://first.example\n")
    backend = make_backend(f"--config={config}", WORKERS="2", **redis.settings)
    config.write_text("[Server]\nAllowedOrigins=https://second.example\nMinimumAge=ninety\n")
    kill_one(backend)
    assert len(workers(backend.pid)) == 2
    assert allowed(backend, "https://first.example")
