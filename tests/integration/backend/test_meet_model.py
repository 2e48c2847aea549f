# SPDX-License-Identifier: GPL-2.0-or-later
"""Random lives of people who were nudged, on three instances with one Redis, held to a reference; nobody but
who waved learns of a wave that was not answered (tests/model/meet_run.py).

SIGHEJ_SEED=N goes another way; `scripts/test --slow` has 50,000 of them (tests/model/run --meets 50000).
"""
import os
import secrets
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "model"))

import meet_run  # noqa: E402

SECONDS = 15
SEED = int(os.environ.get("SIGHEJ_SEED", secrets.randbelow(1 << 32)))


def test_lives_of_people_are_those_of_the_reference(capsys):
    tally = meet_run.run(SEED, seconds=SECONDS)
    with capsys.disabled():
        print("\n" + tally.text(SEED))
    assert not tally.diverged
    assert tally.runs >= 20 and tally.twins >= tally.runs / 3
