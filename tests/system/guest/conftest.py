# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests inside the virtual machine with systemd; see machine.py for what it can do."""
import os
import shutil
import subprocess
import sys
import time

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path += [os.path.join(HERE, ".."), os.path.join(HERE, "..", "..", "vm", "guest")]
from stack import in_guest  # noqa: E402
from machine import Machine, TRACE  # noqa: E402

if not in_guest():
    pytest.exit("these tests run inside the VM only: start them with tests/system/run", returncode=2)

STARTED = time.monotonic()
OUT = os.environ["VM_OUT"]


@pytest.fixture(scope="session")
def machine():
    return Machine()


@pytest.fixture(autouse=True)
def told_in_the_journal(request):
    """So that whoever reads the journal knows which test a line belongs to."""
    subprocess.run(["logger", "-t", "test", "begins: " + request.node.name], check=True)


def pytest_sessionfinish():
    """Journal and trace to the host."""
    boot = "2" if any("test_reboot" in argument for argument in sys.argv) else "1"
    with open(os.path.join(OUT, "journal-%s.txt" % boot), "w", encoding="utf-8") as f:
        subprocess.run(["journalctl", "--boot", "--no-pager", "-o", "short-monotonic"], stdout=f, check=False)
    shutil.copyfile(TRACE, os.path.join(OUT, "hci-%s.btsnoop" % boot))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    for line in Machine.figures:
        terminalreporter.write_line(line)
    terminalreporter.write_line("guest: tests took %.1f s" % (time.monotonic() - STARTED))
