# SPDX-License-Identifier: GPL-2.0-or-later
"""The script every radio must pass (tests/conformance/test-radio.c), on the real stack."""
import os
import pwd
import re
import subprocess

from stack import program

LIMIT_S = 180


def test_the_bluez_radio_conforms(stack):
    nobody = pwd.getpwnam("nobody")
    result = subprocess.run(
        [program("tests/conformance/test-radio"), "-p", "/radio/bluez"], check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=LIMIT_S, user="nobody", group=nobody.pw_gid, extra_groups=[],
        env=dict(os.environ, SIGHEJ_TEST_ADAPTERS="hci0,hci1", G_DEBUG="fatal-criticals",
                 TMPDIR="/tmp"))
    passed = re.findall(r"^ok \d+ /radio/bluez/", result.stdout, re.MULTILINE)
    assert result.returncode == 0, result.stdout[-6000:]
    assert len(passed) >= 15
    assert "# SKIP" not in result.stdout
