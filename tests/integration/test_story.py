# SPDX-License-Identifier: GPL-2.0-or-later
"""The story that must always pass: two who are open and near, and share an interest, are nudged.

Two real daemons on the simulated radio, the real backend, everything as people run it; only the
dwell time is a second instead of twenty.
"""
import os
import re
import time

import pytest
from gi.repository import GLib

from air import KIOSK, encode, service_data
from cable import Cable, make_certificate
from people import MAY_WARN, OPEN_SECONDS, wait_packets, wait_state
from sighejrun import NUDGE, Bus

FAR_DBM, NEAR_DBM = -95, -60
TOKEN_SECONDS_MAX = 900
CROWD = 12


def between(one, other, rssi_dbm):
    """air.ini groups: both hear each other with this strength."""
    return {f"link_{a.name}_{b.name}": {"rssi-dbm": rssi_dbm}
            for a, b in ((one, other), (other, one))}


# ---- who is nudged


def test_both_are_nudged_once_each_in_own_words(people):
    anna, bo = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    (anna_path, anna_shared), = anna.nudges()
    (bo_path, bo_shared), = bo.nudges()
    assert sorted(anna_shared) == ["board games", "devops"]
    assert sorted(bo_shared) == ["DevOps", "brætspil"]
    for one, path, shared in ((anna, anna_path, anna_shared), (bo, bo_path, bo_shared)):
        assert one.get("SharedInterests", path=path, interface=NUDGE) == shared
        assert one.get("State", path=path, interface=NUDGE) == "new"
        assert one.get("Message", path=path, interface=NUDGE) == \
            f"Someone nearby shares your interest in {shared[0]} and {shared[1]}."
        assert 590 <= one.get("Expires", path=path, interface=NUDGE) - time.time() <= 600
        assert one.get("NearbyCount") == 1
    people.assert_nudged()


def test_the_backend_counts_two_sessions_and_one_match(people, backend):
    people.anna_and_bo()
    people.open()
    people.wait_nudges()
    stats = backend.stats()
    assert stats["total_sessions_today"] == 2
    assert stats["total_matches_today"] == 1
    assert stats["active_sessions_now"] == 2
    assert stats["top_interest_categories"] == []       # two people are too few to be named


def test_without_a_shared_interest_nobody_is_nudged(people, backend):
    anna, bo = people("anna", "devops", "hardstyle"), people("bo", "jazz", "gardening")
    people.open()
    people.wait_judged(anna, bo)
    people.assert_nudged(0)
    assert (anna.get("NearbyCount"), bo.get("NearbyCount")) == (1, 1)
    assert backend.stats()["total_matches_today"] == 0


def test_who_is_far_away_is_not_nudged_until_near(run, people, backend):
    anna, bo = people.anna_and_bo()
    cleo = people("cleo", "devops")
    run.set_air(**between(anna, bo, FAR_DBM))
    people.open()
    people.wait_nudges(some=[anna, bo])                 # by cleo, who is near to both
    people.wait_nudges(2, some=[cleo])
    people.assert_nudged(1, [anna, bo])
    assert backend.stats()["total_matches_today"] == 2
    run.set_air(**between(anna, bo, NEAR_DBM))
    people.wait_nudges(2)
    people.assert_nudged(2)


def test_positions_decide_who_is_near(run, people):
    run.set_air(radio_anna={"position": "0,0"}, radio_bo={"position": "60,0"},
                radio_cleo={"position": "1,0"})
    anna, _bo = people.anna_and_bo()
    people("cleo", "devops")
    people.open()
    people.wait_nudges(some=[anna])
    people.assert_nudged(0, [people.all["bo"]])
    run.set_air(radio_bo={"position": "1,1"})
    people.wait_nudges(2)


def test_who_is_closed_is_not_nudged(people, backend, ear):
    anna, bo = people.anna_and_bo()
    people.open(bo)
    wait_packets(ear, "bo", 8, 0)                       # anna could have heard enough by now
    assert anna.counters()["sightings.new"] == 0
    assert backend.stats()["active_sessions_now"] == 1
    assert ear.heard("anna") == []
    people.assert_nudged(0)


# ---- once


def test_pausing_and_resuming_is_the_same_opening(people, backend, ear):
    anna, bo = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    anna.call("Pause", "(u)", 0)
    wait_state(anna, "paused", "user")
    paused = time.monotonic()
    wait_packets(ear, "bo", 4, paused)
    assert ear.heard("anna", paused) == []
    assert backend.stats()["active_sessions_now"] == 1
    anna.call("Resume")
    wait_state(anna, "open")
    people.wait_judged(anna, bo)                        # bo hears a token never heard before
    people.assert_nudged(1)
    assert backend.stats()["total_matches_today"] == 1


def test_opening_again_is_another_opening(people):
    anna, _bo = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    anna.call("Close")
    wait_state(anna, "off")
    assert anna.call("ListNudges")[0] == []
    people.open(anna)
    people.wait_nudges(2)
    people.assert_nudged(2)


def test_open_while_open_moves_the_end_only(people):
    anna, bo = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    until, = anna.call("Open", "(u)", 2 * OPEN_SECONDS)
    assert abs(until - time.time() - 2 * OPEN_SECONDS) <= 2
    people.wait_judged(bo, n_more=0)
    assert anna.get("State") == "open"
    people.assert_nudged(1)


def test_not_now_is_silent_and_final(people):
    anna, bo = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    path = anna.nudges()[0][0]
    anna.call("NotNow", path=path, interface=NUDGE)
    assert anna.call("ListNudges")[0] == []
    assert len(bo.call("ListNudges")[0]) == 1
    with pytest.raises(GLib.Error, match="UnknownMethod|UnknownObject"):
        anna.call("NotNow", path=path, interface=NUDGE)
    people.assert_nudged(1)


# ---- what may happen to the backend in between


def test_a_killed_backend_that_comes_back_with_nothing(run, people, backend, ear):
    """Its memory is gone with it: the daemons make new sessions and report again."""
    anna, bo = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    backend.crash()
    for one in (anna, bo):
        run.until(lambda o=one: o.get("Backend") != "online", f"{one.name} lost the backend")
    again = run.backend(listen=backend.address, config="[Log]\nLevel=debug\n", name="backend-again")
    for one in (anna, bo):
        run.until(lambda o=one: o.get("Backend") == "online", f"{one.name} is online again")
        wait_state(one, "open")
    run.until(lambda: again.stats()["total_matches_today"] == 1, "the pair is found again")
    for one in (anna, bo):
        run.until(lambda o=one: o.counters()["nudges.repeated"] >= 1, f"{one.name} had it before")
    people.assert_nudged(1)


def test_a_backend_killed_before_the_second_report(run, people, backend):
    anna, bo = people.anna_and_bo()
    people.open(anna)
    bo.call("Open", "(u)", OPEN_SECONDS)
    run.until(lambda: bo.get("NearbyCount") == 1, "bo hears anna")
    backend.crash()
    run.backend(listen=backend.address, config="[Log]\nLevel=debug\n", name="backend-again")
    people.wait_nudges()
    people.assert_nudged(1)


def test_a_backend_restarted_in_good_order(run, people, backend):
    people.anna_and_bo()
    people.open()
    people.wait_nudges()
    assert backend.stop() == 0
    again = run.backend(listen=backend.address, config="[Log]\nLevel=debug\n", name="backend-again")
    run.until(lambda: again.stats()["total_matches_today"] == 1, "the pair is found again")
    people.assert_nudged(1)


def test_sockets_that_are_cut_are_resumed(run, people, backend):
    """A proxy in between drops every connection; the sessions live on."""
    with Cable(backend.address) as cable:
        anna, bo = people.anna_and_bo(backend=cable.uri)
        people.open()
        cable.cut()
        people.wait_nudges()
        cable.cut()
        for one in (anna, bo):
            run.until(lambda o=one: o.counters()["link.reconnects"] >= 1
                      and o.get("Backend") == "online", f"{one.name} came back")
        assert backend.stats()["total_sessions_today"] == 2
        people.assert_nudged(1)


def test_a_backend_killed_again_and_again(run, clock, people, backend):
    """At every step of the way; everybody is nudged once by everybody else."""
    alive = [backend]

    def kill_once(condition, what):
        run.until(condition, what)
        alive.pop().crash()
        alive.append(run.backend(listen=backend.address, name=f"backend-{len(run.started)}"))

    crowd = [people(name, "devops", name) for name in ("anna", "bo", "cleo", "dan")]
    for one in crowd:
        one.call("Open", "(u)", 4 * OPEN_SECONDS)
    with clock.hurry():
        kill_once(lambda: any(one.counters()["link.sessions"] for one in crowd), "a session")
        kill_once(lambda: any(one.get("State") == "open" for one in crowd), "one is open")
        kill_once(lambda: any(one.counters()["link.sightings"] for one in crowd), "a report")
        kill_once(lambda: any(one.nudges() for one in crowd), "a nudge")
        people.wait_nudges(len(crowd) - 1)
    people.assert_nudged(len(crowd) - 1)


def test_over_tls_as_behind_a_proxy(run, people, backend):
    certificate = make_certificate(run.folder("tls"))
    with Cable(backend.address, certificate) as proxy:
        people.anna_and_bo(backend=proxy.uri, config=f"CaFile={certificate[0]}\n")
        people.open()
        people.wait_nudges()
        proxy.cut()
        for one in people.all.values():
            run.until(lambda o=one: o.counters()["link.reconnects"] >= 1
                      and o.get("Backend") == "online", f"{one.name} came back")
        people.assert_nudged(1)


def test_a_certificate_nobody_vouches_for_is_no_backend(run, people, backend, ear):
    with Cable(backend.address, make_certificate(run.folder("tls"))) as proxy:
        anna = people("anna", "devops", backend=proxy.uri)
        anna.call("Open", "(u)", OPEN_SECONDS)
        wait_state(anna, "waiting", "backend-offline")
        assert backend.stats()["total_sessions_today"] == 0
        assert ear.heard("anna") == []


def test_a_minute_without_the_backend_takes_the_token_off_the_air(
        run, clock, people, backend, ear):
    anna, _bo = people.anna_and_bo()
    people.open()
    backend.crash()
    run.until(lambda: anna.get("Backend") != "online", "the loss is noticed")
    assert anna.get("State") == "open"
    clock.advance(61)
    wait_state(anna, "waiting", "backend-offline")
    n_sent = anna.counters()["radio.sent"]
    clock.advance(30)
    assert anna.get("State") == "waiting"
    assert anna.counters()["radio.sent"] == n_sent
    run.backend(listen=backend.address, config="[Log]\nLevel=debug\n", name="backend-again")
    with clock.hurry():                                 # whatever the backoff has grown to
        wait_state(anna, "open")
        run.until(lambda: len(ear.tokens("anna")) == 2, "another token")


# ---- the end


def assert_silent(ear, name, others, since):
    """Nothing of that name from then on, while the others go on."""
    wait_packets(ear, others, 6, since)
    assert ear.heard(name, since) == []


def test_closing_takes_the_token_off_the_air_and_ends_the_session(people, backend, ear):
    anna, _bo = people.anna_and_bo()
    people.open()
    wait_packets(ear, "anna", 1, 0)
    anna.call("Close")
    silent = time.monotonic()
    wait_state(anna, "off", "user")
    assert backend.stats()["active_sessions_now"] == 1
    assert_silent(ear, "anna", "bo", silent)
    assert [values for _, member, values in anna.signals if member == "Closed"] == [("user",)]
    anna.call("Close")                                  # closing what is closed succeeds


def test_term_takes_the_token_off_the_air_and_ends_the_session(people, backend, ear):
    anna, _bo = people.anna_and_bo()
    people.open()
    wait_packets(ear, "anna", 1, 0)
    assert anna.stop() == 0
    silent = time.monotonic()
    assert backend.stats()["active_sessions_now"] == 1
    assert_silent(ear, "anna", "bo", silent)


def test_kill_takes_the_token_off_the_air_and_the_session_ends_in_its_time(
        run, clock, people, backend, ear):
    """Nobody is left to end it, so it lives to its end, where nobody can renew it."""
    anna, bo = people("anna", "devops"), people("bo", "jazz")
    people.open(anna, seconds=300)
    people.open(bo)
    wait_packets(ear, "anna", 1, 0)
    anna.crash()
    silent = time.monotonic()
    assert_silent(ear, "anna", "bo", silent)
    assert backend.stats()["active_sessions_now"] == 2
    clock.advance(301)
    run.until(lambda: backend.stats()["active_sessions_now"] == 1, "the session has expired")


def test_the_loss_of_the_bus_takes_the_token_off_the_air_and_ends_the_session(
        run, people, backend, ear):
    anna, _bo = people.anna_and_bo(env=MAY_WARN)
    people.open()
    wait_packets(ear, "anna", 1, 0)
    anna.ends_with = 75                                 # the service manager starts it again
    anna.bus.crash()
    run.until(lambda: not anna.running(), "the daemon ends")
    silent = time.monotonic()
    assert backend.stats()["active_sessions_now"] == 1
    assert_silent(ear, "anna", "bo", silent)


def test_the_end_of_the_time_is_the_end(run, clock, people, backend, ear):
    anna = people("anna", "devops")
    people("bo", "jazz")
    people.open(people.all["bo"])
    people.open(anna, seconds=300)
    clock.advance(301)
    wait_state(anna, "off", "expired")
    silent = time.monotonic()
    # The state was asked for; the signal comes by itself, through the main context.
    run.until(lambda: [values for _, member, values in anna.signals if member == "Closed"]
              == [("expired",)], "Closed is heard")
    assert_silent(ear, "anna", "bo", silent)
    run.until(lambda: backend.stats()["active_sessions_now"] == 1, "the session is gone")


# ---- time


def test_the_token_changes_and_with_it_the_address(run, clock, people, ear):
    anna, bo = people.anna_and_bo()
    people.open()
    people.wait_nudges()
    before, = wait_packets(ear, "anna", 1, 0)
    clock.advance(TOKEN_SECONDS_MAX)
    run.until(lambda: ear.heard("anna")[-1].token != before.token, "another token")
    people.wait_judged(anna, bo)
    addresses = {}
    for packet in ear.heard("anna"):
        addresses.setdefault(packet.token, set()).add(packet.address)
    assert len(addresses) == 2
    assert all(len(some) == 1 for some in addresses.values())
    assert len(set.union(*addresses.values())) == 2
    assert len({packet.data[:3] for packet in ear.heard("anna")}) == 1
    people.assert_nudged(1)


def test_a_session_is_renewed_and_the_opening_goes_on(run, clock, people, backend, ear):
    anna, bo = people.anna_and_bo()
    people.open(seconds=14400)
    people.wait_nudges()
    clock.advance(7200 - 59)
    for one in (anna, bo):
        run.until(lambda o=one: o.counters()["link.sessions"] >= 2, f"{one.name} renewed")
        wait_state(one, "open")
    run.until(lambda: backend.stats()["active_sessions_now"] == 2, "the old sessions are gone")
    people.wait_judged(anna, bo)
    people.assert_nudged(1)


# ---- settings while open


def test_new_interests_count_at_once(people, backend):
    anna, bo = people("anna", "hardstyle"), people("bo", "jazz")
    people.open()
    people.wait_judged(anna, bo)
    anna.call("SetInterests", "(as)", ["hardstyle", "Jazz"])
    people.wait_nudges()
    assert [shared for _, shared in anna.nudges() + bo.nudges()] == [["Jazz"], ["jazz"]]
    assert backend.stats()["active_sessions_now"] == 2
    people.assert_nudged(1)


def test_a_notice_accepted_is_kept(run, people):
    anna = people("anna", "devops")
    assert anna.get("NoticeAccepted") is False
    anna.set("NoticeAccepted", GLib.Variant("b", True))
    assert anna.stop() == 0
    again = run.daemon("anna", backend=people.backend.uri, bus=anna.bus)
    assert again.get("NoticeAccepted") is True
    assert again.get("Interests") == ["devops"]
    assert again.get("State") == "off"


def minutes(offset):
    return time.strftime("%H:%M", time.gmtime(time.time() + 60 * offset))


def test_quiet_hours_are_silence(people, backend, ear):
    anna, bo = people.anna_and_bo()
    anna.set("QuietHours", GLib.Variant("as", [f"{minutes(-60)}-{minutes(60)}"]))
    people.open(bo)
    anna.call("Open", "(u)", OPEN_SECONDS)
    wait_state(anna, "waiting", "quiet-hours")
    wait_packets(ear, "bo", 6, 0)
    assert ear.heard("anna") == []
    assert backend.stats()["active_sessions_now"] == 1
    anna.set("QuietHours", GLib.Variant("as", []))
    wait_state(anna, "open", "")
    people.wait_nudges()
    people.assert_nudged(1)


def test_enough_nudges_are_enough(people, backend, ear):
    """Whoever wants no more this hour neither reports nor advertises."""
    anna = people("anna", "devops", config="[Presence]\nMaxNudgesPerHour=1\n")
    bo = people("bo", "devops")
    people.open()
    people.wait_nudges()
    wait_state(anna, "waiting", "rate-limited")
    silent = time.monotonic()
    assert_silent(ear, "anna", "bo", silent)
    cleo = people("cleo", "devops")
    people.open(cleo)
    people.wait_nudges(2, [bo])
    people.wait_nudges(1, [cleo])
    people.assert_nudged(1, [anna, cleo])


# ---- the radio


@pytest.mark.parametrize("fault, reason, bluetooth", [
    ("off", "bluetooth-off", "off"),
    ("missing", "bluetooth-missing", "missing"),
    ("blocked-soft", "bluetooth-blocked-soft", "blocked-soft"),
    ("blocked-hard", "bluetooth-blocked-hard", "blocked-hard"),
    ("unsupported", "bluetooth-unsupported", "unsupported"),
    ("denied", "bluetooth-denied", "denied"),
    ("stalled", "radio-stalled", "ready"),
    ("scan-conflict", "scan-conflict", "ready"),
    ("privacy-blocked", "privacy-blocked", "ready"),
])
def test_an_adapter_that_fails_is_waited_for(run, people, ear, fault, reason, bluetooth):
    anna = people("anna", "devops")
    people.open()
    wait_packets(ear, "anna", 1, 0)
    run.set_air(radio_anna={"fault": fault})
    wait_state(anna, "waiting", reason)
    assert anna.get("Bluetooth") == bluetooth
    broken = time.monotonic()
    run.set_air()
    wait_state(anna, "open", "")
    wait_packets(ear, "anna", 1, broken)
    assert anna.get("Bluetooth") == "ready"


def test_noise_and_loss_do_not_keep_people_apart(run, people):
    run.set_air(radio={"noise-sigma-db": 3, "loss": 0.3})
    people.anna_and_bo()
    people.open()
    people.wait_nudges()
    people.assert_nudged(1)


def test_a_crowd_on_one_machine(people, backend):
    """Everybody meets everybody; who shares an interest is nudged once for each such person."""
    config = "[Presence]\nMaxNudgesPerHour=60\n"
    for number in range(CROWD):
        people(f"p{number}", "devops" if number % 2 else "jazz", f"own hobby {number}",
               config=config, log_level="info")
    people.open()
    people.wait_nudges(CROWD // 2 - 1)
    people.assert_nudged(CROWD // 2 - 1)
    for one in people.all.values():
        assert one.get("NearbyCount") == CROWD - 1
    stats = backend.stats()
    assert stats["active_sessions_now"] == CROWD
    assert stats["total_matches_today"] == 2 * (CROWD // 2) * (CROWD // 2 - 1) // 2
    assert len(stats["top_interest_categories"]) >= 1   # twelve are enough to be named


# ---- strangers


def test_strange_packets_are_counted_and_dropped(run, people, ear):
    anna = people("anna", "devops")
    people.open()
    realm = wait_packets(ear, "anna", 1, 0)[0].data[1]
    good = service_data(realm)
    strange = {
        "bad-length": good[:12], "bad-version": service_data(realm, flags=0x21),
        "bad-reserved": service_data(realm, flags=0x15),
        "bad-flags": service_data(realm, flags=0x10), "other-realm": service_data(realm ^ 1), "bad-tx-cal": good[:2] + b"\x7f" + good[3:],
    }
    for data in strange.values():
        ear.say(encode(data))
    for raw in (b"", b"SAIR", b"x" * 80, encode(good)[:79], encode(good, size=0),
                encode(good, size=32), encode(good, name="not a name!")):
        ear.say(raw)
    ear.say(encode(good))
    run.until(lambda: anna.counters()["sightings.new"] == 1, "the good one is heard")
    counters = anna.counters()
    for word in strange:
        assert counters[f"payload.{word}"] == 1, word
    assert counters["radio.dropped-malformed"] == 7
    assert anna.get("NearbyCount") == 1


def test_who_has_no_session_gets_nobody_nudged(run, people, backend, ear):
    """Made-up tokens, a kiosk, and one's own token played back."""
    anna = people("anna", "devops")
    people.open()
    own = wait_packets(ear, "anna", 1, 0)[0]
    noise = [service_data(own.data[1]), service_data(own.data[1], flags=KIOSK), own.data]
    tick = GLib.timeout_add(100, lambda: [ear.say(encode(data)) for data in noise] and True)
    try:
        people.wait_judged(anna)
    finally:
        GLib.source_remove(tick)
    assert anna.counters()["sightings.own"] > 0
    assert anna.get("NearbyCount") == 1                 # a kiosk is nobody who is open
    assert backend.stats()["total_matches_today"] == 0
    people.assert_nudged(0)


def test_what_was_heard_earlier_is_worth_nothing_later(run, clock, people, ear):
    """A token played back after its end and its minute of grace leads nowhere."""
    anna, bo = people("anna", "devops"), people("bo", "devops")
    run.set_air(**between(anna, bo, FAR_DBM))
    people.open()
    old = wait_packets(ear, "anna", 1, 0)[0]
    clock.advance(TOKEN_SECONDS_MAX + 61)
    run.until(lambda: ear.heard("anna")[-1].token != old.token, "another token")
    tick = GLib.timeout_add(100, lambda: ear.say(encode(old.data)) or True)
    try:
        people.wait_judged(bo)
    finally:
        GLib.source_remove(tick)
    people.assert_nudged(0)


# ---- what may not be found anywhere


def files_below(folder):
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            if os.path.isfile(path):
                yield path


def test_logs_and_files_hold_no_secret(run, people, backend, ear):
    """T-15, N-7: planted interests, all tokens and addresses on the air, logs at debug level."""
    canary = "canary knitting 4711"
    people("anna", canary, "devops")
    people("bo", "devops", "brætspil")
    people.open()
    people.wait_nudges()
    heard = ear.heard()
    people.all["anna"].call("Close")
    wait_state(people.all["anna"], "off")

    forbidden = {canary, "devops", "brætspil", "Bearer ", "session_secret"}
    forbidden |= {packet.token for packet in heard} | {packet.data.hex() for packet in heard}
    forbidden |= {packet.address.hex() for packet in heard}
    forbidden |= {packet.address.hex(":") for packet in heard}
    for process in run.started:
        text = re.sub(r"request [0-9a-f]{32}\b", "request ID", process.text().lower())
        assert [word for word in forbidden if word.lower() in text] == [], process.name
        if not isinstance(process, Bus):
            assert re.findall(r"\b[0-9a-f]{16,}\b|\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b", text) == []
    for path in files_below(run.top):
        with open(path, "rb") as file:
            content = file.read().lower()
        own = path.endswith("/interests")               # the person's own, in the person's folder
        found = [word for word in forbidden if word.lower().encode() in content]
        assert found == [] or own, path
    own = [path for path in files_below(run.top) if path.endswith("/interests")]
    assert len(own) == 2 and all(os.stat(path).st_mode & 0o777 == 0o600 for path in own)
