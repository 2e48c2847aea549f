# SPDX-License-Identifier: GPL-2.0-or-later
"""The sniffer against crowds whose leaks are known: it must find each planted one, and no other.

All crowds are seeded; where chance decides, the bounds are those of guest/test_linkability.py.
"""
import itertools
import random

import pytest

import sniffer
from sniffer import Crowd
from test_hcitrace import NRPA, NRPA_2, PAYLOAD, Writer, raw

FOUND = 1e-12                   # a leak of this kind is beyond doubt
CHANCE = 1e-7


def away(crowd, hop=1, seed=3, witnessed=False):
    rng = random.Random(seed)
    groups = sniffer.changes(sniffer.simulate(crowd, rng), hop, witnessed)
    return {one.method: one for one in sniffer.attack_away(groups, rng)}


# Each leak, and the methods that must find it.
LEAKS = {
    "an address that only changes a little": (Crowd(leak="address"), {"address", "sequence"}),
    "tokens that count": (Crowd(leak="sequence"), {"sequence"}),
    "a calibration of one's own": (Crowd(tx_cals_dbm=tuple(range(-71, -49, 3))), {"payload"}),
    "an interval of one's own": (Crowd(intervals_s=(0.1, 0.2, 0.3, 0.5, 0.7, 1.0)), {"interval"}),
    "a place of one's own": (Crowd(powers_dbm=tuple(range(-90, -30))), {"power"}),
}


@pytest.mark.parametrize("name", LEAKS)
@pytest.mark.parametrize("hop", [1, 2])
def test_a_planted_leak_is_found_by_its_method_and_by_all_together(name, hop):
    crowd, methods = LEAKS[name]
    rates = away(crowd, hop)
    for method, one in rates.items():
        if method in methods or method == "together":
            assert one.p < FOUND, one
        else:
            assert one.p > CHANCE, one


@pytest.mark.parametrize("hop, methods", [(1, ["tick"]), (2, ["begin", "end", "tick"])])
def test_epochs_of_whole_seconds_are_found(hop, methods):
    """What the daemon did before it was silent for a moment."""
    rates = away(Crowd(early_s=0, late_s=0), hop)
    for method in methods + ["together"]:
        assert rates[method].p < FOUND, rates[method]
        assert rates[method].right > 2 * rates[method].chance


def test_a_beat_that_goes_on_is_found_by_who_saw_both_ends():
    rates = away(Crowd(leak="phase"), witnessed=True)
    assert rates["phase"].p < FOUND and rates["together"].p < FOUND


@pytest.mark.parametrize("n", [2, 5, 20])
@pytest.mark.parametrize("hop", [1, 2])
def test_without_a_leak_it_is_chance(n, hop):
    for one in away(Crowd(n=n), hop).values():
        assert one.p > CHANCE, one
        assert one.of == n * (21 - hop)


def test_who_never_blinks_joins_by_the_gap_and_less_so_in_a_crowd():
    def joined(**settings):
        return sniffer.joined_by_gap(Crowd(**settings), random.Random(5), 4)
    alone, crowd, silence = joined(n=2), joined(n=20), joined(n=20, early_s=30, late_s=30)
    assert alone.right > 0.95 * alone.of
    assert 0.9 * crowd.of < crowd.right < crowd.of
    assert silence.right < 0.85 * silence.of
    assert silence.chance == silence.of / 20


def test_the_rhythm_of_epochs_is_found_across_one_and_lost_over_many():
    def joined(minutes):
        return sniffer.joined_by_age(Crowd(n=5, n_tokens=41), random.Random(5), 60 * minutes, 10)
    one, many = joined(15), joined(120)
    assert one.right > 1.5 * one.chance
    assert many.right < 1.25 * many.chance


def test_chance_is_exact():
    counts = [0] * 5
    for permutation in itertools.permutations(range(4)):
        counts[sum(i == p for i, p in enumerate(permutation))] += 1
    assert sniffer.fixed_points(4) == pytest.approx([c / 24 for c in counts])
    assert sniffer.chance_of(0, [4, 3]) == pytest.approx(1)
    assert sniffer.chance_of(7, [4, 3]) == pytest.approx(1 / 24 / 6)
    assert sniffer.chance_of(8, [4, 3]) == 0


def test_the_assignment_is_the_best():
    rng = random.Random(9)
    for n in (1, 2, 5):
        for _ in range(20):
            scores = [[rng.uniform(-5, 5) for _ in range(n)] for _ in range(n)]
            best = max(sum(scores[i][p[i]] for i in range(n)) for p in itertools.permutations(range(n)))
            guess = sniffer.assign(scores)
            assert sorted(guess) == list(range(n))
            assert sum(scores[i][guess[i]] for i in range(n)) == pytest.approx(best)


def test_scores_that_say_nothing_are_drawn_by_lot():
    rng = random.Random(9)
    right = [sniffer.count_right([[0.0] * 5 for _ in range(5)], rng) for _ in range(400)]
    assert 0.7 < sum(right) / len(right) < 1.3


def test_clusters_keep_apart_what_is_far_apart():
    def heard(time):
        return sniffer.Heard(0, 0, (), 0, 0, time, time, time, time)
    groups = sniffer.clusters([(heard(10), 1), (heard(100), 2)], [(heard(11), 1), (heard(101), 2), (heard(500), 3)], 5)
    assert [(len(ends), len(starts)) for ends, starts in groups] == [(1, 1), (1, 1), (0, 1)]


def test_listening_sorts_a_trace_into_lives(tmp_path):
    writer = Writer(str(tmp_path / "hci.btsnoop"))
    writer.plug(0)
    other = PAYLOAD[:-1] + b"\xff"

    def hear(data, address, dbm):
        writer.meta(0, bytes([2, 1, 3, 1]) + raw(address) + bytes([len(data)]) + data + bytes([dbm & 0xff]))
    for dbm in (-60, -62):
        hear(PAYLOAD, NRPA, dbm)
    hear(other, NRPA_2, -70)
    hear(bytes(31), NRPA, -50)
    lives = sniffer.listen(writer.read().reports(0), {PAYLOAD.hex(): "anna", other.hex(): "anna"})
    (first, second), = lives
    assert (first.token, second.token) == (int(PAYLOAD[-10:].hex(), 16), int(other[-10:].hex(), 16))
    assert (first.power, second.power) == (-61, -70)
    assert first.rest == second.rest and first.rest[0] == "ADV_NONCONN_IND"
    assert first.end - first.start == pytest.approx(1)
    assert first.address != second.address


def test_the_interval_is_estimated_from_neighbours():
    assert sniffer.estimate_interval([0, 0.28, 0.56, 700, 700.28, 700.84]) == pytest.approx(0.28)
    assert sniffer.estimate_interval([0, 0.28]) == 0
