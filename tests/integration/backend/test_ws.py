# SPDX-License-Identifier: GPL-2.0-or-later
"""WebSockets of the real backend: RFC 6455 case by case, who hears what, the published contract.

The cases and their numbers follow the list of the Autobahn test suite.
"""
import base64
import json
import os
import secrets
import socket
import struct
import threading
import time
import zlib

import pytest

from backendlib import WAIT_SECONDS, WebSocket, assert_same_end, handshake, read_answer

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FINAL = 0x80
ASK = '{"type":"ping"}'
ANSWER = b'{"type":"pong"}'
NUDGES = 1000
# How much a misbehaving client may cost at most; the sanitizer keeps what was freed for a while.
GROWTH_KIB_MAX = 2048
SANITIZED_GROWTH_KIB_MAX = 32768
PIECES = (1, 2, 3, 64)


def raw_frame(opcode, payload=b"", first=None, length_form=None, masked=True):
    payload = payload.encode() if isinstance(payload, str) else payload
    n = len(payload)
    form = length_form if length_form is not None else 0 if n < 126 else 2 if n < 65536 else 8
    head = bytes([FINAL | opcode if first is None else first])
    bit = 0x80 if masked else 0
    if form == 0:
        head += bytes([bit | n])
    elif form == 2:
        head += bytes([bit | 126]) + struct.pack("!H", n)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", n)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def fragment(opcode, payload=b""):
    return raw_frame(opcode, payload, first=opcode)


def padded(text, n):
    return text + " " * (n - len(text))


def open_socket(backend, protocol="sighej.v1", session=None):
    """A proved WebSocket whose snapshot has been read."""
    session = session or backend.open_session()
    headers = {"Sec_WebSocket_Protocol": protocol} if protocol else {}
    ws = WebSocket(backend, f"/ws/{session.token}", authorization=session.bearer, **headers)
    assert ws.answer.status == 101, ws.answer
    ws.session = session
    assert ws.receive_json()["type"] == "snapshot"
    return ws


@pytest.fixture
def ws(backend):
    ws = open_socket(backend)
    yield ws
    ws.close()


def send(ws, *frames):
    ws.connection.sendall(b"".join(frames))


def expect_alive(ws):
    send(ws, raw_frame(TEXT, ASK))
    assert ws.receive() == (TEXT, ANSWER)


def expect_end(ws):
    """Nothing comes any more, and the connection ends."""
    with pytest.raises((EOFError, ConnectionResetError)):
        ws.receive()


def expect_close(ws, code):
    opcode, payload = ws.receive()
    assert opcode == CLOSE, (opcode, payload)
    assert struct.unpack("!H", payload[:2])[0] == code
    payload[2:].decode()
    try:
        send(ws, raw_frame(CLOSE, payload[:2]))
    except OSError:
        pass
    expect_end(ws)


def expect_error(ws, code):
    opcode, payload = ws.receive()
    assert opcode == TEXT
    message = json.loads(payload)
    assert (message["type"], message["code"]) == ("error", code)
    assert message["message"]
    assert ("retry_after" in message) == (code == "rate_limited")
    return message


# ---- 1: framing ----

@pytest.mark.parametrize("n", [15, 65, 125, 126, 127, 128, 4095, 4096])
@pytest.mark.parametrize("piece", [None, 997])
def test_1_text_of_each_length(ws, n, piece):
    data = raw_frame(TEXT, padded(ASK, n))
    for start in range(0, len(data), piece or len(data)):
        ws.connection.sendall(data[start:start + (piece or len(data))])
    assert ws.receive() == (TEXT, ANSWER)


@pytest.mark.parametrize("piece", PIECES)
def test_1_text_in_pieces(ws, piece):
    data = raw_frame(TEXT, ASK) + raw_frame(PING, b"p") + raw_frame(TEXT, ASK)
    for start in range(0, len(data), piece):
        ws.connection.sendall(data[start:start + piece])
    assert [ws.receive() for _ in range(3)] == [(TEXT, ANSWER), (PONG, b"p"), (TEXT, ANSWER)]


def test_1_empty_text_is_no_message(ws):
    send(ws, raw_frame(TEXT))
    expect_error(ws, "invalid_request")
    expect_alive(ws)


@pytest.mark.parametrize("n", [0, 1, 126, 4096])
def test_1_binary_is_not_spoken(ws, n):
    send(ws, raw_frame(BINARY, b"\0" * n))
    expect_close(ws, 1003)


@pytest.mark.parametrize("opcode", [TEXT, PING, CLOSE])
def test_1_unmasked_frames(ws, opcode):
    send(ws, raw_frame(opcode, b"{}", masked=False))
    expect_close(ws, 1002)


@pytest.mark.parametrize("n,form", [(1, 2), (125, 2), (1, 8), (126, 8), (4000, 8)])
def test_1_lengths_have_their_shortest_form(ws, n, form):
    send(ws, raw_frame(TEXT, padded(ASK, n), length_form=form))
    expect_close(ws, 1002)


def test_1_length_with_its_top_bit(ws):
    send(ws, b"\x81\xff" + b"\xff" * 8 + b"\0\0\0\0")
    expect_close(ws, 1002)


# ---- 2: pings and pongs ----

@pytest.mark.parametrize("payload", [b"", b"Hello, world!", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff",
                                     b"\xfe" * 125])
def test_2_ping_is_answered_with_its_payload(ws, payload):
    send(ws, raw_frame(PING, payload))
    assert ws.receive() == (PONG, payload)


def test_2_ping_over_125(ws):
    send(ws, raw_frame(PING, b"\xfe" * 126))
    expect_close(ws, 1002)


def test_2_ping_octet_by_octet(ws):
    for byte in raw_frame(PING, b"\x00\xff" * 62):
        ws.connection.sendall(bytes([byte]))
    assert ws.receive() == (PONG, b"\x00\xff" * 62)


@pytest.mark.parametrize("payload", [b"", b"unsolicited"])
def test_2_unsolicited_pong_is_ignored(ws, payload):
    send(ws, raw_frame(PONG, payload), raw_frame(PING, b"then"))
    assert ws.receive() == (PONG, b"then")


@pytest.mark.parametrize("whole", [True, False])
def test_2_ten_pings(ws, whole):
    data = b"".join(raw_frame(PING, f"payload-{i}") for i in range(10))
    for start in range(0, len(data), len(data) if whole else 1):
        ws.connection.sendall(data[start:start + (len(data) if whole else 1)])
    for i in range(10):
        assert ws.receive() == (PONG, f"payload-{i}".encode())


# ---- 3: reserved bits; 4: opcodes ----

@pytest.mark.parametrize("bits", [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70])
@pytest.mark.parametrize("opcode", [TEXT, PING, CLOSE])
def test_3_reserved_bits(ws, bits, opcode):
    send(ws, raw_frame(TEXT, ASK), raw_frame(opcode, b"", first=FINAL | bits | opcode))
    assert ws.receive() == (TEXT, ANSWER)
    expect_close(ws, 1002)


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("payload", [b"", b"reserved"])
def test_4_reserved_opcodes(ws, opcode, payload):
    send(ws, raw_frame(TEXT, ASK), raw_frame(opcode, payload), raw_frame(PING))
    assert ws.receive() == (TEXT, ANSWER)
    expect_close(ws, 1002)


# ---- 5: fragmentation ----

@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_5_control_frames_are_whole(ws, opcode):
    send(ws, fragment(opcode, b"frag"), raw_frame(0, b"ment"))
    expect_close(ws, 1002)


@pytest.mark.parametrize("piece", [None, 1])
@pytest.mark.parametrize("between", [b"", raw_frame(PING, b"between")])
@pytest.mark.parametrize("n_fragments", [2, 5, 15])
def test_5_fragments_with_pings_between(ws, piece, between, n_fragments):
    size = -(-len(ASK) // n_fragments)
    parts = [ASK[i:i + size] for i in range(0, len(ASK), size)]
    frames = [fragment(TEXT if i == 0 else 0, part) for i, part in enumerate(parts[:-1])]
    data = between.join([*frames, raw_frame(0, parts[-1])])
    for start in range(0, len(data), piece or len(data)):
        ws.connection.sendall(data[start:start + (piece or len(data))])
    for _ in range(len(parts) - 1 if between else 0):
        assert ws.receive() == (PONG, b"between")
    assert ws.receive() == (TEXT, ANSWER)


def test_5_a_ping_is_answered_before_the_message_is_whole(ws):
    send(ws, fragment(TEXT, ASK[:3]), raw_frame(PING, b"first"))
    assert ws.receive() == (PONG, b"first")
    send(ws, fragment(0, ASK[3:7]), raw_frame(PING, b"second"))
    assert ws.receive() == (PONG, b"second")
    send(ws, raw_frame(0, ASK[7:]))
    assert ws.receive() == (TEXT, ANSWER)


def test_5_empty_fragments(ws):
    send(ws, fragment(TEXT), fragment(0), fragment(0, ASK), raw_frame(0))
    assert ws.receive() == (TEXT, ANSWER)


@pytest.mark.parametrize("first", [FINAL, 0])
def test_5_continuation_of_nothing(ws, first):
    send(ws, raw_frame(0, b"x", first=first), raw_frame(TEXT, ASK))
    expect_close(ws, 1002)


def test_5_continuation_behind_the_end(ws):
    send(ws, fragment(TEXT, ASK[:5]), raw_frame(0, ASK[5:]), raw_frame(0, b"more"))
    assert ws.receive() == (TEXT, ANSWER)
    expect_close(ws, 1002)


@pytest.mark.parametrize("second", [raw_frame(TEXT, ASK), fragment(TEXT, b"x")])
def test_5_message_inside_another(ws, second):
    send(ws, fragment(TEXT, b"{"), second)
    expect_close(ws, 1002)


def test_5_binary_in_fragments(ws):
    send(ws, fragment(BINARY, b"a"), raw_frame(0, b"b"))
    expect_close(ws, 1003)


# ---- 6: UTF-8 ----

GOOD_TEXT = ["κόσμε", "Hello-µ@ßöäüàá", "\U00010000", "\U0010ffff", "\ufffd", "\ufeffx", "\u07ff",
             "\u0800", "퟿", ""]
BAD_TEXT = [b"\xc3", b"\xc3\x28", b"\x80", b"\xbf", b"\xff", b"\xfe", b"\xc0\xaf", b"\xc1\xbf",
            b"\xe0\x80\xaf", b"\xe0\x9f\xbf", b"\xf0\x80\x80\xaf", b"\xf0\x8f\xbf\xbf",
            b"\xf8\x88\x80\x80\x80", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80",
            b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce",
            b"\xf0\x90\x80"]


@pytest.mark.parametrize("text", GOOD_TEXT)
def test_6_good_text_is_read_as_a_message(ws, text):
    send(ws, raw_frame(TEXT, json.dumps({"type": text}, ensure_ascii=False)))
    expect_error(ws, "invalid_request")
    expect_alive(ws)


@pytest.mark.parametrize("code", [0xfffe, 0xffff, *(plane << 16 | last for plane in range(1, 17)
                                                    for last in (0xfffe, 0xffff))])
def test_6_what_is_no_character_is_good_text(ws, code):
    send(ws, raw_frame(TEXT, json.dumps({"type": chr(code)}, ensure_ascii=False)))
    expect_error(ws, "invalid_request")
    expect_alive(ws)


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x28"])
def test_6_bad_text_is_told_before_the_message_is_whole(ws, text):
    send(ws, fragment(TEXT, b'{"type":"'), fragment(0, text))
    expect_close(ws, 1007)


@pytest.mark.parametrize("text", BAD_TEXT)
@pytest.mark.parametrize("tail", [b"", b"more"])
def test_6_bad_text(ws, text, tail):
    send(ws, raw_frame(TEXT, b'{"type":"' + text + tail))
    expect_close(ws, 1007)


def test_6_bad_text_in_fragments(ws):
    send(ws, fragment(TEXT, b"\xce"), raw_frame(0, b"\xce\xba"))
    expect_close(ws, 1007)


def test_6_a_character_cut_by_fragments(ws):
    text = json.dumps({"type": "ping", "name": "κ"}, ensure_ascii=False).encode()
    for cut in range(1, len(text)):
        send(ws, fragment(TEXT, text[:cut]), raw_frame(0, text[cut:]))
        assert ws.receive() == (TEXT, ANSWER)


# ---- 7: closing ----

def test_7_close_is_answered_and_is_the_last_word(ws):
    send(ws, raw_frame(CLOSE, b"\x03\xe8"), raw_frame(TEXT, ASK), raw_frame(PING, b"late"))
    expect_close(ws, 1000)


def test_7_two_closes(ws):
    send(ws, raw_frame(CLOSE, b"\x03\xe8"), raw_frame(CLOSE, b"\x03\xe9"))
    expect_close(ws, 1000)


def test_7_close_between_fragments(ws):
    send(ws, fragment(TEXT, b"{"), raw_frame(CLOSE, b"\x03\xe8"), raw_frame(0, b"}"))
    expect_close(ws, 1000)


@pytest.mark.parametrize("reason", ["", "bye", "x" * 123, "κόσμε"])
def test_7_reasons(ws, reason):
    send(ws, raw_frame(CLOSE, b"\x03\xe8" + reason.encode()))
    expect_close(ws, 1000)


@pytest.mark.parametrize("payload,code", [
    (b"", 1000), (b"\x03", 1002), (b"\x03\xe8" + b"x" * 124, 1002),
    (b"\x03\xe8\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce", 1007), (b"\x03\xe8\xed\xa0\x80", 1007)])
def test_7_payloads(ws, payload, code):
    send(ws, raw_frame(CLOSE, payload))
    expect_close(ws, code)


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999,
                                  4000, 4999])
def test_7_good_codes_are_repeated(ws, code):
    send(ws, raw_frame(CLOSE, struct.pack("!H", code)))
    expect_close(ws, code)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_7_bad_codes(ws, code):
    send(ws, raw_frame(CLOSE, struct.pack("!H", code)))
    expect_close(ws, 1002)


def test_7_end_without_a_close_frame(backend, ws):
    ws.connection.shutdown(socket.SHUT_WR)
    expect_end(ws)
    expect_alive(open_socket(backend, session=ws.session))


# ---- 12, 13: compression ----

@pytest.mark.parametrize("offer", ["permessage-deflate", "permessage-deflate; client_max_window_bits",
                                   "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
                                   "permessage-deflate, permessage-bzip2", "x-webkit-deflate-frame"])
def test_12_compression_is_offered_in_vain(backend, offer):
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", authorization=session.bearer,
                   Sec_WebSocket_Extensions=offer)
    assert ws.answer.status == 101
    assert "sec-websocket-extensions" not in ws.answer.headers
    assert ws.receive_json()["type"] == "snapshot"
    expect_alive(ws)
    deflated = zlib.compressobj(wbits=-15).compress(ASK.encode())
    send(ws, raw_frame(TEXT, deflated, first=FINAL | 0x40 | TEXT))
    expect_close(ws, 1002)


# ---- 9: limits ----

def test_9_a_message_over_the_limit(ws):
    send(ws, raw_frame(TEXT, padded(ASK, 4097)))
    expect_close(ws, 1009)


def test_9_fragments_over_the_limit(ws):
    send(ws, *[fragment(TEXT if i == 0 else 0, b" " * 1000) for i in range(5)])
    expect_close(ws, 1009)


def test_9_fragments_up_to_the_limit(ws):
    text = padded(ASK, 4096)
    send(ws, fragment(TEXT, text[:4000]), *[fragment(0, byte) for byte in text[4000:]], raw_frame(0))
    assert ws.receive() == (TEXT, ANSWER)


def growth_kib_max(backend):
    with open(f"/proc/{backend.pid}/exe", "rb") as program:
        return SANITIZED_GROWTH_KIB_MAX if b"__asan_init" in program.read() else GROWTH_KIB_MAX


def pour(ws, data, n):
    """Sends @data again and again, as a client that does not listen would."""
    def work():
        try:
            for _ in range(n):
                ws.connection.sendall(data)
        except OSError:
            pass

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.parametrize("data,code", [
    (raw_frame(TEXT, padded(ASK, 4000)), 1008), (raw_frame(PING, b"p" * 125), 1009),
    (fragment(0, b""), 1009), (b"\x81\xff" + struct.pack("!Q", 1 << 40) + b"\0" * 4096, 1009)],
    ids=["messages", "pings", "fragments", "endless"])
def test_9_R_08_floods_are_told_why_they_are_cut(backend, ws, data, code):
    before = backend.rss_kib()
    if data[0] == 0:
        send(ws, fragment(TEXT, b"{"))
    thread = pour(ws, data, 20 * 1024 * 1024 // len(data))
    while True:
        opcode, payload = ws.receive()
        if opcode == CLOSE:
            break
    assert struct.unpack("!H", payload[:2])[0] == code
    expect_end(ws)
    ws.connection.close()
    thread.join(WAIT_SECONDS)
    assert not thread.is_alive()
    assert backend.rss_kib() - before < growth_kib_max(backend)


def test_9_R_09_a_client_that_does_not_read_costs_little(backend):
    session = backend.open_session()
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", backend.port))
    connection.sendall(handshake(f"/ws/{session.token}", authorization=session.bearer))
    before = backend.rss_kib()
    question = raw_frame(TEXT, json.dumps({"type": "sighting", "id": 1, "detected_token": "x"}))
    try:
        for _ in range(2000):
            connection.sendall(question)
    except OSError:
        pass
    expect_alive(open_socket(backend))
    assert backend.rss_kib() - before < growth_kib_max(backend)
    connection.close()


# ---- the handshake ----

def shake(backend, path="/ws/abc", method="GET", drop=(), version="HTTP/1.1", **headers):
    lines = handshake(path, **headers).decode("latin-1").split("\r\n")
    lines[0] = f"{method} {path} {version}"
    lines = [line for line in lines if not line.lower().startswith(tuple(drop))] if drop else lines
    with backend.connect() as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        return read_answer(connection, head_only=method == "HEAD")


@pytest.mark.parametrize("change,status", [
    ({"drop": ["upgrade:"]}, 400), ({"drop": ["connection:"]}, 400),
    ({"drop": ["sec-websocket-key:"]}, 400), ({"drop": ["sec-websocket-version:"]}, 400),
    ({"sec_websocket_version": "8"}, 400), ({"sec_websocket_version": "12"}, 400),
    ({"sec_websocket_version": "014"}, 400),
    ({"key": "short"}, 400), ({"key": base64.b64encode(b"x" * 17).decode()}, 400),
    ({"key": "!" * 24}, 400), ({"upgrade": "h2c"}, 400),
    ({"method": "POST"}, 411), ({"method": "DELETE"}, 405), ({"method": "HEAD"}, 400),
    ({"version": "HTTP/1.0"}, 400),
    ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
    ({"Origin": "http://ok.example"}, 403), ({"Origin": "https://ok.example.evil"}, 403),
    ({"path": "/ws/"}, 404), ({"path": "/ws/a%20b"}, 404), ({"path": "/ws/" + "x" * 65}, 404),
    ({"path": "/ws/a/b"}, 404)])
def test_refused_handshakes(backend, change, status):
    answer = shake(backend, **change)
    assert answer.status == status
    if "sec_websocket_version" in change or "sec-websocket-version:" in change.get("drop", ()):
        assert answer.headers["sec-websocket-version"] == "13"


@pytest.mark.parametrize("path", ["/ws/", "/api/v1/ws/"])
@pytest.mark.parametrize("origin", [None, "https://ok.example"])
def test_handshake(backend, path, origin):
    session = backend.open_session()
    headers = {"Origin": origin} if origin else {}
    ws = WebSocket(backend, path + session.token, key="dGhlIHNhbXBsZSBub25jZQ==",
                   authorization=session.bearer, **headers)
    assert ws.answer.status == 101
    assert ws.answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert ws.answer.headers["upgrade"].lower() == "websocket"
    assert ws.answer.headers["connection"].lower() == "upgrade"
    assert ws.receive_json()["type"] == "snapshot"
    ws.close()


@pytest.mark.parametrize("offer", ["permessage-deflate", "permessage-deflate; client_max_window_bits",
                                   "x-webkit-deflate-frame, permessage-deflate"])
def test_R_07_no_extension_is_ever_accepted(backend, offer):
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", authorization=session.bearer,
                   Sec_WebSocket_Extensions=offer)
    assert ws.answer.status == 101
    assert "sec-websocket-extensions" not in ws.answer.headers
    ws.receive_json("snapshot")
    send(ws, raw_frame(TEXT, b"\xaa\x56\x4a", first=FINAL | 0x40 | TEXT))
    expect_close(ws, 1002)


@pytest.mark.parametrize("offer,answered", [
    ("sighej.v1", "sighej.v1"), ("sighej.auth.SECRET, sighej.v1", "sighej.v1"),
    ("sighej.v1,sighej.auth.SECRET", "sighej.v1"), ("chat", None), ("sighej.v2", None)])
def test_subprotocols(backend, offer, answered):
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}",
                   Sec_WebSocket_Protocol=offer.replace("SECRET", session.secret))
    assert ws.answer.status == 101
    assert ws.answer.headers.get("sec-websocket-protocol") == answered
    assert session.secret not in str(ws.answer.fields)
    if "auth" in offer:
        assert ws.receive_json()["type"] == "snapshot"
    ws.close()


# ---- who hears what ----

def by_header(backend, session, secret):
    return WebSocket(backend, f"/ws/{session.token}", authorization=f"Bearer {secret}")


def by_subprotocol(backend, session, secret):
    return WebSocket(backend, f"/ws/{session.token}",
                     Sec_WebSocket_Protocol=f"sighej.v1, sighej.auth.{secret}")


def by_message(backend, session, secret):
    ws = WebSocket(backend, f"/api/v1/ws/{session.token}", Sec_WebSocket_Protocol="sighej.v1")
    ws.send({"type": "auth", "secret": secret})
    return ws


ROUTES = [by_header, by_subprotocol, by_message]


@pytest.mark.parametrize("route", ROUTES)
def test_the_secret_by_each_route(backend, route):
    session = backend.open_session()
    ws = route(backend, session, session.secret)
    assert ws.receive_json()["type"] == "snapshot"
    ws.close()


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("make_secret", [
    lambda backend, session: secrets.token_urlsafe(32),
    lambda backend, session: session.secret[:-1],
    lambda backend, session: session.secret + "A",
    lambda backend, session: session.token,
    lambda backend, session: session.id,
    lambda backend, session: backend.open_session().secret],
    ids=["random", "shorter", "longer", "token", "id", "another"])
def test_T_02_wrong_secrets_are_closed(backend, route, make_secret):
    session = backend.open_session()
    ws = route(backend, session, make_secret(backend, session))
    expect_close(ws, 4401)


def test_T_02_the_secret_of_an_ended_session(backend):
    session = backend.open_session()
    assert backend.request("DELETE", "/session", authorization=session.bearer).status == 204
    expect_close(by_header(backend, session, session.secret), 4401)


def test_T_02_a_secret_in_the_url_is_no_secret(backend):
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}?secret={session.secret}")
    ws.send({"type": "resume", "after": 0})
    expect_close(ws, 4401)


class Eavesdropper:
    """Comes again by another route each time it is closed, and keeps all it hears."""

    def __init__(self, backend, session):
        self.backend, self.session, self.heard, self.n_closed = backend, session, [], 0
        self.stranger = backend.open_session()
        self.come()

    def come(self):
        number = self.n_closed % 4
        if number == 3:
            self.ws = WebSocket(self.backend, f"/ws/{self.session.token}")  # says nothing at all
        else:
            self.ws = ROUTES[number](self.backend, self.session, self.stranger.secret)
        self.ws.connection.setblocking(False)

    def listen(self):
        try:
            data = self.ws.connection.recv(65536)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if data and data[0] != FINAL | CLOSE:
            self.heard.append(data)
        self.ws.close()
        self.n_closed += 1
        self.come()


def test_T_02_a_wrong_secret_hears_none_of_a_thousand_nudges(make_backend):
    backend = make_backend(SESSIONS_PER_ADDRESS="0", SIGHTINGS_PER_MINUTE="100000",
                           SIGHTINGS_BURST="100000", DISTINCT_TOKENS_PER_HOUR="100000",
                           MESSAGES_PER_SECOND="100000")
    ws = open_socket(backend)
    spies = [Eavesdropper(backend, ws.session) for _ in range(4)]
    seen = set()
    for _ in range(NUDGES):
        other = backend.open_session(interests=["devops"])
        assert backend.match(other, ws.session.token).json["match"] is False
        assert backend.match(ws.session, other.token).json["match"] is True
        nudge = ws.receive_json("nudge")
        ws.send({"type": "ack", "seq": nudge["seq"]})
        seen.add(nudge["id"])
        for spy in spies:
            spy.listen()
    assert len(seen) == NUDGES
    assert [spy.heard for spy in spies] == [[], [], [], []]
    assert sum(spy.n_closed for spy in spies) > len(spies)
    for spy in spies:
        spy.ws.close()


def test_nobody_proved_within_five_seconds_is_closed(backend):
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}")
    started = time.monotonic()
    assert ws.receive_close() == 4401
    assert 4.5 < time.monotonic() - started < 7


# ---- the contract ----

def meet(backend, anna, bob):
    assert backend.match(anna, bob.token).json == {
        "match": False, "shared_interests": [], "nudge_sent": False}
    return backend.match(bob, anna.token).json


def test_a_plain_client_of_the_first_contract(backend):
    anna, bob = backend.open_session(), backend.open_session(interests=["hardstyle", "devops", "chess"])
    a, b = open_socket(backend, None, anna), open_socket(backend, None, bob)
    answer = meet(backend, anna, bob)
    assert answer == {"match": True, "shared_interests": ["hardstyle", "devops"], "nudge_sent": True}
    for ws, shared in ((a, ["devops", "hardstyle"]), (b, ["hardstyle", "devops"])):
        nudge = ws.receive_json()
        assert set(nudge) == {"type", "id", "seq", "shared_interests", "message", "ticket"}
        assert (nudge["type"], nudge["seq"], nudge["shared_interests"]) == ("nudge", 1, shared)
        assert nudge["message"] == ("Someone nearby shares your interest in "
                                    f"{shared[0]} and {shared[1]}.")
    # it knows no ack: what was written is not sent again
    again = open_socket(backend, None, anna)
    expect_alive(again)
    for ws in (a, b, again):
        ws.close()


def test_what_is_not_acknowledged_comes_again_with_the_same_id(backend):
    anna, bob = backend.open_session(), backend.open_session()
    ws = open_socket(backend, session=anna)
    meet(backend, anna, bob)
    first = ws.receive_json("nudge")
    ws.close()

    ws = WebSocket(backend, f"/ws/{anna.token}", authorization=anna.bearer,
                   Sec_WebSocket_Protocol="sighej.v1")
    assert ws.receive_json()["seq"] == 1
    ws.send({"type": "resume", "after": 0})
    again = ws.receive_json()
    assert again.pop("ticket") != first.pop("ticket")  # sealed anew
    assert again == first
    ws.send({"type": "ack", "seq": 1})
    expect_alive(ws)
    ws.close()

    ws = WebSocket(backend, f"/ws/{anna.token}", authorization=anna.bearer,
                   Sec_WebSocket_Protocol="sighej.v1")
    ws.receive_json("snapshot")
    ws.send({"type": "resume", "after": 0})
    expect_alive(ws)
    ws.close()


def test_sightings_over_the_socket(backend):
    a, b = open_socket(backend), open_socket(backend)
    a.send({"type": "sighting", "id": 3, "detected_token": b.session.token})
    assert a.receive_json() == {"type": "sighting_result", "id": 3, "match": False,
                                "shared_interests": [], "nudge_sent": False}
    b.send({"type": "sighting", "id": 4, "detected_token": a.session.token})
    messages = {message["type"]: message for message in (b.receive_json(), b.receive_json())}
    assert messages["sighting_result"] == {
        "type": "sighting_result", "id": 4, "match": True, "nudge_sent": True,
        "shared_interests": ["devops", "hardstyle"]}
    assert messages["nudge"]["id"] == a.receive_json("nudge")["id"]
    a.close()
    b.close()


def test_the_snapshot(backend):
    session = backend.open_session()
    ws = WebSocket(backend, f"/ws/{session.token}", authorization=session.bearer)
    snapshot = ws.receive_json()
    assert_same_end(snapshot.pop("expires_at"), session.expires_at)
    assert snapshot == {"type": "snapshot", "state": "active", "seq": 0}
    ws.close()


def test_too_many_sightings_are_told_so(backend):
    ws = open_socket(backend)
    for number in range(60):
        ws.send({"type": "sighting", "id": number, "detected_token": f"nobody-{number}"})
        assert ws.receive_json()["type"] == "sighting_result"
    ws.send({"type": "sighting", "id": 60, "detected_token": "nobody"})
    assert 1 <= expect_error(ws, "rate_limited")["retry_after"] <= 30
    expect_alive(ws)
    ws.close()


def test_delete_ends_the_socket(backend):
    ws = open_socket(backend)
    assert backend.request("DELETE", "/session", authorization=ws.session.bearer).status == 204
    assert ws.receive_json() == {"type": "session", "state": "ended"}
    expect_close(ws, 1000)


def test_a_third_socket_displaces_the_oldest(backend):
    session = backend.open_session()
    sockets = [open_socket(backend, session=session) for _ in range(3)]
    expect_close(sockets[0], 4409)
    for ws in sockets[1:]:
        expect_alive(ws)
        ws.close()


def test_a_stop_drains_the_sockets(make_backend):
    backend = make_backend()
    ws = open_socket(backend)
    thread = threading.Thread(target=backend.stop)
    thread.start()
    expect_close(ws, 1012)
    thread.join(WAIT_SECONDS)
    assert backend.process.returncode == 0


def test_closed_sockets_leave_no_descriptors(backend):
    expect_alive(open_socket(backend))
    before = backend.n_descriptors()
    for _ in range(100):
        ws = open_socket(backend)
        ws.close()
    end = time.monotonic() + WAIT_SECONDS
    while backend.n_descriptors() > before + 5:
        assert time.monotonic() < end, "descriptors are left"
        time.sleep(0.01)


def test_legacy_is_the_first_contract_word_for_word(make_backend):
    backend = make_backend(AUTH_MODE="legacy")
    answer = backend.request("POST", "/session", {"ble_token": "anna", "interests": ["devops"]})
    assert answer.status == 201
    assert set(answer.json) == {"session_id", "expires_at"}
    backend.request("POST", "/session", {"ble_token": "bob", "interests": ["devops", "chess"]})
    a, b = WebSocket(backend, "/ws/anna"), WebSocket(backend, "/ws/bob")
    answer = backend.request("POST", "/match", {"own_token": "anna", "detected_token": "bob"})
    assert (answer.status, answer.json) == (
        200, {"match": True, "shared_interests": ["devops"], "nudge_sent": True})
    for ws in (a, b):
        nudge = ws.receive_json()
        assert (nudge["type"], nudge["shared_interests"]) == ("nudge", ["devops"])
        assert set(nudge) == {"type", "id", "seq", "shared_interests", "message"}
        assert nudge["message"] == "Someone nearby shares your interest in devops."
        ws.close()
