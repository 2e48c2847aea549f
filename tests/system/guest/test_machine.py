# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine before SigHej comes to it: what all the rest stands on."""
import os

from stack import wait_until


def test_systemd_runs_the_machine_and_nothing_has_failed(machine):
    assert os.path.realpath("/proc/1/exe").endswith("/systemd")
    assert machine.ask("systemctl", "is-system-running") == "running"
    assert machine.failed() == []


def test_anna_is_at_the_screen_and_bo_has_only_his_manager(machine):
    assert machine.ask("loginctl", "show-user", "anna", "--property=State", "--value") == "active"
    assert machine.ask("loginctl", "show-user", "bo", "--property=State", "--value") == "lingering"
    for name in ("anna", "bo"):
        assert machine.ask("systemctl", "--user", "is-system-running", user=name) == "running"


def test_bluetoothd_has_three_controllers(machine):
    wait_until(lambda: machine.adapters_on() == 3, what="three adapters are on")
    assert machine.is_active("bluetooth.service")
