# SPDX-License-Identifier: GPL-2.0-or-later
"""The program: its modes, configuration, listeners, and how it stops."""

import os
import re
import signal
import socket
import subprocess
import time

import pytest

from backendlib import (NO_MATCH, WAIT_SECONDS, WebSocket, assert_problem, get, program, read_all,
                        read_answer, request_bytes, run)


# ---- the first contract ----

def test_legacy_is_the_first_contract_word_for_word(make_backend):
    backend = make_backend(AUTH_MODE="legacy")
    first = backend.request("POST", "/session", {"ble_token": "a1", "interests": ["devops"]})
    assert first.status == 201 and set(first.json) == {"session_id", "expires_at"}
    assert backend.request("POST", "/session", {"ble_token": "b2",
                                                "interests": ["devops"]}).status == 201
    ws = WebSocket(backend, "/ws/a1")
    assert ws.answer.status == 101
    match = backend.request("POST", "/match", {"own_token": "b2", "detected_token": "a1"})
    assert match.json["match"] is True and match.json["shared_interests"] == ["devops"]
    assert ws.receive_json()["type"] == "nudge"
    unknown = backend.request("POST", "/match", {"own_token": "zz", "detected_token": "a1"})
    assert (unknown.status, unknown.body) == (200, NO_MATCH)
    ws.close()


def test_T_02_legacy_refuses_what_comes_through_a_proxy(make_backend):
    backend = make_backend(AUTH_MODE="legacy")
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto"):
        answer = backend.request("GET", "/health", **{name.replace("-", "_"): "1.2.3.4"})
        assert_problem(answer, 403)


@pytest.mark.parametrize("arguments,settings,words", [
    (["--listen=0.0.0.0:0"], {"AUTH_MODE": "legacy", "ALLOW_PLAIN": "yes"}, "AuthMode=legacy"),
    ([], {"AUTH_MODE": "legacy", "TRUSTED_PROXIES": "10.0.0.1"}, "TrustedProxies"),
    (["--listen=0.0.0.0:0"], {}, "AllowPlain=yes"),
    (["--listen=[::]:0"], {}, "AllowPlain=yes"),
    (["--admin-listen=0.0.0.0:0"], {"ALLOW_PLAIN": "yes"}, "AdminTokenFile"),
    ([], {"REDIS_URL": "rediss://localhost"}, "stunnel"),
    ([], {"REDIS_URL": "redis://:plan/ted@planted"}, "REDIS_URL: RedisUrl in [Stores] is wrong"),
    ([], {"REDIS_URL": "redis+sentinel://u:planted@one,two"}, "master's name is missing"),
    ([], {"REDIS_URL": "unix:///planted?password=planted&planted=1"}, "db=N"),
    ([], {"DATABASE_URL": "mysql://u:planted@h/d"}, "DATABASE_URL"),
    ([], {"DATABASE_URL": "postgresql://u:planted@h:0/d"}, "from 1 to 65535"),
    ([], {"DATABASE_URL": "postgresql://u@h/d?sslmode=planted"}, "verify-full"),
    ([], {"SESSION_TTL_SECONDS": "299"}, "SESSION_TTL_SECONDS"),
    ([], {"TRUSTED_PROXIES": "nonsense"}, "TrustedProxies"),
    ([], {"PRIVACY_FILE": "/nowhere"}, "/nowhere"),
    ([], {"ADMIN_TOKEN_FILE": "/nowhere"}, "/nowhere"),
    ([], {"INTEREST_KEY_FILE": "/nowhere"}, "InterestKeyFile in [Sessions]"),
    (["--listen=nonsense"], {}, "nonsense"),
    (["--listen=unix:relative"], {}, "unix:relative"),
    (["--listen="], {}, "Listen"),
    (["--config=/nowhere"], {}, "/nowhere"),
])
def test_a_configuration_that_is_refused(tmp_path, arguments, settings, words):
    settings.setdefault("STATE_DIRECTORY", str(tmp_path))
    arguments = ["--listen=127.0.0.1:0", *arguments] if not arguments else arguments
    if not any("admin" in argument for argument in arguments):
        arguments.append("--admin-listen=127.0.0.1:0")
    else:
        arguments.append("--listen=127.0.0.1:0")
    done = run(*arguments, **settings)
    assert done.returncode == 78, done
    assert words in done.stderr
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("sighej-backend: ")
    assert done.stdout == "" and "planted" not in done.stderr


def test_plain_off_loopback_when_it_is_asked_for(make_backend):
    backend = make_backend(listen=("0.0.0.0:0",), ALLOW_PLAIN="yes")
    assert backend.names[0].startswith("0.0.0.0:")
    assert backend.request("GET", "/health").status == 200


# ---- the program ----

def test_version_help_and_usage():
    assert re.fullmatch(r"sighej-backend \d+\.\d+\.\d+\n", run("--version").stdout)
    helped = run("--help")
    assert helped.returncode == 0
    for option in ("--config", "--listen", "--admin-listen", "--check-config", "--version"):
        assert option in helped.stdout
    for bad in ("--nonsense", "argument"):
        done = run(bad)
        assert done.returncode == 2 and done.stderr.count("\n") == 1


def test_check_config_prints_each_key_with_its_origin(tmp_path):
    config = tmp_path / "backend.conf"
    config.write_text("[Limits]\nMaxConnections=77\n[Nonsense]\nX=1\n")
    done = run(f"--config={config}", "--check-config", "--listen=127.0.0.1:9", MATCH_POLICY="one_sided")
    assert done.returncode == 0, done
    assert re.search(r"MaxConnections=77\s+# .*backend\.conf:2", done.stdout)
    assert re.search(r"MatchPolicy=one_sided\s+# environment", done.stdout)
    assert re.search(r"Listen=127\.0\.0\.1:9\s+# --listen", done.stdout)
    assert re.search(r"SessionTtlSeconds=7200\s+# default", done.stdout)
    assert "Nonsense" in done.stderr
    config.write_text("[Limits]\nMaxConnections=0\n")
    done = run(f"--config={config}", "--check-config")
    assert done.returncode == 78 and "MaxConnections" in done.stderr


def test_a_database_by_credential_without_its_password(tmp_path):
    (tmp_path / "database-url").write_text("postgresql://u:planted@h/d?sslmode=require\n")
    done = run("--check-config", CREDENTIALS_DIRECTORY=str(tmp_path), DATABASE_URL="postgresql://other/")
    assert done.returncode == 0, done
    assert re.search(r"DatabaseUrl=postgresql://u:\*\*\*@h/d\?sslmode=require\s+# credential database-url",
                     done.stdout)
    (tmp_path / "database-url").write_text("nonsense:planted")
    done = run("--check-config", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert done.returncode == 78 and "credential database-url: DatabaseUrl" in done.stderr
    assert "planted" not in done.stderr


def test_a_credential_that_must_be_there(tmp_path):
    def check(**settings):
        return run("--check-config", REQUIRED_CREDENTIALS="redis-url;interest-key", **settings)

    for done in (check(), check(CREDENTIALS_DIRECTORY=str(tmp_path))):
        assert done.returncode == 78 and done.stdout == "", done
        assert "environment" in done.stderr and "the credential redis-url is not there, or empty" in done.stderr
    (tmp_path / "redis-url").write_text("redis://h\n")
    (tmp_path / "interest-key").write_text("")
    assert "the credential interest-key is not there" in check(CREDENTIALS_DIRECTORY=str(tmp_path)).stderr
    (tmp_path / "interest-key").write_bytes(os.urandom(32))
    (tmp_path / "interest-key").chmod(0o440)
    done = check(CREDENTIALS_DIRECTORY=str(tmp_path))
    assert done.returncode == 0 and "RequiredCredentials=redis-url;interest-key" in done.stdout, done
    done = run("--check-config", REQUIRED_CREDENTIALS="redis-uri", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert done.returncode == 78 and "the credential redis-uri is none; allowed are interest-key" in done.stderr


def test_a_server_without_its_credentials_ends_with_78(tmp_path):
    done = run("--listen=127.0.0.1:0", REQUIRED_CREDENTIALS="interest-key", STATE_DIRECTORY=str(tmp_path / "state"))
    assert done.returncode == 78 and "interest-key" in done.stderr, done
    assert not (tmp_path / "state").exists()
    done = run("--listen=127.0.0.1:0", CREDENTIALS_DIRECTORY=str(tmp_path / "nowhere"))
    assert done.returncode == 78 and "No such file or directory" in done.stderr, done


@pytest.mark.parametrize("text, shown", [
    ("redis://u:planted@h/3", "redis://u:***@h:6379/3"),
    ("unix:///r.sock?password=planted", "unix:///r.sock?db=0&password=***"),
    ("redis+sentinel://:planted@one,[::1]:7/city", "redis+sentinel://:***@one:26379,[::1]:7/city/0")])
def test_a_redis_by_credential_without_its_password(tmp_path, text, shown):
    (tmp_path / "redis-url").write_text(f"{text}\n")
    done = run("--check-config", CREDENTIALS_DIRECTORY=str(tmp_path), REDIS_URL="redis://other")
    assert done.returncode == 0 and "planted" not in done.stdout + done.stderr, done
    assert re.search(rf"RedisUrl={re.escape(shown)}\s+# credential redis-url", done.stdout)


@pytest.mark.parametrize("lines,names", [
    (["[Server]", "TrustedProxies=nonsense"], "TrustedProxies in [Server]"),
    (["[Server]", "PrivacyFile=/nowhere"], "PrivacyFile in [Server]"),
    (["[Server]", "TermsFile=/nowhere"], "TermsFile in [Server]"),
    (["[Server]", "AdminTokenFile=/nowhere"], "AdminTokenFile in [Server]"),
    (["[Server]", "TlsListen=127.0.0.1:0"], "TlsListen in [Server]"),
    (["[Server]", "Listen=0.0.0.0:80"], "Listen in [Server]"),
    (["[Server]", "Workers=2"], "Workers in [Server]"),
    (["[Sessions]", "InterestKeyFile=/nowhere"], "InterestKeyFile in [Sessions]"),
    (["[Limits]", "MaxConnections=none"], "MaxConnections in [Limits]"),
    (["[Stores]", "RedisUrl=rediss://host"], "RedisUrl in [Stores]"),
])
def test_check_config_names_file_line_and_key(tmp_path, lines, names):
    config = tmp_path / "backend.conf"
    config.write_text("\n".join(lines))
    done = run(f"--config={config}", "--check-config")
    assert done.returncode == 78
    assert done.stderr.startswith(f"sighej-backend: {config}:2: {names}"), done.stderr


def test_check_config_says_how_many_processes_serve(tmp_path):
    one = run("--check-config", STATE_DIRECTORY=str(tmp_path))
    assert one.stdout.endswith("\n# processes that serve: 1\n")
    several = run("--check-config", REDIS_URL="unix:///run/redis.sock", WORKERS="3")
    assert several.stdout.endswith("\n# processes that serve: 3\n")


def test_an_occupied_port_is_told_in_one_sentence(backend, tmp_path):
    done = run(f"--listen=127.0.0.1:{backend.port}", "--admin-listen=", STATE_DIRECTORY=str(tmp_path))
    assert done.returncode == 1
    assert f"127.0.0.1:{backend.port} is in use" in done.stderr
    assert done.stderr.count("\n") == 1


def ask_unix(path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(request_bytes("GET", "/health", None, "close"))
        return read_answer(connection).status


def test_unix_sockets(make_backend, tmp_path):
    path = tmp_path / "socket"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close()
    backend = make_backend(listen=(f"unix:{path}", "127.0.0.1:0"))
    assert backend.names[0] == f"unix:{path}"
    assert path.stat().st_mode & 0o7777 == 0o660
    assert ask_unix(path) == 200
    assert backend.request("GET", "/health").status == 200
    second = run(f"--listen=unix:{path}", "--admin-listen=", STATE_DIRECTORY=str(tmp_path))
    assert second.returncode == 1 and "in use" in second.stderr
    assert ask_unix(path) == 200
    assert backend.stop() == 0
    assert not path.exists()


def test_unix_websocket(make_backend, tmp_path):
    path = tmp_path / "socket"
    backend = make_backend(listen=(f"unix:{path}",))

    def connect(admin=False):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(WAIT_SECONDS)
        connection.connect(str(path))
        return connection
    backend.connect = connect
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)
    assert ws.receive_json()["type"] == "snapshot"
    ws.close()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path):
    path = tmp_path / "file"
    path.write_text("mine")
    done = run(f"--listen=unix:{path}", "--admin-listen=", STATE_DIRECTORY=str(tmp_path))
    assert done.returncode == 1 and path.read_text() == "mine"


def test_inherited_descriptors_are_taken(tmp_path):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [s.getsockname()[1] for s in sockets]
    script = (f"exec 3<&{sockets[0].fileno()} 4<&{sockets[1].fileno()}; export LISTEN_PID=$$; "
              f"exec {program()}")
    environment = {**os.environ, "LISTEN_FDS": "2", "LISTEN_FDNAMES": "public:admin",
                   "STATE_DIRECTORY": str(tmp_path)}
    process = subprocess.Popen(["bash", "-c", script], env=environment, stdout=subprocess.PIPE,
                               text=True, pass_fds=[s.fileno() for s in sockets])
    for s in sockets:
        s.close()
    try:
        assert process.stdout.readline() == f"listening on 127.0.0.1:{ports[0]}\n"
        assert process.stdout.readline() == f"admin listening on 127.0.0.1:{ports[1]}\n"
        for port, path in ((ports[0], "/health"), (ports[1], "/stats")):
            with socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS) as connection:
                connection.sendall(get(path))
                assert read_answer(connection).status == 200
        process.terminate()
        assert process.wait(WAIT_SECONDS) == 0
    finally:
        process.kill()
        process.stdout.close()


def test_ready_and_watchdog_are_told(make_backend, tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        notify.settimeout(WAIT_SECONDS)
        backend = make_backend(NOTIFY_SOCKET=str(path), WATCHDOG_USEC="300000")
        assert notify.recv(100) == b"READY=1"
        assert notify.recv(100) == b"WATCHDOG=1"
        assert notify.recv(100) == b"WATCHDOG=1"
        assert "/health/live" in backend.log()
        backend.process.send_signal(signal.SIGTERM)
        while (told := notify.recv(100)) == b"WATCHDOG=1":
            pass
        assert told == b"STOPPING=1"


def test_sigterm_finishes_what_was_begun(make_backend):
    backend = make_backend()
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", Authorization=session.bearer)
    assert ws.receive_json()["type"] == "snapshot"
    idle = backend.connect()
    begin = time.monotonic()
    backend.process.send_signal(signal.SIGTERM)
    assert ws.receive_close() == 1012
    ws.close()
    assert backend.process.wait(WAIT_SECONDS) == 0
    assert time.monotonic() - begin < 10
    assert read_all(idle) == b""
    with pytest.raises(ConnectionRefusedError):
        backend.connect()


def test_counts_survive_a_restart(make_backend, tmp_path):
    state = str(tmp_path / "kept")
    first = make_backend(STATE_DIRECTORY=state)
    for _ in range(3):
        first.open_session()
    assert first.stop() == 0
    second = make_backend(STATE_DIRECTORY=state)
    stats = second.request("GET", "/stats", admin=True).json
    assert (stats["total_sessions_today"], stats["active_sessions_now"]) == (3, 0)


def test_state_is_private(make_backend):
    backend = make_backend()
    backend.open_session()
    assert backend.state.stat().st_mode & 0o777 == 0o700
    assert (backend.state / "interest.key").stat().st_mode & 0o777 == 0o600
