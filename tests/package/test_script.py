# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/package says what it needs, before it builds anything."""
import os
import subprocess

import pytest

from debs import TOP

SECONDS = 60


def package(*options):
    """Status and what it says."""
    done = subprocess.run([os.path.join(TOP, "scripts/package"), "--no-install", *options], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False)
    return done.returncode, done.stdout + done.stderr


def test_help_names_every_option():
    status, said = package("--help")
    assert status == 0
    with open(os.path.join(TOP, "scripts/package"), encoding="utf-8") as file:
        script = file.read()
    for option in ("--host-architecture", "--check", "--source", "--no-install"):
        assert f"  {option}" in said and f"    {option})" in script
    for name in ("sighejd", "sighej", "sighej-kiosk", "sighej-backend", "gnome-shell-extension-sighej"):
        assert f"\n  {name}" in said


@pytest.mark.parametrize("options, next_step", [
    (["--wrong"], "see scripts/package --help"),
    (["one", "two"], "see scripts/package --help"),
    (["--host-architecture"], "see scripts/package --help"),
])
def test_a_wrong_option_is_told(options, next_step):
    status, said = package(*options)
    assert status == 2 and next_step in said


@pytest.mark.parametrize("architecture, next_step", [
    ("pdp11", "arm64, armhf and i386 are some"),
    ("s390x", "dpkg --add-architecture s390x"),
])
def test_an_architecture_that_cannot_be_built_for_is_told(tmp_path, architecture, next_step):
    status, said = package("--host-architecture", architecture, str(tmp_path))
    assert status == 1 and next_step in said
    assert os.listdir(tmp_path) == []
