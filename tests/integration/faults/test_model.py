# SPDX-License-Identifier: GPL-2.0-or-later
"""N-1, N-2, N-6: a short run of the model checker (tests/model/run --full is the long one)."""
import secrets

import model
from backendlib import sanitized
from faultlib import SLOW


def check(report, capsys):
    with capsys.disabled():
        print("\n" + report.text())
    assert report.good, report.text()
    assert report.n_delivered == report.n_expected


def test_N_1_N_2_N_6_sockets_cut_and_restarts_that_lose_the_store(capsys):
    """Sessions in memory: a restart loses all, and nobody is shown anything twice."""
    check(model.run(200 if sanitized() else 500, 50 if SLOW else 8, secrets.randbelow(1 << 32),
                    n_instances=1, with_redis=False), capsys)


def test_N_1_N_2_N_6_three_instances_on_one_redis(capsys):
    """Servers, workers, Redis links and sockets are killed; no session is lost, and no nudge."""
    few = sanitized()
    report = model.run(500 if few else 2000, 10 if few else 20, secrets.randbelow(1 << 32))
    check(report, capsys)
    assert sum(report.kills.values()) == (10 if few else 20)
