# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/install.md, as anna follows it: every command of it, word for word, and what it promises.

The machine has no network, so what a command fetches is served from this machine:
- git finds https://sighej.org/sighej.git in a repository made here. It has one file of the checkout,
  scripts/package, and that is a stand-in: it hands out the packages that were made before the machine
  was started. scripts/package itself is run by tests/package.
- apt knows of no archive. What a guide installs from it is on the machine, and what SigHej's packages
  only recommend is left out.
- Whom apt tells behind each installation (PackageKit) is left out, and its care for a power cut.
- sighej.example is this machine, by /etc/hosts, and its certificate is trusted because the test says so.
The window has a screen without a monitor (Xvfb).
"""
import os
import pwd
import shutil
import subprocess
import sys

import pytest

from stack import wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(TOP, "tests", "lib"))

from guide import read_guide  # noqa: E402

ANNA, HOME = "anna", "/home/anna"
COMMAND_SECONDS = 150           # a package manager, on an emulated processor
WINDOW_SECONDS = 90
DISPLAY = ":7"
PACKAGES = "/srv/packages"
SITE = "/srv/sighej"
NAME = "sighej.example"
PACKAGE_SCRIPT = f"""#!/bin/sh
# Hands out the packages that were made before.
set -e
cd "$(dirname "$0")/.."
mkdir -p _packages
cp {PACKAGES}/*.deb _packages/
"""
APT = """DPkg::Options { "--force-unsafe-io"; };
#clear DPkg::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""
GUIDE = read_guide(os.path.join(TOP, "docs", "install.md"))


class Follower:
    """Anna, who types what a guide says."""

    def __init__(self, machine):
        self.machine = machine
        self.done = []

    def environment(self):
        uid = pwd.getpwnam(ANNA).pw_uid
        return {"HOME": HOME, "USER": ANNA, "LOGNAME": ANNA, "LANG": "C.UTF-8", "TERM": "dumb",
                "PATH": "/usr/local/bin:/usr/bin:/bin", "XDG_RUNTIME_DIR": f"/run/user/{uid}",
                "DBUS_SESSION_BUS_ADDRESS": f"unix:path=/run/user/{uid}/bus", "DISPLAY": DISPLAY,
                "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "SYSTEMD_PAGER": "", "GTK_A11Y": "none"}

    def argv(self, line):
        return ["runuser", "-u", ANNA, "--", "env", "-i", *(f"{k}={v}" for k, v in self.environment().items()),
                "bash", "-c", line]

    def type(self, command):
        """It ends with 0 and answers as the guide says."""
        result = subprocess.run(self.argv(command.line), cwd=HOME, text=True, capture_output=True,
                                stdin=subprocess.DEVNULL, timeout=COMMAND_SECONDS, check=False)
        said = f"$ {command.line}\n{result.stdout}{result.stderr}"
        assert result.returncode == 0, f"{said}\nended with {result.returncode}"
        assert command.is_answered_by(result.stdout), f"{said}\nis not what the guide promises: {command.answer}"
        self.done.append(command.line)
        return result.stdout

    def begin(self):
        """At a machine where nobody has followed a guide."""
        shutil.rmtree(HOME + "/sighej", ignore_errors=True)

    def follow(self, heading, number=0, but=()):
        for command in GUIDE[heading][number]:
            if command.line not in but:
                self.type(command)

    def start(self, line):
        """What does not end by itself."""
        return subprocess.Popen(self.argv(line), cwd=HOME, stdin=subprocess.DEVNULL)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def run(*argv, cwd="/"):
    return subprocess.run(argv, cwd=cwd, check=True, text=True, capture_output=True, timeout=COMMAND_SECONDS).stdout


@pytest.fixture(scope="module")
def anna(machine):
    return Follower(machine)


@pytest.fixture(scope="module", autouse=True)
def network(tmp_path_factory):
    """What stands in for it; see above."""
    run("mount", "-t", "tmpfs", "tmpfs", "/var/lib/apt/lists")
    write("/etc/apt/apt.conf.d/zz-test", APT)
    write("/etc/sudoers.d/anna", "anna ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    site = os.path.join(SITE, "sighej.git")
    write(os.path.join(site, "scripts", "package"), PACKAGE_SCRIPT, 0o755)
    run("chown", "-R", f"{ANNA}:{ANNA}", SITE)
    for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "scripts"],
                      ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "first"]):
        run("runuser", "-u", ANNA, "--", "git", *arguments, cwd=site)
    write("/etc/gitconfig", f'[url "file://{SITE}/"]\n\tinsteadOf = https://sighej.org/\n')
    with open("/etc/hosts", "a", encoding="utf-8") as file:
        file.write(f"127.0.0.1 {NAME}\n")
    yield
    run("umount", "/var/lib/apt/lists")


@pytest.fixture(scope="module")
def certificate():
    """One for the name, in anna's home, that this machine trusts."""
    folder = "/run/test-certificate"
    os.makedirs(folder, exist_ok=True)
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", "key.pem", "-out", "chain.pem",
        cwd=folder)
    with open(folder + "/chain.pem", encoding="utf-8") as file:
        chain = file.read()
    with open(folder + "/key.pem", encoding="utf-8") as file:
        write(HOME + "/sighej.pem", chain + file.read())
    with open("/etc/ssl/certs/ca-certificates.crt", "a", encoding="utf-8") as file:
        file.write(chain)


@pytest.fixture
def screen():
    process = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "800x700x24", "-nolisten", "tcp"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: os.path.exists("/tmp/.X11-unix/X" + DISPLAY[1:]), what="the screen is there")
    yield
    process.terminate()
    process.wait(10)


def names_on_the_bus(machine):
    return machine.ask("busctl", "--user", "list", "--acquired", "--no-legend", user=ANNA)


def has_name(machine, name):
    return any(line.split()[0] == name for line in names_on_the_bus(machine).splitlines())


def test_a_server(machine, anna):
    anna.begin()
    anna.follow("A server")
    assert machine.is_active("sighej-backend.socket")


def test_tls(machine, anna, certificate):
    heading = "TLS, for everybody else"
    anna.follow(heading)
    write("/etc/sighej/backend.conf", "[Server]\nTrustedProxies=127.0.0.1\n")
    anna.follow(heading, 1)
    assert "TrustedProxies=127.0.0.1 " in machine.ask("sighej-backend", "--check-config")


def test_a_laptop(machine, anna, screen):
    anna.begin()
    anna.follow("A laptop", but=["sighej"])
    window = anna.start("sighej")
    try:
        wait_until(lambda: has_name(machine, "org.sighej.SigHej") and has_name(machine, "org.sighej"),
                   WINDOW_SECONDS, "the window and its service are there")
        assert window.poll() is None
    finally:
        window.terminate()
        window.wait(10)
    machine.wait_active("sighejd.service", user=ANNA)


def test_without_the_window(machine, anna):
    block = GUIDE["Without the window"][0]
    for command in block[:-1]:
        anna.type(command)
    machine.wait_on_air(0, bool)
    anna.type(block[-1])
    machine.wait_silent(0)


def test_a_kiosk(machine, anna):
    anna.begin()
    anna.follow("A Raspberry Pi as a kiosk")
    machine.wait_active("sighejd.service")
    machine.wait_on_air(0, bool)


def test_when_it_does_not_work(anna):
    for number in range(len(GUIDE["When it does not work"])):
        anna.follow("When it does not work", number)


def test_upgrade(machine, anna):
    before = machine.main_pid("sighej-backend.service")
    anna.follow("Upgrade")
    assert machine.main_pid("sighej-backend.service") == before     # it is not of those that were named
    machine.wait_active("sighejd.service", user=ANNA)


def test_remove(machine, anna):
    for number in range(len(GUIDE["Remove"])):
        anna.follow("Remove", number)
    known = machine.run("dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\\n", "sighej*", check=False)
    assert [line for line in known.stdout.splitlines() if not line.endswith(" not-installed")] == []
    for left in ("/usr/bin/sighejctl", "/usr/bin/sighej-backend", "/usr/libexec/sighejd", "/etc/sighej",
                 "/var/lib/sighej", "/var/lib/private/sighej-backend"):
        assert not os.path.exists(left), left
    assert machine.failed() == []


def test_every_command_was_typed(anna):
    """But the window, which was started otherwise."""
    lines = {command.line for blocks in GUIDE.values() for block in blocks for command in block}
    assert lines - set(anna.done) == {"sighej"}
