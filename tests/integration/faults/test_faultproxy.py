# SPDX-License-Identifier: GPL-2.0-or-later
"""The fault proxy does what it says: each fault, seen from both ends."""
import json
import os
import socket
import subprocess
import sys
import threading
import time

import pytest

import faultproxy
from faultproxy import DOWN, UP, FaultProxy

WAIT_SECONDS = 10


class Echo:
    """Sends back what it gets; counts ends."""

    def __init__(self, address=None):
        if address:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(address)
            self.listener.listen()
            self.address = "unix:" + address
        else:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.address = "tcp:127.0.0.1:%d" % self.listener.getsockname()[1]
        self.ended = threading.Semaphore(0)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    def _echo(self, connection):
        try:
            while data := connection.recv(65536):
                connection.sendall(data)
        except OSError:
            pass
        connection.close()
        self.ended.release()


@pytest.fixture
def echo():
    one = Echo()
    yield one
    one.listener.close()


@pytest.fixture
def proxy(echo):
    with FaultProxy(echo.address) as one:
        yield one


def connect(proxy):
    connection = socket.create_connection(faultproxy.split(proxy.address), timeout=WAIT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def exchange(connection, data=b"hello"):
    begin = time.monotonic()
    connection.sendall(data)
    back = b""
    while len(back) < len(data):
        chunk = connection.recv(65536)
        if not chunk:
            raise EOFError(back)
        back += chunk
    assert back == data
    return time.monotonic() - begin


def silent(connection, seconds=0.2):
    connection.settimeout(seconds)
    with pytest.raises(TimeoutError):
        connection.recv(1)
    connection.settimeout(WAIT_SECONDS)


def test_without_faults_it_is_not_there(proxy, echo):
    with connect(proxy) as connection:
        exchange(connection, os.urandom(500000))
        assert proxy.n_links == 1
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert echo.ended.acquire(timeout=WAIT_SECONDS)


def test_delay_and_heal(proxy):
    with connect(proxy) as connection:
        proxy.set(delay_s=0.1)
        assert 0.2 <= exchange(connection) < 0.6
        proxy.clear()
        assert exchange(connection) < 0.1


def test_rate(proxy):
    proxy.set(UP, rate_bytes_s=100000, slice_bytes=1000)
    with connect(proxy) as connection:
        assert exchange(connection, b"x" * 20000) >= 0.15


def test_stall_loses_nothing(proxy):
    with connect(proxy) as connection:
        proxy.set(stall=True)
        connection.sendall(b"held")
        silent(connection)
        proxy.clear()
        assert connection.recv(4) == b"held"


def test_swallow_is_half_open(proxy, echo):
    with connect(proxy) as connection:
        exchange(connection)
        proxy.set(swallow=True)
        connection.sendall(b"lost")
        silent(connection)
        proxy.clear()
        connection.sendall(b"behind a hole")
        silent(connection)
    assert not echo.ended.acquire(timeout=0.2)


@pytest.mark.parametrize("way", [UP, DOWN])
def test_cut_at_a_byte(proxy, way):
    proxy.set(way, cut_at=7, cut_by="end")
    with connect(proxy) as connection:
        exchange(connection, b"12345")
        with pytest.raises(EOFError) as cut:
            exchange(connection, b"6789")
    assert way == UP or cut.value.args[0] == b"67"
    with connect(proxy) as connection:
        exchange(connection, b"whole again")


def test_reset_in_the_middle(proxy):
    proxy.set(UP, cut_at=3)
    with connect(proxy) as connection, pytest.raises((ConnectionResetError, BrokenPipeError)):
        exchange(connection, b"12345")


def test_slices_arrive_whole(proxy):
    proxy.set(slice_bytes=1)
    with connect(proxy) as connection:
        exchange(connection, os.urandom(3000))


def test_loss_costs_time_only(proxy):
    proxy.set(UP, loss_percent=50)
    with connect(proxy) as connection:
        assert exchange(connection, os.urandom(20 * faultproxy.SEGMENT_BYTES)) > faultproxy.RETRANSMIT_SECONDS


def test_cut_and_refuse_now(proxy):
    with connect(proxy) as connection:
        exchange(connection)
        assert proxy.cut() == 1
        with pytest.raises((ConnectionResetError, EOFError)):
            exchange(connection)
    proxy.refuse = True
    # The reset may be there before the connection has been told of.
    with pytest.raises((ConnectionResetError, BrokenPipeError, EOFError)), connect(proxy) as connection:
        exchange(connection)
    proxy.clear()
    with connect(proxy) as connection:
        exchange(connection)


def test_one_connection_of_two(proxy):
    with connect(proxy) as commands, connect(proxy) as subscriber:
        exchange(subscriber, b"SUBSCRIBE x")
        proxy.set(DOWN, swallow=True, only=b"SUBSCRIBE")
        exchange(commands)
        subscriber.sendall(b"gone")
        silent(subscriber)
        assert proxy.cut(only=b"SUBSCRIBE") == 1
        exchange(commands)


def test_tap_sees_all_and_may_cut(proxy):
    seen = []

    def tap(link, way, data):
        seen.append((way, data))
        return None if data == b"bad" else data

    proxy.tap = tap
    with connect(proxy) as connection:
        exchange(connection, b"good")
        with pytest.raises((ConnectionResetError, EOFError)):
            exchange(connection, b"bad")
    assert seen == [(UP, b"good"), (DOWN, b"good"), (UP, b"bad")]


def test_as_a_program_between_unix_sockets(tmp_path):
    echo = Echo(str(tmp_path / "echo"))
    way = f"unix:{tmp_path}/proxy"
    with subprocess.Popen([sys.executable, faultproxy.__file__, "--listen", way, "--target", echo.address,
                           "--control", str(tmp_path / "control")], stdout=subprocess.PIPE,
                          text=True) as program:
        assert program.stdout.readline() == f"listening on {way}\n"
        with socket.socket(socket.AF_UNIX) as control, socket.socket(socket.AF_UNIX) as connection:
            control.connect(str(tmp_path / "control"))
            connection.connect(str(tmp_path / "proxy"))
            connection.settimeout(WAIT_SECONDS)
            answers = control.makefile()
            exchange(connection)
            control.sendall(b'{"do": "set", "way": "up", "stall": true}\n')
            assert json.loads(answers.readline()) == {"ok": True, "links": 1}
            connection.sendall(b"held")
            silent(connection)
            control.sendall(b'{"do": "clear"}\n{"do": "explode"}\n')
            assert json.loads(answers.readline())["ok"] is True
            assert json.loads(answers.readline()) == {"ok": False, "error": "no order explode"}
            assert connection.recv(4) == b"held"
        program.terminate()
        assert program.wait(WAIT_SECONDS) == 0
