# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS of the backend's own, for installations without a proxy (SECURITY-DESIGN R-03, R-12)."""

import json
import os
import signal
import socket
import ssl
import subprocess

import pytest

import backendlib
from test_metrics import value

HANDSHAKE_SECONDS = 5


def make_certificate(folder, name="localhost"):
    folder.mkdir(exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    os.chmod(key, 0o600)
    return certificate, key


def trusting(certificate, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
    context = ssl.create_default_context(cafile=certificate)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # what is refused is refused by the server
    context.minimum_version, context.maximum_version = lowest, highest
    return context


class Tls:
    """The backend as seen through TLS; what backendlib.WebSocket and request need of it."""

    def __init__(self, backend, certificate):
        self.backend = backend
        self.certificate = certificate

    def connect(self, admin=False, **versions):
        plain = socket.create_connection(("127.0.0.1", self.backend.tls_port),
                                         timeout=backendlib.WAIT_SECONDS)
        return trusting(self.certificate, **versions).wrap_socket(plain, server_hostname="localhost")

    added_headers = frozenset()
    request = backendlib.Backend.request
    open_session = backendlib.Backend.open_session
    match = backendlib.Backend.match

    def socket(self, session):
        return backendlib.WebSocket(self, f"/ws/{session.token}", Authorization=session.bearer,
                                    Sec_WebSocket_Protocol="sighej.v1")

    def shown_name(self):
        with self.connect() as connection:
            return dict(pair[0] for pair in connection.getpeercert()["subject"])["commonName"]


@pytest.fixture
def files(tmp_path):
    return make_certificate(tmp_path / "tls")


@pytest.fixture
def tls(make_backend, files):
    certificate, key = files
    backend = make_backend(TLS_LISTEN="127.0.0.1:0", TLS_CERTIFICATE_FILE=str(certificate),
                           TLS_KEY_FILE=str(key))
    return Tls(backend, certificate)


def test_two_people_meet_over_tls(tls):
    ada, bob = tls.open_session(), tls.open_session()
    with_ada, with_bob = tls.socket(ada), tls.socket(bob)
    for connection in (with_ada, with_bob):
        assert connection.receive_json()["type"] == "snapshot"
    with_ada.send({"type": "sighting", "id": 1, "detected_token": bob.token})
    assert with_ada.receive_json("sighting_result")["match"] is False
    assert tls.match(bob, ada.token).json["match"] is True
    for connection in (with_ada, with_bob):
        assert connection.receive_json("nudge")["shared_interests"] == ["devops", "hardstyle"]
        connection.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_only_tls_1_2_and_1_3(tls):
    for version, shown in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        with tls.connect(lowest=version, highest=version) as connection:
            assert connection.version() == shown
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            tls.connect(lowest=version, highest=version)
    assert tls.request("GET", "/health").status == 200


def test_plain_bytes_get_nothing_of_the_core(tls):
    with socket.create_connection(("127.0.0.1", tls.backend.tls_port),
                                  timeout=backendlib.WAIT_SECONDS) as connection:
        connection.sendall(backendlib.get())
        assert b"HTTP" not in backendlib.read_all(connection)


def test_a_handshake_has_five_seconds(tls):
    with socket.create_connection(("127.0.0.1", tls.backend.tls_port),
                                  timeout=3 * HANDSHAKE_SECONDS) as connection:
        assert connection.recv(1) == b""  # else: timeout


def test_sighup_changes_the_certificate(tls, files, tmp_path):
    assert tls.shown_name() == "localhost"
    kept = tls.connect()
    new_certificate, new_key = make_certificate(tmp_path / "new", "renewed.example")
    os.replace(new_key, files[1])
    os.replace(new_certificate, files[0])
    tls.backend.process.send_signal(signal.SIGHUP)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(files[0])

    def renewed():
        plain = socket.create_connection(("127.0.0.1", tls.backend.tls_port), timeout=5)
        try:
            with context.wrap_socket(plain):
                return True
        except ssl.SSLCertVerificationError:
            return False

    backendlib.wait_until(renewed, "the new certificate")
    # Who was connected stays so.
    kept.sendall(backendlib.get())
    assert backendlib.read_answer(kept).status == 200
    kept.close()


def test_handshakes_and_the_certificate_s_end_are_measured(tls):
    with tls.connect() as connection:
        ends = ssl.cert_time_to_seconds(connection.getpeercert()["notAfter"])
    with socket.create_connection(("127.0.0.1", tls.backend.tls_port)) as connection:
        connection.sendall(b"this is no handshake")
        assert backendlib.read_all(connection)[:1] in (b"", b"\x15")  # the end, or an alert
    assert value(tls.backend, "sighej_tls_certificate_expiry_timestamp_seconds") == ends
    assert value(tls.backend, "sighej_tls_handshakes_total", 'outcome="done"') == 1
    assert value(tls.backend, "sighej_tls_handshakes_total", 'outcome="failed"') == 1


def test_a_bad_certificate_changes_nothing(tls, files):
    files[1].write_text("this is no key\n")
    os.chmod(files[1], 0o600)
    tls.backend.process.send_signal(signal.SIGHUP)
    backendlib.wait_until(lambda: "cannot use the TLS certificate" in tls.backend.log(), "the log line")
    assert tls.shown_name() == "localhost"


def test_the_address_is_the_clients_own(make_backend, files):
    backend = make_backend(TLS_LISTEN="127.0.0.1:0", TLS_CERTIFICATE_FILE=str(files[0]),
                           TLS_KEY_FILE=str(files[1]), SESSIONS_PER_ADDRESS="2")
    tls = Tls(backend, files[0])
    for _ in range(2):
        tls.open_session()
    answer = tls.request("POST", "/session", {"ble_token": "x" * 20, "interests": ["chess"]},
                         X_Forwarded_For="203.0.113.7")
    backendlib.assert_problem(answer, 429, "rate-limited")


def test_a_stop_says_goodbye_through_tls(tls):
    session = tls.open_session()
    connection = tls.socket(session)
    assert connection.receive_json()["type"] == "snapshot"
    tls.backend.process.send_signal(signal.SIGTERM)
    assert connection.receive_close() == 1012
    connection.connection.sendall(backendlib.frame("\x03\xf4", opcode=8))
    assert tls.backend.process.wait(backendlib.WAIT_SECONDS) == 0


def test_connections_leave_nothing_behind(tls):
    tls.request("GET", "/health")
    n_before = tls.backend.n_descriptors()
    for _ in range(20):
        connection = tls.connect()
        connection.sendall(backendlib.get())
        backendlib.read_answer(connection)
        os.close(connection.detach())
    backendlib.wait_until(lambda: tls.backend.n_descriptors() <= n_before, "the descriptors")


@pytest.mark.parametrize("settings, named", [
    ({"TLS_KEY_FILE": ""}, "TlsKeyFile"),
    ({"TLS_CERTIFICATE_FILE": ""}, "TlsCertificateFile"),
    ({"TLS_KEY_FILE": "/nonexistent/key"}, "TlsKeyFile"),
    ({"AUTH_MODE": "legacy"}, "legacy"),
])
def test_refuses_to_start_half_set_up(tmp_path, files, settings, named):
    environment = {"TLS_LISTEN": "127.0.0.1:0", "TLS_CERTIFICATE_FILE": str(files[0]),
                   "TLS_KEY_FILE": str(files[1]), "STATE_DIRECTORY": str(tmp_path / "state"), **settings}
    for arguments in (["--check-config"], ["--listen=127.0.0.1:0", "--admin-listen="]):
        result = backendlib.run(*arguments, **environment)
        assert result.returncode == 78 and named in result.stderr, result.stderr


def test_refuses_a_key_that_others_read(tmp_path, files):
    os.chmod(files[1], 0o644)
    result = backendlib.run("--check-config", TLS_LISTEN="127.0.0.1:0", TLS_CERTIFICATE_FILE=str(files[0]),
                            TLS_KEY_FILE=str(files[1]), STATE_DIRECTORY=str(tmp_path))
    assert result.returncode == 78 and "chmod o-rwx" in result.stderr


def test_credentials_go_before_the_settings(make_backend, files, tmp_path):
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    os.replace(files[0], credentials / "tls-certificate")
    os.replace(files[1], credentials / "tls-key")
    backend = make_backend(TLS_LISTEN="127.0.0.1:0", TLS_CERTIFICATE_FILE="/nonexistent",
                           TLS_KEY_FILE="/nonexistent", CREDENTIALS_DIRECTORY=str(credentials))
    tls = Tls(backend, credentials / "tls-certificate")
    assert json.loads(tls.request("GET", "/health").body)["status"] == "ok"
