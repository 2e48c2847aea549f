# SPDX-License-Identifier: GPL-2.0-or-later
"""F-01, F-02, F-16: what happens to Redis, seen through the backend; T-17, N-6: a link that breaks
before or after any command."""
import secrets
import time

import pytest

import meetlib
from backendlib import assert_problem, wait_until
from faultlib import SLOW, Person, Redis, again, couple, expect_same, meet, part, repeats
from faultproxy import DOWN, UP, FaultProxy

SERVED_AGAIN_SECONDS = 2
REFUSED_SECONDS = 1
GRACE_SECONDS = 0.3  # for a busy machine, and the test itself
POLL_SECONDS = 5
RAISED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "1000000", "SIGHTINGS_BURST": "1000000",
          "WORKERS": "1", "SIGHEJ_LOG_LEVEL": "message", "G_DEBUG": "fatal-criticals"}


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    one = Redis(tmp_path_factory.mktemp("redis"))
    yield one
    one.thaw()
    one.kill()


@pytest.fixture(scope="module")
def proxy(redis):
    with FaultProxy(redis.address, "unix:" + redis.path + ".proxy") as one:
        yield one


@pytest.fixture(scope="module")
def key_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "interest.key"
    path.write_bytes(secrets.token_bytes(32))
    path.chmod(0o600)
    return str(path)


@pytest.fixture(scope="module")
def backend(module_backend, redis, key_file):
    return module_backend(REDIS_URL=redis.url, INTEREST_KEY_FILE=key_file, **RAISED)


@pytest.fixture(scope="module")
def behind(module_backend, proxy, redis, key_file):
    """Another instance, with a proxy between it and Redis."""
    return module_backend(REDIS_URL=f"unix://{redis.path}.proxy", INTEREST_KEY_FILE=key_file, **RAISED)


def refused(backend):
    """How long a request takes that cannot be served; it is refused and not left waiting."""
    begin = time.monotonic()
    answer = backend.request("POST", "/session", {"ble_token": secrets.token_hex(10), "interests": ["devops"]})
    assert_problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    return time.monotonic() - begin


# ---- F-01 ----

@repeats()
@pytest.mark.parametrize("loss", ["killed", "flushed"])
def test_F_01_redis_loses_everything(backend, redis, loss, turn):
    """Served again within 2 s; the two make new sessions, report again, and see nothing new."""
    ann, bob = couple(backend, backend)
    assert meet(ann, bob)
    expect_same(ann, bob)
    if loss == "killed":
        redis.kill()
        redis.start()
    else:
        redis.cli("FLUSHALL")
    begin = time.monotonic()
    stranger = Person(backend)
    stranger.open()
    assert time.monotonic() - begin < SERVED_AGAIN_SECONDS + GRACE_SECONDS
    for one in (ann, bob):
        n_before = one.n_sessions
        one.ws.close()
        one.connect()
        assert one.n_sessions == n_before + 1, "a session that Redis forgot was taken for alive"
    assert meet(ann, bob)
    for one in (ann, bob):
        one.ws.send({"type": "ping"})
        while (message := one.ws.receive_json())["type"] != "pong":
            assert message["type"] in ("nudge", "snapshot")
            if message["type"] == "nudge":
                assert message["id"] in one.shown, "they were nudged twice"
    part(ann, bob)


@repeats(few=1)
def test_F_01_sockets_learn_that_their_session_is_lost(backend, redis, turn):
    """Nobody asks; the backend finds out by itself within its poll."""
    ann = Person(backend).connect()
    begin = time.monotonic()
    redis.cli("FLUSHALL")
    with pytest.raises(EOFError) as end:
        while True:
            ann.ws.receive_json()
    assert end.value.args[0] == 4410
    assert time.monotonic() - begin < POLL_SECONDS + SERVED_AGAIN_SECONDS
    ann.ws.close()


# ---- F-02 ----

@repeats(few=2)
def test_F_02_redis_frozen(backend, redis, turn):
    ann, bob = couple(backend, backend)
    redis.freeze()
    try:
        assert refused(backend) < REFUSED_SECONDS + GRACE_SECONDS
        assert refused(backend) < REFUSED_SECONDS + GRACE_SECONDS
        assert backend.request("GET", "/health/live").status == 200
    finally:
        redis.thaw()
    begin = time.monotonic()
    again(lambda: backend.request("GET", "/health/ready"), lambda answer: answer.status == 200)
    Person(backend).open()
    assert time.monotonic() - begin < SERVED_AGAIN_SECONDS + GRACE_SECONDS
    assert meet(ann, bob)
    expect_same(ann, bob)
    assert ann.n_sessions == bob.n_sessions == 1
    part(ann, bob)


@repeats()
def test_F_02_redis_slow(behind, proxy, turn):
    """200 ms each way cost time and nothing else."""
    ann, bob = couple(behind, behind)
    proxy.set(delay_s=0.1)
    try:
        taken, _ = ann.report(bob)
        assert 0.2 <= taken < REFUSED_SECONDS
        assert bob.report(ann)[1]
        expect_same(ann, bob)
    finally:
        proxy.clear()
    assert ann.n_sessions == 1
    part(ann, bob)


@repeats(few=2)
def test_F_02_redis_full(backend, redis, turn):
    ann, bob = couple(backend, backend)
    redis.cli("CONFIG", "SET", "maxmemory-policy", "noeviction")
    redis.cli("CONFIG", "SET", "maxmemory", "1mb")
    try:
        assert refused(backend) < REFUSED_SECONDS
        assert backend.match(ann.session, bob.session.token).status in (200, 503)
    finally:
        redis.cli("CONFIG", "SET", "maxmemory", "0")
    assert Person(backend).open() < SERVED_AGAIN_SECONDS
    meet(ann, bob)
    expect_same(ann, bob)
    part(ann, bob)


@repeats(few=2)
def test_F_02_redis_read_only(backend, redis, tmp_path, turn):
    """Made a replica of nobody: it must not be written to, and its memory is not the truth."""
    redis.cli("REPLICAOF", "127.0.0.1", "1")
    try:
        assert refused(backend) < REFUSED_SECONDS + GRACE_SECONDS
    finally:
        redis.cli("REPLICAOF", "NO", "ONE")
    assert Person(backend).open() < SERVED_AGAIN_SECONDS + GRACE_SECONDS


@repeats()
@pytest.mark.parametrize("how", ["reset", "half-open", "refused"])
def test_F_02_the_link_is_lost(behind, proxy, how, turn):
    ann, bob = couple(behind, behind)
    if how == "half-open":
        proxy.set(swallow=True)
    proxy.refuse = how == "refused"
    if how != "half-open":
        proxy.cut()
    if how != "reset":
        assert refused(behind) < REFUSED_SECONDS + GRACE_SECONDS
    proxy.clear()
    if how == "half-open":
        proxy.cut()
    assert Person(behind).open() < SERVED_AGAIN_SECONDS + GRACE_SECONDS
    assert meet(ann, bob)
    expect_same(ann, bob)
    assert ann.n_sessions == bob.n_sessions == 1
    part(ann, bob)


# ---- F-16 ----

@repeats(few=1)
@pytest.mark.parametrize("how", ["half-open", "lost"])
def test_F_16_publications_are_lost_and_commands_are_not(backend, behind, proxy, how, turn):
    """Ann at one instance, bob at the other, which is told of nothing: he is nudged by its poll."""
    ann, bob = couple(backend, behind)
    if how == "half-open":
        proxy.set(DOWN, swallow=True, only=b"SUBSCRIBE")
    else:
        proxy.tap = lambda link, way, data: None if b"SUBSCRIBE" in link.heard else data
        proxy.cut(only=b"SUBSCRIBE")
    try:
        assert meet(bob, ann)  # the second report is ann's, at the other instance
        begin = time.monotonic()
        expect_same(ann, bob)
        taken = time.monotonic() - begin
    finally:
        proxy.clear()
        proxy.cut(only=b"SUBSCRIBE")
    assert taken < POLL_SECONDS + GRACE_SECONDS
    part(ann, bob)


# ---- T-17, N-6: the link breaks at the n-th command ----

class Breaker:
    """Cuts the link before the n-th command reaches Redis, or before its reply comes back."""

    def __init__(self, proxy, number, reply_lost):
        self.number, self.reply_lost, self.n, self.victim = number, reply_lost, 0, None
        proxy.tap = self.tap

    def tap(self, link, way, data):
        if b"SUBSCRIBE" in link.heard:
            return data
        if way == UP and self.victim is None:
            self.n += data.count(b"\r\n$7\r\nEVALSHA\r\n")
            if self.n >= self.number:
                self.victim = link
                return data if self.reply_lost else None
        elif way == DOWN and link is self.victim:
            return None
        return data


COMMANDS = 14  # a meeting takes 11 or 12


@repeats(few=1, many=10)
@pytest.mark.parametrize("reply_lost", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, COMMANDS + 1))
def test_N_6_T_17_the_link_breaks_at_any_command(behind, proxy, number, reply_lost, turn):
    breaker = Breaker(proxy, number, reply_lost)
    try:
        ann, bob = couple(behind, behind)
        ann.report(bob)
        answer = behind.match(bob.session, ann.session.token)
        assert answer.status in (200, 503)
        assert answer.status == 503 or answer.json["match"]
        sighted = answer.status == 200
    finally:
        n = breaker.n
        proxy.clear()
    if not sighted:
        assert meet(ann, bob), n
    expect_same(ann, bob)
    for one in (ann, bob):
        one.ws.send({"type": "ping"})
        assert one.ws.receive_json()["type"] == "pong", "nudged twice"
        assert one.shown == {next(iter(one.shown)): 1} or n < number
    part(ann, bob)


ENDLESS = """local endless = {}
for _, key in ipairs(redis.call("KEYS", "*")) do
  if redis.call("TTL", key) == -1 then table.insert(endless, key) end
end
return endless"""


def test_every_key_has_an_end(backend, redis):
    """After all of this, too: nothing in Redis lives for ever."""
    ann, bob = couple(backend, backend)
    meet(ann, bob)
    assert int(redis.cli("DBSIZE")) > 5
    assert redis.cli("EVAL", ENDLESS, "0") == ""
    part(ann, bob)


# ---- T-17: the link breaks while a meet begins, and while it ends ----

WAVE_COMMANDS = 12  # the second wave takes 9, and what both are shown
WAVES_BROKEN = (5, 6, 7)  # a cue is reserved and the meet is written
END_COMMANDS = 4
MEET_KEYS = ("record:meet:", "record:cue:")


def keys_of_meets(redis):
    return {key for key in redis.cli("KEYS", "record:*").split() if key.startswith(MEET_KEYS)}


def break_link(proxy, number, reply_lost, work, good):
    """Until it was done; the first time the link breaks."""
    Breaker(proxy, number, reply_lost)
    try:
        return again(work, good)
    finally:
        proxy.clear()


@pytest.mark.parametrize("reply_lost", [False, True], ids=["before", "after"])
def test_T_17_the_link_breaks_at_any_command_of_a_meet(behind, proxy, redis, reply_lost):
    """Both are in one meet, with a cue that is theirs alone; and nothing of it stays."""
    for number in range(1, WAVE_COMMANDS + 1) if SLOW else WAVES_BROKEN:
        pair = [meetlib.Person(behind) for _ in range(2)]
        ident = meetlib.nudge(*pair)
        assert pair[0].wave(ident) is True
        break_link(proxy, number, reply_lost, lambda: pair[1].wave(ident), lambda answer: answer is True)
        views = [one.wait_state(ident, "agreed") for one in pair]
        assert views[0]["cue"] == views[1]["cue"]
        assert keys_of_meets(redis) == {f"record:meet:{ident}", f"record:cue:{views[0]['cue']}"}, number
        # When the answer was lost, it is over, and cannot be ended any more.
        break_link(proxy, (number - 1) % END_COMMANDS + 1, reply_lost, lambda: pair[0].ask(ident, "end"),
                   lambda answer: answer in (True, "not_found"))
        for one in pair:
            one.wait_state(ident, "ended")
            one.close()
        wait_until(lambda: keys_of_meets(redis) == set(), f"nothing is left of meet {number}")
