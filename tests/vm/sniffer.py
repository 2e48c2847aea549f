#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays the sniffer: tries to join a token to the one that follows it.

What a sniffer heard comes from an HCI trace (the reports of an adapter that listens to
everything) or from a simulated crowd. Truth, which token was whose, is used to count only.

    lives = listen(hcitrace.read(FILE).reports(5), owners)     # one list of Heard per daemon
    for rate in attack_away(changes(lives), random.Random(1)):
        print(rate)                                            # right, of, chance, p
    attack_watching(lives, GapModel(samples), random.Random(1))

Two sniffers:

  away      heard each token's beginning and each successor's end, not the change between; or
            was away for a whole token. Everybody present has changed meanwhile.
  watching  never blinked: knows also when each token fell silent and when each began.

Each method scores how alike an old and a new token are; the assignment with the highest sum is
the sniffer's guess (Hungarian method, ties broken by lot). `together` adds the methods up,
weighing each by what half of the changes taught about it, and guesses the other half. Chance is
exact: the right guesses of a lot are the fixed points of random permutations.

    sniffer.py                     the tables of docs/radio.md, from simulated crowds
    sniffer.py TRACE EAR ADAPTER…  attacks a trace: EAR heard what the ADAPTERs sent
"""
import argparse
import bisect
import math
import random
import statistics
import sys
from dataclasses import dataclass, replace
from typing import Optional

import hcitrace

TOKEN_DIGITS = 20               # the last 10 bytes of our 31
EPOCH_MIN_S, EPOCH_MAX_S = 600, 900
RENEWALS_MAX = 10               # epochs from the old token's start to the new one's end, at most
TICK_S = 1.0                    # epochs are whole seconds
FORCED_GAP_S = 0.06             # between two tokens, on the average, when nobody waits
SPACING_MAX_S = 2.5             # more between two packets says nothing about the interval
LN_NEVER = -20.0                # what a density of 0 counts as
GAP_WIDTH_S = 0.05              # how finely a sniffer may know the distribution of gaps


@dataclass(frozen=True)
class Heard:
    """One token as a sniffer heard it."""

    token: int
    address: int
    rest: tuple                 # whatever else its packets say
    interval: float             # s, as estimated from the packets; 0: too few
    power: float                # dBm, mean
    first: float                # time of the first and the last packet heard
    last: float
    start: Optional[float]      # when it appeared and vanished; None: nobody looked
    end: Optional[float]


@dataclass(frozen=True)
class Rate:
    """How a method did."""

    method: str
    right: int
    of: int
    chance: float               # right guesses that a lot would have made
    p: float                    # probability that a lot does as well or better

    def __str__(self):
        return "%-10s %4d of %4d right (%3.0f %%), by chance %3.0f %%, p = %.2g" % (
            self.method, self.right, self.of, 100 * self.right / self.of, 100 * self.chance / self.of, self.p)


# ---- listening


def estimate_interval(times):
    spacings = [b - a for a, b in zip(times, times[1:]) if b - a <= SPACING_MAX_S]
    return statistics.median(spacings) if len(spacings) >= 3 else 0.0


def describe(reports, times):
    """The Heard of one token from its hcitrace.Reports; times: theirs, on the sniffer's clock."""
    one = reports[0]
    known = [r.rssi_dbm for r in reports if r.rssi_dbm is not None]
    return Heard(token=int(one.data[-TOKEN_DIGITS:], 16), address=int(one.address.replace(":", ""), 16),
                 rest=(one.pdu, one.address_kind, one.extended) + tuple(bytes.fromhex(one.data[:-TOKEN_DIGITS])),
                 interval=estimate_interval(times), power=statistics.fmean(known) if known else 0.0,
                 first=times[0], last=times[-1], start=times[0], end=times[-1])


def listen(reports, owners, clock=lambda owner, time: time):
    """Sorts reports into lives: a list of Heard per owner, by time.

    owners: data -> owner (the truth); what nobody owns is left out. A token heard from two
    addresses is two Heard. clock maps an owner's time; see guest/test_linkability.py.
    """
    groups = {}
    for report in reports:
        if report.data in owners:
            groups.setdefault((owners[report.data], report.data, report.address), []).append(report)
    lives = {}
    for (owner, _, _), group in groups.items():
        lives.setdefault(owner, []).append(describe(group, [clock(owner, r.time) for r in group]))
    return [sorted(lives[owner], key=lambda h: h.first) for owner in sorted(lives)]


# ---- the methods: how alike an old and a new token are; higher is more alike


def pairwise(score):
    return lambda old, new: [[score(o, n) for n in new] for o in old]


def score_address(o, n):
    return 48 - bin(o.address ^ n.address).count("1")


def score_payload(o, n):
    return sum(a == b for a, b in zip(o.rest, n.rest)) - abs(len(o.rest) - len(n.rest))


def nearness(a, b, bits):
    """Bits by which two numbers of so many bits are nearer to each other than they could be."""
    apart = (a - b) % (1 << bits)
    return bits - math.log2(1 + min(apart, (1 << bits) - apart))


def score_sequence(o, n):
    return max(nearness(o.token, n.token, 80), nearness(o.address, n.address, 48))


def score_interval(o, n):
    return -abs(o.interval - n.interval)


def score_power(o, n):
    return -abs(o.power - n.power)


def circular(difference, circle):
    difference %= circle
    return min(difference, circle - difference)


def score_fraction(a, b):
    """Whether two instants are at the same fraction of a second."""
    return 0.0 if a is None or b is None else -circular(a - b, TICK_S)


def score_begin(o, n):
    return score_fraction(o.start, n.start)


def score_end(o, n):
    return score_fraction(o.end, n.end)


def score_tick(o, n):
    """Whether the new one ends where the old one's epoch began."""
    return score_fraction(o.start - FORCED_GAP_S, n.end + n.interval / 2) if o.start and n.end else 0.0


def score_phase(o, n):
    """Whether the new one's packets go on in the old one's beat."""
    return -circular(n.first - o.last, o.interval) if o.interval else 0.0


def renewal_density():
    """Per second: how likely an epoch ends so long after the start of one before."""
    one = [0.0] * EPOCH_MIN_S + [1 / (EPOCH_MAX_S - EPOCH_MIN_S + 1)] * (EPOCH_MAX_S - EPOCH_MIN_S + 1)
    total, power = list(one), one
    for _ in range(RENEWALS_MAX - 1):
        sums = [0.0]
        for p in power:
            sums.append(sums[-1] + p)
        width = EPOCH_MAX_S - EPOCH_MIN_S + 1
        power = [(sums[min(max(i - EPOCH_MIN_S + 1, 0), len(power))] -
                  sums[min(max(i - EPOCH_MIN_S + 1 - width, 0), len(power))]) / width
                 for i in range(len(power) + EPOCH_MAX_S)]
        total = [t + p for t, p in zip(total + [0.0] * (len(power) - len(total)), power)]
    return total


RENEWALS = renewal_density()


def score_age(o, n):
    """Whether whole epochs fit between the old one's start and the new one's start or end."""
    until = n.end if n.end is not None else n.start
    if o.start is None or until is None:
        return 0.0
    at = round(until - o.start)
    density = RENEWALS[at] if 0 <= at < len(RENEWALS) else 0.0
    return math.log(density) if density > 0 else LN_NEVER


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    return [order.index(i) for i in range(len(values))]


def score_order(old, new):
    """Whoever came first goes first."""
    before, after = ranks([o.first for o in old]), ranks([n.last for n in new])
    return [[-abs(b - a) for a in after] for b in before]


# What the packets themselves tell, and what the rhythm of somebody's epochs does.
MARKS = {
    "address": pairwise(score_address),
    "payload": pairwise(score_payload),
    "sequence": pairwise(score_sequence),
    "interval": pairwise(score_interval),
    "power": pairwise(score_power),
    "phase": pairwise(score_phase),
    "begin": pairwise(score_begin),
    "end": pairwise(score_end),
    "tick": pairwise(score_tick),
}
RHYTHM = {
    "order": score_order,
    "age": pairwise(score_age),
}


# ---- guessing


def assign(scores):
    """The column of each row so that the sum of scores is highest (square; Hungarian method)."""
    n = len(scores)
    u, v, match = [0.0] * (n + 1), [0.0] * (n + 1), [0] * (n + 1)
    for row in range(1, n + 1):
        match[0], column = row, 0
        least, way, used = [math.inf] * (n + 1), [0] * (n + 1), [False] * (n + 1)
        while match[column]:
            used[column] = True
            current, delta, following = match[column], math.inf, 0
            for j in range(1, n + 1):
                if used[j]:
                    continue
                cost = -scores[current - 1][j - 1] - u[current] - v[j]
                if cost < least[j]:
                    least[j], way[j] = cost, column
                if least[j] < delta:
                    delta, following = least[j], j
            for j in range(n + 1):
                if used[j]:
                    u[match[j]] += delta
                    v[j] -= delta
                else:
                    least[j] -= delta
            column = following
        while column:
            match[column] = match[way[column]]
            column = way[column]
    columns = [0] * n
    for j in range(1, n + 1):
        columns[match[j] - 1] = j - 1
    return columns


def count_right(scores, rng):
    """Right guesses; the truth is the diagonal, which the sniffer must not profit from."""
    n = len(scores)
    rows, columns = rng.sample(range(n), n), rng.sample(range(n), n)
    guess = assign([[scores[r][c] for c in columns] for r in rows])
    return sum(columns[guess[i]] == rows[i] for i in range(n))


def fixed_points(n):
    """Probabilities that a random permutation of n has 0, 1, … n fixed points."""
    derangements = [1, 0]
    for i in range(2, n + 1):
        derangements.append((i - 1) * (derangements[-1] + derangements[-2]))
    return [math.comb(n, k) * derangements[n - k] / math.factorial(n) for k in range(n + 1)]


def chance_of(right, sizes):
    """Probability that lots for groups of these sizes do as well or better."""
    total = [1.0]
    for size in sizes:
        one = fixed_points(size)
        sums = [0.0] * (len(total) + size)
        for i, a in enumerate(total):
            for j, b in enumerate(one):
                sums[i + j] += a * b
        total = sums
    return min(1.0, math.fsum(total[right:]))


def rate(method, matrices, rng):
    right = sum(count_right(m, rng) for m in matrices)
    sizes = [len(m) for m in matrices]
    return Rate(method, right, sum(sizes), len(sizes), chance_of(right, sizes))


class Weight:
    """What scores of a method mean, learned from changes whose truth is known."""

    def __init__(self, matrices):
        same = sorted(m[i][i] for m in matrices for i in range(len(m)))
        other = sorted(m[i][j] for m in matrices for i in range(len(m)) for j in range(len(m)) if i != j)
        self.edges = sorted({sample[len(sample) * k // 4] for sample in (same, other) for k in (1, 2, 3)})
        bins = len(self.edges) + 1
        counts = [[1.0] * bins, [1.0] * bins]
        for count, sample in zip(counts, (same, other)):
            for score in sample:
                count[bisect.bisect_left(self.edges, score)] += 1
        self.log_ratio = [math.log(s / (len(same) + bins) / (o / (len(other) + bins))) for s, o in zip(*counts)]

    def __call__(self, score):
        return self.log_ratio[bisect.bisect_left(self.edges, score)]


def weigh(parts):
    """Matrices of sums of log likelihood ratios; each half learned from the other.

    parts: for each method the matrices of all changes, in the same order.
    """
    n = len(parts[0])
    result = [None] * n
    for half in (0, 1):
        weights = [Weight(p[1 - half::2]) for p in parts]
        for i in range(half, n, 2):
            size = range(len(parts[0][i]))
            result[i] = [[sum(w(p[i][r][c]) for w, p in zip(weights, parts)) for c in size] for r in size]
    return result


# ---- the sniffer that was away


def changes(lives, hop=1, witnessed=False):
    """Groups (old, new) across which everybody present changed; old[i] and new[i] are one daemon.

    hop 1: the change itself was not witnessed, unless it is said to be. hop 2: a whole token was not.
    """
    groups = []
    for k in range(0, min(map(len, lives)) - hop):
        old, new = [life[k] for life in lives], [life[k + hop] for life in lives]
        if hop == 1 and not witnessed:
            old, new = [replace(o, end=None) for o in old], [replace(n, start=None) for n in new]
        groups.append((old, new))
    return groups


def absences(lives, seconds, lead_s=EPOCH_MAX_S):
    """The same for one sniffer who leaves for so long, now and then; daemons that fell silent or kept
    their token meanwhile are left out."""
    groups, leaves = [], max(life[0].start for life in lives) + lead_s
    until = min(life[-1].end for life in lives)
    while leaves + seconds < until:
        back, pairs = leaves + seconds, []
        for life in lives:
            old = next((h for h in life if h.start <= leaves < h.end), None)
            new = next((h for h in life if h.start <= back < h.end), None)
            if old is not None and new is not None and old is not new:
                pairs.append((replace(old, end=None), replace(new, start=None)))
        if len(pairs) >= 2:
            groups.append(tuple(map(list, zip(*pairs))))
        leaves = back + lead_s
    return groups


def attack_away(groups, rng, methods=None):
    """A Rate for each method, and for all together."""
    methods = methods or MARKS
    parts = [[score(old, new) for old, new in groups] for score in methods.values()]
    rates = [rate(name, matrices, rng) for name, matrices in zip(methods, parts)]
    return rates + [rate("together", weigh(parts), rng)]


# ---- the sniffer that never blinked


class GapModel:
    """How long it is from a token's last packet to the next one's first, as the sniffer learned."""

    def __init__(self, samples):
        self.samples = sorted(samples)
        self.most = self.samples[-1] + GAP_WIDTH_S

    def log_density(self, gap):
        near = bisect.bisect(self.samples, gap + GAP_WIDTH_S) - bisect.bisect(self.samples, gap - GAP_WIDTH_S)
        return math.log(near / len(self.samples) / (2 * GAP_WIDTH_S)) if near else LN_NEVER


def clusters(ends, starts, most):
    """Ends and starts (tuples, by time) that may belong together, apart from all others."""
    events = sorted([(h.end, 0, h, owner) for h, owner in ends] + [(h.start, 1, h, owner) for h, owner in starts],
                    key=lambda e: e[:2])
    groups, until = [], -math.inf
    for time, is_start, heard, owner in events:
        if time > until:
            groups.append(([], []))
        groups[-1][is_start].append((heard, owner))
        if not is_start:
            until = max(until, time + most)
    return groups


def guess_by_gap(ends, starts, model, extra, rng):
    """Right guesses among the ends of a cluster; extra: (old, new) -> a log likelihood ratio."""
    n = max(len(ends), len(starts))
    ends, starts = rng.sample(ends, len(ends)), rng.sample(starts, len(starts))
    scores = [[LN_NEVER] * n for _ in range(n)]
    for i, (old, _) in enumerate(ends):
        for j, (new, _) in enumerate(starts):
            scores[i][j] = model.log_density(new.start - old.end) + extra(old, new)
    guess = assign(scores)
    return sum(guess[i] < len(starts) and starts[guess[i]][1] == owner for i, (_, owner) in enumerate(ends))


def attack_watching(lives, model, rng, extra=lambda old, new: 0.0, name="gap"):
    """Every change of every daemon, seen from its first to its last packet."""
    ends = [(h, (i, k)) for i, life in enumerate(lives) for k, h in enumerate(life[:-1])]
    starts = [(h, (i, k - 1)) for i, life in enumerate(lives) for k, h in enumerate(life) if k > 0]
    right = sum(guess_by_gap(e, s, model, extra, rng) for e, s in clusters(ends, starts, model.most) if e)
    n_lots = min(map(len, lives)) - 1
    return Rate(name, right, len(ends), len(ends) / len(lives), chance_of(min(right, n_lots * len(lives)),
                                                                         [len(lives)] * n_lots))


# ---- simulated crowds


@dataclass(frozen=True)
class Crowd:
    """People who are open, as the daemon behaves; the defaults leak nothing.

    A token is off the air from up to early_s before its epoch's end, the next one on from up to
    late_s after. The radio itself forces a gap; a sniffer hears only packets.
    """

    n: int = 5
    n_tokens: int = 21
    early_s: float = 1.0
    late_s: float = 1.0
    forced_s: tuple = (0.03, 0.09)
    intervals_s: tuple = (0.275,)           # each daemon draws one
    tx_cals_dbm: tuple = (-59,)             # the same
    powers_dbm: tuple = (-60,)              # the same; a sniffer's place decides
    power_sigma_db: float = 4.0
    leak: str = ""                          # planted for the self-test: address, sequence or phase


def simulate_life(crowd, rng):
    interval, tx_cal, level = map(rng.choice, (crowd.intervals_s, crowd.tx_cals_dbm, crowd.powers_dbm))
    life, epoch, address = [], rng.uniform(0, EPOCH_MAX_S), rng.getrandbits(48)
    token, begin = rng.getrandbits(80), epoch
    for _ in range(crowd.n_tokens):
        epoch += rng.randint(EPOCH_MIN_S, EPOCH_MAX_S)
        first = begin + rng.uniform(0, 0.01)
        off = epoch - rng.uniform(0, crowd.early_s)
        last = off - rng.uniform(0, interval)
        life.append(Heard(token, address, (0x11, 0x35, tx_cal), interval + rng.gauss(0.005, 0.0002),
                          level + rng.gauss(0, crowd.power_sigma_db / 10), first, last, first, last))
        begin = epoch + rng.uniform(0, crowd.late_s) + rng.uniform(*crowd.forced_s)
        if crowd.leak == "phase":
            beat = life[-1].interval
            begin = last + math.ceil((begin - last) / beat) * beat
        address = address ^ 5 if crowd.leak == "address" else rng.getrandbits(48)
        token = token + 1 if crowd.leak == "sequence" else rng.getrandbits(80)
    return life


def simulate(crowd, rng):
    return [simulate_life(crowd, rng) for _ in range(crowd.n)]


def gap_samples(crowd, rng, n=4000):
    """What a sniffer learns of gaps by watching daemons of its own."""
    lives = simulate(replace(crowd, n=n // 20, n_tokens=21), rng)
    return [b.start - a.end for life in lives for a, b in zip(life, life[1:])]


def merged(rates):
    """Rates of one method over several crowds."""
    return Rate(rates[0].method, sum(r.right for r in rates), sum(r.of for r in rates),
                sum(r.chance for r in rates), math.nan)


def joined_by_gap(crowd, rng, repeats):
    model = GapModel(gap_samples(crowd, rng))
    return merged([attack_watching(simulate(crowd, rng), model, rng) for _ in range(repeats)])


def joined_by_age(crowd, rng, seconds, repeats):
    groups = [group for _ in range(repeats) for group in absences(simulate(crowd, rng), seconds)]
    right = sum(count_right(RHYTHM["age"](old, new), rng) for old, new in groups)
    return Rate("age", right, sum(len(old) for old, _ in groups), len(groups), math.nan)


def joined_by(method, crowd, rng, hop, repeats):
    groups = [group for _ in range(repeats) for group in changes(simulate(crowd, rng), hop)]
    return rate(method, [MARKS[method](old, new) for old, new in groups], rng)


PRESENT = (2, 5, 20)
JOINS = 4000                    # about so many for each figure of the tables


def print_table(title, rows):
    """rows: (name, function from a number of people and of repeats to a Rate)."""
    print("\n| %s | %s |\n|---|%s" % (title, " | ".join("%d present" % n for n in PRESENT), "---|" * len(PRESENT)))
    for name, joined in rows:
        rates = [joined(n, max(1, JOINS // (20 * n))) for n in PRESENT]
        print("| %s | %s |" % (name, " | ".join("%.0f %%" % (100 * r.right / r.of) for r in rates)), flush=True)


def print_tables(rng):
    by_chance = ("by chance", lambda n, _: Rate("chance", 1, n, 1, math.nan))

    def quiet(seconds):
        return dict(early_s=seconds / 2, late_s=seconds / 2)
    print_table("away for a whole token, fraction of the second", [by_chance] + [
        (name, lambda n, repeats, s=s: joined_by("begin", Crowd(n=n, **quiet(s)), rng, 2, repeats))
        for name, s in (("changed at the epoch's end", 0), ("silent up to 2 s", 2))])
    print_table("never blinking, silence up to", [by_chance] + [
        ("%d s" % s, lambda n, repeats, s=s: joined_by_gap(Crowd(n=n, **quiet(s)), rng, repeats))
        for s in (0, 2, 4, 8, 30, 60)])
    print_table("timed both ends, away for", [by_chance] + [
        ("%d min" % m, lambda n, repeats, m=m: joined_by_age(Crowd(n=n, n_tokens=41), rng, 60 * m, repeats))
        for m in (15, 30, 60, 90)])
    print_table("`tx_cal` any of 8", [by_chance] + [
        ("away", lambda n, repeats: joined_by("payload", Crowd(n=n, tx_cals_dbm=tuple(range(-71, -49, 3))), rng, 1,
                                              2 * repeats))])


def print_attack(path, ear, adapters, rng):
    trace = hcitrace.read(path)
    owners = {o.data: number for number in adapters for o in trace.on_air_intervals(number)}
    lives = [life for life in listen(trace.reports(ear), owners) if len(life) > 1]
    for hop in (1, 2):
        print("away, %d" % hop)
        for one in attack_away(changes(lives, hop), rng):
            print(one)
    gaps = [b.start - a.end for life in lives for a, b in zip(life, life[1:])]
    print("never blinking\n%s" % attack_watching(lives, GapModel(gaps), rng))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("trace", nargs="?")
    p.add_argument("ear", nargs="?", type=int)
    p.add_argument("adapters", nargs="*", type=int)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    if a.trace and len(a.adapters) < 2:
        p.error("an ear and at least two adapters")
    if a.trace:
        print_attack(a.trace, a.ear, a.adapters, random.Random(a.seed))
    else:
        print_tables(random.Random(a.seed))


if __name__ == "__main__":
    sys.exit(main())
