# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests of the Debian packages, which scripts/package builds once for all of them, or which are
in the folder $SIGHEJ_PACKAGES."""
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

from debs import TOP, Debs  # noqa: E402
from root import Root  # noqa: E402

BUILD_SECONDS = 900


@pytest.fixture(scope="session")
def debs(tmp_path_factory):
    """All packages."""
    folder = os.environ.get("SIGHEJ_PACKAGES")
    if not folder:
        folder = str(tmp_path_factory.mktemp("packages"))
        done = subprocess.run([os.path.join(TOP, "scripts/package"), "--no-install", folder], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS, check=False)
        assert done.returncode == 0, done.stderr
        assert f"apt-get install {folder}/sighej" in done.stderr
    return Debs(folder)


@pytest.fixture(scope="session")
def roots():
    """Makes a root to install into, for `with`."""
    if not Root.can_be():
        pytest.skip("a root of its own takes root's rights and overlays")
    return Root


@pytest.fixture
def root(roots):
    """One for this test."""
    with roots() as made:
        yield made
