# SPDX-License-Identifier: GPL-2.0-or-later
"""A person's own data: Export gives her a copy of all that daemon and backend hold and no secret with it, Wipe
leaves none, in a file or in Redis; and neither is in anybody's way."""
import json
import os
import pathlib
import re
import secrets
import subprocess

import pytest
from gi.repository import GLib

from people import MAY_WARN, People, wait_state
from redislib import Redis
from sighejrun import CALL_MS, MANAGER, NAME, NUDGE, ROOT, Run
from test_meet_story import Side, meet_each_other
from test_meet_traces import MAY_STAY, Wiretap, forms_of_opaque

PIPES_MAX, PIPE_SECONDS = 4, 60
# What is no session's: that two openings were nudged, by tags that nobody can make any more (4 h), what was seen
# of two of them (120 s), the processes, the day's key.
OF_NOBODY = re.compile(r"nudged:[0-9a-f]{64}|seen:[0-9a-f]{16}:[0-9a-f]{16}|worker:[0-9a-f]{16}|interest-key|"
                       + MAY_STAY.pattern)
MESSAGES, MESSAGES_AT_ONCE, BURST_SECONDS = 20, 8, 11
OPAQUE = re.compile(r'"[0-9A-Za-z_-]{16,}"(?!:)')


@pytest.fixture
def redis():
    one = Redis()
    yield one
    one.close()


def ask(one):
    """The descriptor of Export; of who asked, not of the daemon."""
    reply, fds = one.connection.call_with_unix_fd_list_sync(
        NAME, ROOT, MANAGER, "Export", None, None, 0, CALL_MS, None, None)
    return fds.get(reply.unpack()[0])


def read(descriptor):
    with os.fdopen(descriptor, encoding="utf-8") as file:
        return file.read()


def export(one):
    return json.loads(read(ask(one)))


def state_files(one):
    folder = pathlib.Path(one.home, "state/sighej")
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def keys(redis):
    return set(subprocess.run(["redis-cli", "-s", redis.path, "--scan"], capture_output=True, text=True,
                              check=True).stdout.split())


def set_all(one):
    """Chooses each that can be chosen."""
    for name, value in (("Language", GLib.Variant("s", "da")), ("NoticeAccepted", GLib.Variant("b", True)),
                        ("QuietHours", GLib.Variant("as", ["03:00-03:01"]))):
        one.set(name, value)


def secrets_of(one, wire):
    """Every form of all that is opaque on the wire or a key on the disk; but for the session's own id."""
    words = {form for word in wire.opaque() for form in forms_of_opaque(word)}
    for path in pathlib.Path(one.home, "state/sighej").iterdir():
        words |= {word.encode() for word in re.findall(r"[0-9a-f]{32,}", path.read_text(encoding="utf-8"))}
    return words


def test_a_copy_of_all_and_no_secret(redis, run):
    """Two in a meet that talk: all of that is in it. Then one deletes everything, and so does the other."""
    backend = run.backend(config=f"[Stores]\nRedisUrl=unix://{redis.path}\n")
    wire, people = Wiretap(backend.address), People(run, backend)
    said = "canary " + secrets.token_hex(4)
    anna, bo = (Side(people(name, "devops", "hardstyle", backend=wire.uri)) for name in ("anna", "bo"))
    set_all(anna.daemon)
    meet_each_other(people, anna, bo)
    anna.call("SendMessage", "(s)", said)
    bo.wait_heard(said)
    anna.wait_mark("delivered")

    text = read(ask(anna.daemon))
    data = json.loads(text)
    assert data["schema"] == 1 and data["interests"] == ["devops", "hardstyle"]
    assert (data["settings"]["language"], data["settings"]["backend_uri"]) == ("da", wire.uri)
    assert data["settings"]["quiet_hours"] == ["03:00-03:01"] and data["settings"]["notice_accepted"]
    assert data["opening"]["state"] == "open" and data["opening"]["open_until"] > data["made_at"]
    assert data["avoid"] == {"days": 30, "people": 1, "blocked": 0, "met": 0}
    nudge, = data["nudges"]
    assert (nudge["state"], sorted(nudge["shared"])) == ("mutual", ["devops", "hardstyle"])
    meet, = data["meets"]
    assert [message["text"] for message in meet["messages"]] == [said] and meet["messages_left_out"] == 0
    session = data["backend"]["session"]
    assert data["backend"]["answered"] and session["interests"] == ["devops", "hardstyle"]
    assert (session["nudges"], session["nudges_waiting"]) == (1, 0)

    # What is opaque in it is the session's id, and nothing of what may not be there.
    assert set(OPAQUE.findall(text)) == {json.dumps(session["session_id"])}
    wanted = secrets_of(anna.daemon, wire)
    assert len(wanted) > 20
    left = wanted - {form for form in wanted if form in session["session_id"].encode()}
    assert [word for word in left if word in text.encode()] == []

    for side, n_left in ((anna, 1), (bo, 0)):
        side.daemon.call("Wipe")
        assert side.daemon.get("State") == "off" and state_files(side.daemon) == []
        assert backend.stats()["active_sessions_now"] == n_left
    assert {key for key in keys(redis) if not OF_NOBODY.fullmatch(key)} == set()
    empty = export(anna.daemon)
    assert empty["interests"] == empty["nudges"] == empty["meets"] == empty["calibration"] == []
    assert empty["settings"]["language"] == "en" and not empty["settings"]["notice_accepted"]
    assert empty["avoid"]["people"] == 0 and empty["backend"]["session"] is None


def test_a_first_day_again(people, backend):
    """After Wipe the daemon is as a new one, and can be used at once; twice is fine."""
    anna, bo = people.anna_and_bo()
    new = people("new")
    set_all(anna)
    anna.call("SetCalibration", "(si)", "receive", 7, interface="org.sighej.Diagnostics1")
    people.open(anna, bo)
    people.wait_nudges(some=(anna, bo))
    (path, _), = anna.nudges()
    anna.call("Block", path=path, interface=NUDGE)
    assert export(anna)["avoid"]["blocked"] == 1 and export(anna)["calibration"][0]["value"] == 7
    for name in ("interests.bad", "choices.A1B2C3"):
        pathlib.Path(anna.home, "state/sighej", name).write_text("left behind\n", encoding="utf-8")
    assert len(state_files(anna)) >= 7
    for _ in range(2):
        anna.call("Wipe")
        assert state_files(anna) == []
    again, first = export(anna), export(new)
    for one, data in ((anna, again), (new, first)):
        assert data["settings"].pop("adapter") == f"/sim/{one.name}"
    for name in ("interests", "settings", "calibration", "avoid", "nudges", "meets"):
        assert again[name] == first[name], name
    for name in ("State", "OpenUntil", "Interests", "NoticeAccepted", "Language"):
        assert anna.get(name) == new.get(name), name
    anna.call("SetInterests", "(as)", ["devops"])
    people.open(anna)
    anna.call("Close")


def test_without_the_backend(people, backend):
    """The copy says what is missing; what is here is deleted all the same, and what is not is said."""
    anna = people("anna", "devops", env=MAY_WARN)
    closed = export(anna)["backend"]
    assert (closed["answered"], closed["session"]) == (False, None) and "no session" in closed["problem"]
    people.open(anna)
    backend.crash()
    gone = export(anna)
    assert not gone["backend"]["answered"] and gone["backend"]["problem"] != ""
    assert gone["interests"] == ["devops"] and gone["opening"]["open_until"] > 0
    with pytest.raises(GLib.Error, match="Offline.*by itself within 2 hours"):
        anna.call("Wipe")
    assert state_files(anna) == [] and anna.get("Interests") == []
    wait_state(anna, "off")


def test_who_does_not_read_is_in_nobody_s_way(clock, people):
    """More than a pipe holds is asked for four times and not read; the daemon goes on, and lets go of it."""
    anna, bo = (Side(one) for one in people.anna_and_bo())
    meet_each_other(people, anna, bo)
    texts = [f"{i:03}" + "\N{GRINNING FACE}" * 997 for i in range(MESSAGES)]
    for i, text in enumerate(texts):
        if i > 0 and i % MESSAGES_AT_ONCE == 0:
            clock.advance(BURST_SECONDS)
        anna.call("SendMessage", "(s)", text)
    asked = [ask(anna.daemon) for _ in range(PIPES_MAX)]
    with pytest.raises(GLib.Error, match="read them to their end first"):
        ask(anna.daemon)
    assert anna.daemon.get("State") == "open"
    assert [m["text"] for m in json.loads(read(asked.pop()))["meets"][0]["messages"]] == texts
    Run.until(lambda: try_to_ask(anna.daemon, asked), "there is room again")
    clock.advance(PIPE_SECONDS)
    Run.until(lambda: try_to_ask(anna.daemon, asked), "what was not read is let go of")
    for descriptor in asked:
        os.close(descriptor)


def try_to_ask(one, asked):
    try:
        asked.append(ask(one))
    except GLib.Error:
        return False
    return True
