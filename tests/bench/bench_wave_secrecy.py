#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the time of an answer tells what the other side of a nudge did.

Of many pairs that were nudged, one side does each of several things, or nothing: that is the baseline. Then,
in random order, the other side asks, and the time from its frame to the answer is taken. How well a guesser
who sees only that time tells a condition from the baseline is the area under its curve: 0.5 is a coin, 1 is
always. With equal conditions it is off by a few hundredths by chance, which is printed as well.
"""
import argparse
import bisect
import json
import math
import os
import pathlib
import random
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "integration" / "backend")]

ROUNDS, PAIRS_EACH, RESUMES = 20, 10, 3
BASELINE = "nothing"
UNLIMITED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "100000000", "SIGHTINGS_BURST": "100000000",
             "MESSAGES_PER_SECOND": "10000000", "WORKERS": "1", "SIGHEJ_LOG_LEVEL": "message"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default=os.environ.get("SIGHEJ_BUILD"),
                        help="meson build folder, of --buildtype=release (or $SIGHEJ_BUILD)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N",
                        help=f"of {PAIRS_EACH} pairs for each condition ({ROUNDS})")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    arguments = parser.parse_args()
    if not arguments.build or not os.path.exists(os.path.join(arguments.build, "backend/sighej-backend")):
        parser.error("--build must name a build folder with the programs in it")
    os.environ["SIGHEJ_BUILD"] = arguments.build
    return arguments


# ---- what the other side may have done ----

def wave(other, ident):
    assert other.wave(ident) is True


def take_back(other, ident):
    wave(other, ident)
    refuse(other, ident)


def refuse(other, ident):
    assert other.ask(ident, "withdraw") is True


def block(other, ident):
    assert other.ask(ident, "block", ticket=other.ticket(ident)) is True


def wave_and_block(other, ident):
    wave(other, ident)
    block(other, ident)


def go(other, _ident):
    other.close()
    other.backend.request("DELETE", "/session", authorization=other.session.bearer)


def wave_and_go(other, ident):
    wave(other, ident)
    go(other, ident)


# What is asked, how often of one pair, and after what of the other side; those marked may tell, since
# with them both have waved.
QUESTIONS = {
    "resume by who has not waved": (RESUMES, False, {
        BASELINE: None, "waved": wave, "waved, then took it back": take_back, "waved, then went": wave_and_go}),
    "resume by who has waved": (RESUMES, True, {
        BASELINE: None, "refused": refuse, "blocked": block, "went": go}),
    "withdraw by who has not waved": (1, False, {BASELINE: None, "waved": wave, "blocked": block}),
    "a first wave": (1, False, {
        BASELINE: None, "waved": wave, "waved, then took it back": take_back, "waved, then blocked": wave_and_block,
        "went": go}),
}
QUESTION_ACTS = {"resume by who has not waved": "resume", "resume by who has waved": "resume",
                 "withdraw by who has not waved": "withdraw", "a first wave": "wave"}


class Asker:
    """One of a pair, about to ask; everything is made before the clock runs."""

    def __init__(self, person, ident, act, number):
        from talklib import Frames, mask

        self.connection, self.frames, self.number = person.ws.connection, Frames(), number
        members = {"ticket": person.ticket(ident)} if act in ("resume", "wave") else {}
        members |= {"after": 0} if act == "resume" else {"key": person.key} if act == "wave" else {}
        self.data = mask(json.dumps({"type": "meet", "id": number, "nudge": ident, "act": act, **members}).encode())

    def ask(self):
        """Seconds until the answer was there."""
        begin = time.perf_counter()
        self.connection.sendall(self.data)
        while True:
            self.frames.data += self.connection.recv(65536)
            end = time.perf_counter()
            for opcode, payload in self.frames:
                message = json.loads(payload) if opcode == 1 else {}
                if message.get("type") == "meet_result" and message["id"] == self.number:
                    return end - begin


def prepare(backend, question, condition):
    """A pair of whom one has done it and the other is about to ask."""
    from meetlib import Person, nudge

    _, has_waved, conditions = QUESTIONS[question]
    asker, other = Person(backend), Person(backend)
    ident = nudge(asker, other)
    if has_waved:
        wave(asker, ident)
    if conditions[condition] is not None:
        conditions[condition](other, ident)
    asker.fence()
    return asker, other, ident


def measure_round(backend, question, taken, chooser):
    n_times, _, conditions = QUESTIONS[question]
    order = [condition for condition in conditions for _ in range(PAIRS_EACH)]
    chooser.shuffle(order)
    pairs = [(condition, *prepare(backend, question, condition)) for condition in order]
    chooser.shuffle(pairs)
    for n in range(n_times):
        for condition, asker, _, ident in pairs:
            taken[condition].append(Asker(asker, ident, QUESTION_ACTS[question], 1000 + n).ask())
    for _, asker, other, _ in pairs:
        asker.close()
        other.close()


# ---- figures ----

def area(values, baseline):
    """Of the curve of a guesser who says 'condition' above a bound; ties count half."""
    ranked = sorted(baseline)
    before = sum(bisect.bisect_left(ranked, value) + bisect.bisect_right(ranked, value) for value in values)
    return before / (2 * len(values) * len(baseline))


def p95(values):
    return sorted(values)[len(values) * 95 // 100]


def figures(values, baseline):
    n, m = len(values), len(baseline)
    return {"n": n, "p50_us": round(statistics.median(values) * 1e6), "p95_us": round(p95(values) * 1e6),
            "p50_ratio": round(statistics.median(values) / statistics.median(baseline), 3),
            "p95_ratio": round(p95(values) / p95(baseline), 3), "area": round(area(values, baseline), 3),
            "by_chance": round(2 * math.sqrt((n + m + 1) / (12 * n * m)), 3)}


def measure(backend, rounds):
    chooser, result = random.Random(1), {}
    taken = {question: {condition: [] for condition in QUESTIONS[question][2]} for question in QUESTIONS}
    for _ in range(rounds):
        for question in QUESTIONS:
            measure_round(backend, question, taken[question], chooser)
    for question, conditions in taken.items():
        result[question] = {condition: figures(values, conditions[BASELINE])
                            for condition, values in conditions.items()}
    return result


def run(arguments):
    from backendlib import Backend
    from redislib import Redis

    result = {}
    with tempfile.TemporaryDirectory(prefix="sighej-bench-") as top:
        for store in ("memory", "redis"):
            redis, folder = Redis() if store == "redis" else None, pathlib.Path(top) / store
            folder.mkdir()
            backend = Backend(folder, **UNLIMITED, **(redis.settings if redis else {}))
            try:
                backend.wait_until_ready()
                result[store] = measure(backend, arguments.rounds)
            finally:
                backend.stop()
                if redis:
                    redis.close()
    return result


def main():
    arguments = parse()
    result = run(arguments)
    if arguments.json:
        print(json.dumps(result))
        return
    for store, questions in result.items():
        for question, conditions in questions.items():
            print(f"{store}: {question}")
            for condition, one in conditions.items():
                print(f"  {condition:26} n {one['n']:5}  p50 {one['p50_us']:4} us x{one['p50_ratio']:<6} "
                      f"p95 {one['p95_us']:5} us x{one['p95_ratio']:<6} area {one['area']} "
                      f"(0.5 +- {one['by_chance']} by chance)")


if __name__ == "__main__":
    main()
