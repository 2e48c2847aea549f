# SPDX-License-Identifier: GPL-2.0-or-later
"""The vectors of docs/protocol.md, "Talk", computed again from what that page says, by libsodium and
Python's own hashes: nothing of ours is in between."""
import ctypes
import hashlib
import hmac
import os
import re

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STREAM = "crypto_secretstream_xchacha20poly1305_"
STATE_BYTES, HEADER_BYTES, OVERHEAD_BYTES = 52, 24, 17
TAGS = {"note": 0, "part": 0, "text": 1}
NUDGE = bytes.fromhex("00112233445566778899aabbccddeeff")
SEEDS = {"Ann": bytes(range(32)), "Bob": b"\xa5" * 32}
HEADERS = {"Ann": bytes(range(0x18)), "Bob": bytes(range(0x40, 0x58))}


@pytest.fixture(scope="module", name="sodium")
def fixture_sodium():
    library = ctypes.CDLL("libsodium.so.23")
    assert library.sodium_init() >= 0
    assert getattr(library, STREAM + "statebytes")() == STATE_BYTES
    assert getattr(library, STREAM + "headerbytes")() == HEADER_BYTES
    assert getattr(library, STREAM + "abytes")() == OVERHEAD_BYTES
    return library


@pytest.fixture(scope="module", name="page")
def fixture_page():
    with open(os.path.join(TOP, "docs/protocol.md"), encoding="utf-8") as file:
        return file.read().split("\n### Talk\n")[1].split("\n### ")[0]


def shown(page, pattern):
    found = re.search(pattern, page)
    assert found, pattern
    return bytes.fromhex(found.group(1))


def pair(page, who):
    return shown(page, rf"{who} secret (\w+)"), shown(page, rf"{who} secret \w+\s+public (\w+)")


def letters(page, who):
    """[(n, kind, frame, body)] in the order of the page."""
    block = page.split("Letters: who")[1].split("```")[1]
    found = re.findall(rf"(?m)^{who} (\d+) (\w+)\n  ([0-9a-f]+)\n((?:  [0-9a-f]+\n)+)", block)
    return [(int(n), kind, bytes.fromhex(frame), bytes.fromhex("".join(body.split())))
            for n, kind, frame, body in found]


def hkdf(secret, info):
    key = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(key, info + b"\1", hashlib.sha256).digest()


def epoch_key(seed, i):
    return hmac.new(hkdf(seed, b"SigHej/1 token"), b"key" + i.to_bytes(4, "big"), hashlib.sha256).digest()


def direction_keys(sodium, page):
    """What Ann receives and sends with: she is the client."""
    (secret, public), (_, peer) = pair(page, "Ann"), pair(page, "Bob")
    assert public < peer
    receive, send = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    assert sodium.crypto_kx_client_session_keys(receive, send, public, secret, peer) == 0
    return {"Bob": receive.raw, "Ann": send.raw}


def test_keys(sodium, page):
    for who in ("Ann", "Bob"):
        secret, public = pair(page, who)
        computed = ctypes.create_string_buffer(32)
        sodium.crypto_scalarmult_base(computed, secret)
        assert computed.raw == public
    keys = direction_keys(sodium, page)
    assert keys["Bob"] == shown(page, r"Ann receives with (\w+)")
    assert keys["Ann"] == shown(page, r"Ann sends with +(\w+)")


def test_shared_secret(sodium, page):
    shared = ctypes.create_string_buffer(32)
    assert sodium.crypto_scalarmult(shared, pair(page, "Bob")[0], pair(page, "Ann")[1]) == 0
    assert hkdf(shared.raw, b"SigHej/1 avoid") == shown(page, r'"SigHej/1 avoid"\s+(\w{64})')


def test_proofs(page):
    found = re.findall(r"(Ann|Bob) key\((\d)\) (\w{64}) token\(\d\) (\w{20})", page)
    assert len(found) == 3
    for who, i, key, token in found:
        assert epoch_key(SEEDS[who], int(i)).hex() == key
        message = b"tok" + hashlib.sha256(pair(page, who)[1]).digest()
        assert hmac.new(bytes.fromhex(key), message, hashlib.sha256).hexdigest()[:20] == token
    keys = {(who, i): bytes.fromhex(key) for who, i, key, _ in found}
    assert letters(page, "Ann")[0][2] == b"\1" + keys["Ann", "0"]
    assert letters(page, "Bob")[0][2] == b"\1" + keys["Bob", "1"] + keys["Bob", "0"]


@pytest.mark.parametrize("who, direction", [("Ann", 0), ("Bob", 1)])
def test_letters_open(sodium, page, who, direction):
    key = direction_keys(sodium, page)[who]
    state = ctypes.create_string_buffer(STATE_BYTES)
    found = letters(page, who)
    assert [n for n, *_ in found] == list(range(1, len(found) + 1)) and len(found) >= 4
    for n, kind, frame, body in found:
        if n == 1:
            assert body[:HEADER_BYTES] == HEADERS[who]
            getattr(sodium, STREAM + "init_pull")(state, HEADERS[who], key)
            body = body[HEADER_BYTES:]
        associated = NUDGE + bytes([direction]) + n.to_bytes(8, "big")
        plain = ctypes.create_string_buffer(len(frame))
        tag = ctypes.c_ubyte()
        assert len(body) == len(frame) + OVERHEAD_BYTES
        assert getattr(sodium, STREAM + "pull")(
            state, plain, None, ctypes.byref(tag), body, ctypes.c_ulonglong(len(body)),
            associated, ctypes.c_ulonglong(len(associated))) == 0, f"{who} {n}"
        assert (plain.raw, tag.value) == (frame, TAGS[kind])


def test_phrase(page):
    her = pair(page, "Ann")[1] + bytes(range(0x10))
    his = pair(page, "Bob")[1] + bytes(range(0x20, 0x40))
    assert hashlib.sha256(b"SigHej/1 phrase" + her).digest() == shown(page, r"(?m)^commit (\w+)$")
    promise = hashlib.sha256(b"SigHej/1 joiner" + his).digest()[:16]
    assert promise == shown(page, r"(?m)^promise (\w+)$")
    numbers = hashlib.sha256(b"SigHej/1 words" + her + his).digest()[:4]
    english, danish = re.search(r"(?m)^phrase (?:\w{8}) (.+)\n +(.+)$", page).groups()
    assert numbers == shown(page, r"(?m)^phrase (\w{8})")
    with open(os.path.join(TOP, "common/sighej-phrase.c"), encoding="utf-8") as file:
        words = re.findall(r'\{ "(\w+)", "(\w+)" \}', file.read())
    assert len(words) == 256
    assert english.split() == [words[number][0] for number in numbers]
    assert danish.split() == [words[number][1] for number in numbers]


def test_the_programs_know_the_same_vectors(page):
    """Each is in a unit test, so the page cannot show what the programs do not do."""
    tests = ""
    for name in ("test-talk-vectors.c", "test-phrase.c"):
        with open(os.path.join(TOP, "tests/unit/common", name), encoding="utf-8") as file:
            tests += re.sub(r'"\s*"', "", file.read())
    for who in ("Ann", "Bob"):
        assert [n for n, _, frame, body in letters(page, who)
                if frame.hex() not in tests or body.hex() not in tests] == []
    assert [vector for vector in re.findall(r"\b[0-9a-f]{64}\b", page.split("```\n\nLetters")[0])
            if vector not in tests] == []
