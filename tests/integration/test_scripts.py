# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/demo and scripts/test as somebody with a fresh checkout meets them.

They run in a copy of scripts/ whose _build is the tested one; packages, ninja and the package
manager are what a test puts on PATH.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from sighejrun import Process, Run

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT_SECONDS = 120
KEYS = {"radio", "nudges", "shared_interests", "open_to_first_sighting_ms",
        "second_sighting_to_nudge_ms", "cue", "trust", "second_wave_to_meet_ms", "messages",
        "message_to_other_desktop_ms", "met", "met_to_wiped_ms"}

INSTALLED = "#!/bin/sh\necho installed\n"
MISSING = '#!/bin/sh\nfor last; do :; done\n[ "$last" = meson ] || echo installed\n'
NOTHING_TO_DO = "#!/bin/sh\necho 'ninja: no work to do.'\n"
NO_NETWORK = "#!/bin/sh\necho \"E: Failed to fetch http://archive.invalid/debian\" >&2\nexit 100\n"
BREAKS = """#!/bin/sh
for last; do :; done
[ "$last" = -n ] && exit 0
echo '[1/4] Compiling C object a.o'
echo '[2/4] Compiling C object b.o'
echo 'b.c:1:1: error: expected identifier'
exit 1
"""
INSTALLS = """#!/bin/sh
for n in $(seq 60); do echo "Setting up package-$n (1.0) ..."; done
"""
MUST_NOT_RUN = "#!/bin/sh\ntouch \"$0.ran\"\nexit 1\n"


class Checkout:
    def __init__(self, folder, build):
        self.folder, self.bin = str(folder / "tree"), str(folder / "bin")
        shutil.copytree(os.path.join(TOP, "scripts"), os.path.join(self.folder, "scripts"),
                        ignore=shutil.ignore_patterns("__pycache__"))
        os.symlink(build, os.path.join(self.folder, "_build"))
        os.mkdir(self.bin)
        self.env = {**os.environ, "PATH": self.bin + ":" + os.environ["PATH"]}
        self.put("dpkg-query", INSTALLED)
        self.put("ninja", NOTHING_TO_DO)
        for name in ("apt-get", "meson", "sudo"):
            self.put(name, MUST_NOT_RUN)

    def put(self, name, text):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def has_run(self, name):
        return os.path.exists(os.path.join(self.bin, name + ".ran"))

    def run(self, script, *options):
        return subprocess.run([os.path.join(self.folder, "scripts", script), *options], text=True,
                              env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=SCRIPT_SECONDS, check=False)


@pytest.fixture
def checkout(tmp_path, build):
    return Checkout(tmp_path, build)


def assert_one_sentence(result, script, status, pattern):
    """All that was said is this one line."""
    assert result.returncode == status, result.stderr
    assert re.fullmatch(f"{script}: .*{pattern}.*\n", result.stderr), result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("script, words", [
    ("demo", ["--gtk", "--keep", "--bluez", "--vm", "--json", "--listen=", "--no-install"]),
    ("test", ["checks", "unit", "conformance", "integration", "sanitizers", "vm", "--no-install"]),
])
def test_help_tells_everything_and_does_nothing(checkout, script, words):
    for option in ("--help", "-h"):
        result = checkout.run(script, option)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.startswith(f"usage: scripts/{script}")
        assert [word for word in words if word not in result.stdout] == []
    assert not checkout.has_run("apt-get")


@pytest.mark.parametrize("script, options, pattern", [
    ("demo", ["--fast"], "unknown option --fast; see scripts/demo --help"),
    ("demo", ["--json", "extra"], "unknown option extra"),
    ("demo", ["--vm", "--keep"], "--keep does not go with --vm"),
    ("demo", ["--vm", "--gtk"], "--gtk does not go with --vm"),
    ("demo", ["--gtk", "--json"], "--gtk does not go with --json"),
    ("demo", ["--keep", "--gtk"], "--gtk does not go with --keep"),
    ("demo", ["--listen=127.0.0.1:0", "--vm"], "--listen does not go with --vm"),
    ("demo", ["--vm", "--bluez"], "exclude each other"),
    ("test", ["--fast"], "unknown option --fast; see scripts/test --help"),
    ("test", ["units"], "no suite units; there are: checks unit"),
])
def test_a_wrong_option_is_one_sentence(checkout, script, options, pattern):
    assert_one_sentence(checkout.run(script, *options), script, 2, pattern)
    assert not checkout.has_run("meson")


@pytest.mark.parametrize("script", ["demo", "test"])
def test_a_missing_package_is_one_sentence_without_installing(checkout, script):
    checkout.put("dpkg-query", MISSING)
    assert_one_sentence(checkout.run(script, "--no-install"), script, 1,
                        "Debian packages are missing: meson; install them")
    assert not checkout.has_run("apt-get")


@pytest.mark.parametrize("script", ["demo", "test"])
def test_no_network_is_one_sentence(checkout, script):
    checkout.put("dpkg-query", MISSING)
    checkout.put("apt-get", NO_NETWORK)
    checkout.put("sudo", '#!/bin/sh\nexec "$@"\n')
    result = checkout.run(script)
    assert result.returncode == 1
    said = result.stderr.splitlines()
    assert re.fullmatch(r"\[ *\d+ s\] installing 1 Debian packages: meson", said[0])
    assert said[-1] == (f"{script}: cannot reach the Debian archive; connect to the network, "
                        "or install by hand: meson")
    assert not checkout.has_run("meson")


def test_progress_is_told_while_it_installs_and_builds(checkout):
    checkout.put("dpkg-query", MISSING)
    checkout.put("apt-get", INSTALLS)
    checkout.put("sudo", '#!/bin/sh\nexec "$@"\n')
    checkout.put("ninja", BREAKS)
    result = checkout.run("demo")
    assert result.returncode == 1
    said = [re.sub(r"^\[ *\d+ s\] ", "", line) for line in result.stderr.splitlines()]
    assert said == ["installing 1 Debian packages: meson", "  25 packages", "  50 packages",
                    "building _build", "  20 %", "  50 %",
                    "b.c:1:1: error: expected identifier", "demo: the build in _build failed"]


@pytest.mark.skipif(os.path.isdir("/sys/class/bluetooth") and os.listdir("/sys/class/bluetooth"),
                    reason="this machine has a Bluetooth adapter")
def test_no_adapter_is_one_sentence(checkout):
    assert_one_sentence(checkout.run("demo", "--bluez"), "demo", 1,
                        "this machine has no Bluetooth adapter; scripts/demo without --bluez")


def test_no_display_is_one_sentence(checkout):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        checkout.env.pop(name, None)
    assert_one_sentence(checkout.run("demo", "--gtk"), "demo", 1,
                        "there is no display here; run it in a desktop session, or scripts/demo without --gtk")


def test_an_occupied_port_is_one_sentence(checkout):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_one_sentence(checkout.run("demo", f"--listen=127.0.0.1:{port}"), "demo", 1,
                            f"127.0.0.1:{port} is in use by another program")


def test_an_impossible_address_is_one_sentence(checkout):
    assert_one_sentence(checkout.run("demo", "--listen=nonsense"), "demo", 1,
                        "'nonsense' is no address to listen on")


def test_the_demo_ends_when_both_have_met(checkout):
    result = checkout.run("demo", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    *steps, last = result.stdout.splitlines()
    told = json.loads(last)
    assert KEYS <= set(told)
    assert (told["radio"], told["nudges"]) == ("sim", 2)
    assert told["shared_interests"] == ["devops", "hardstyle", "board games"]
    assert 0 < told["open_to_first_sighting_ms"] < 60000
    assert 0 < told["second_sighting_to_nudge_ms"] < 60000
    assert all(re.match(r" *\d+\.\d{3} s  \S", step) for step in steps)
    assert "bo: Someone nearby shares your interest in Hardstyle, brætspil and DevOps." \
        in result.stdout
    assert "(normally 20 s)" in result.stdout           # the shortened dwell time is said
    assert (told["trust"], told["messages"], told["met"]) == ("verified", 2, 2)
    for name in ("second_wave_to_meet_ms", "message_to_other_desktop_ms", "met_to_wiped_ms"):
        assert 0 < told[name] < 60000
    assert re.search(r"anna: waves; bo's nudge still says \"new\"$", result.stdout, re.M)
    for name in ("anna", "bo"):
        assert f"{name}: look for \"{told['cue']}\"; " in result.stdout
    assert "both: met; nudge, meet and talk are wiped" in steps[-5]
    assert not checkout.has_run("meson")


def test_a_kept_demo_can_be_talked_to_until_it_is_interrupted(checkout):
    demo = Process("demo", [os.path.join(checkout.folder, "scripts/demo"), "--keep"],
                   env=checkout.env)
    try:
        Run.until(lambda: demo.find("Ctrl.C ends it"), "the demo is left running")
        address = demo.find(r"as bo: .*export DBUS_SESSION_BUS_ADDRESS='(.*)'").group(1)
        state = subprocess.run(["busctl", "--user", "get-property", "org.sighej", "/org/sighej",
                                "org.sighej.Manager1", "State"], capture_output=True, text=True,
                               env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": address}, check=True)
        assert state.stdout == 's "open"\n'
        demo.kill(signal.SIGINT)
        assert demo.wait() == 0
        assert demo.find("bo: closed, off the air, session deleted")
        assert not demo.find("anna: waves")             # that is for who keeps it
        assert demo.find("Go on:")
    finally:
        demo.kill()
        demo.wait()
