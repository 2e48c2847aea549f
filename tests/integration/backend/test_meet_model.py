# SPDX-License-Identifier: GPL-2.0-or-later
"""Random lives of people who were nudged, on three instances with one Redis, held to a reference; nobody but
who waved learns of a wave that was not answered (tests/model/meet_run.py).

SIGHEJ_SLOW=1 goes on for 20 minutes, SIGHEJ_SEED=N goes another way.
"""
import os
import secrets
import sys

from timeshift import build_library

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "model"))

import meet_run  # noqa: E402

SLOW = os.environ.get("SIGHEJ_SLOW") == "1"
SECONDS = 1200 if SLOW else 15
SEED = int(os.environ.get("SIGHEJ_SEED", secrets.randbelow(1 << 32)))


def test_lives_of_people_are_those_of_the_reference(capsys):
    tally = meet_run.run(SECONDS, SEED, build_library())
    with capsys.disabled():
        print("\n" + tally.text(SEED))
    assert tally.runs >= 20 and tally.twins >= tally.runs / 3
