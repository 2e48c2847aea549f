# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages, installed as an administrator does it, and what runs afterwards without anything more."""
import glob
import os
import pwd
import stat

import canaries
from stack import call_bus, has_owner, wait_until

PACKAGES = "/srv/packages"
WANTED = ("sighejd", "sighej-kiosk", "sighej-backend")
CREDENTIALS = "/etc/sighej/credentials"
KIOSK_CONFIG = "[Bluetooth]\nAdapter=hci2\n[Log]\nLevel=debug\n"
BACKEND_CONFIG = "[Log]\nLevel=debug\n[Server]\nWorkers=2\n"
PERSON_CONFIG = """\
[Bluetooth]
Adapter=%s
[Backend]
Uri=http://127.0.0.1:8080
[Proximity]
DwellSeconds=2
[Log]
Level=debug
"""


def write(path, text, owner=None):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    if owner:
        for one in (path, os.path.dirname(path), os.path.dirname(os.path.dirname(path))):
            os.chown(one, *pwd.getpwnam(owner)[2:4])


def test_dpkg_installs_them(machine):
    debs = [deb for name in WANTED for deb in glob.glob("%s/%s_*.deb" % (PACKAGES, name))]
    assert len(debs) == len(WANTED)
    machine.run("dpkg", "-i", *debs)
    for name in WANTED:
        assert machine.ask("dpkg-query", "-W", "-f", "${db:Status-Abbrev}", name) == "ii"


def test_what_the_presets_say_is_so(machine):
    assert machine.ask("systemctl", "is-enabled", "sighejd.service") == "enabled"
    assert machine.ask("systemctl", "is-enabled", "sighej-backend.socket") == "enabled"
    assert machine.is_active("sighej-backend.socket")
    assert not machine.is_active("sighej-backend.service")          # nobody has called yet
    for name in ("anna", "bo"):
        assert machine.run("systemctl", "--user", "is-enabled", "sighejd.service", user=name, check=False).stdout == "disabled\n"


def test_the_kiosk_runs_as_a_user_of_its_own_who_owns_the_name(machine):
    machine.wait_active("sighejd.service")
    wait_until(lambda: has_owner(machine.bus, "org.sighej"), what="the kiosk's name")
    uid, = call_bus(machine.bus, "GetConnectionUnixUser", "org.sighej")
    assert uid == pwd.getpwnam("sighej").pw_uid


def test_secrets_are_in_files_of_root_alone(machine):
    folder = os.stat(CREDENTIALS)
    assert (folder.st_uid, stat.S_IMODE(folder.st_mode)) == (0, 0o700)
    for name, text in canaries.CREDENTIALS.items():
        write(os.path.join(CREDENTIALS, name), text + "\n")
        os.chmod(os.path.join(CREDENTIALS, name), 0o600)


def test_everybody_is_configured(machine):
    write("/etc/sighej/kiosk.conf.d/test.conf", KIOSK_CONFIG)
    write("/etc/sighej/backend.conf.d/test.conf", BACKEND_CONFIG)
    for number, name in enumerate(("anna", "bo")):
        write("/home/%s/.config/sighej/sighejd.conf" % name, PERSON_CONFIG % ("hci%d" % number), name)
    machine.run("systemctl", "restart", "sighejd.service")
    machine.wait_active("sighejd.service")


def test_the_first_who_calls_starts_the_backend(machine):
    wait_until(machine.is_served, 30, "the backend serves")
    machine.wait_active("sighej-backend.service")       # its workers answer before the manager has heard of it
    assert machine.unit("sighej-backend.service", "DynamicUser") == {"DynamicUser": "yes"}
    pid = machine.main_pid("sighej-backend.service")
    status = dict(line.split(":\t", 1) for line in open("/proc/%d/status" % pid, encoding="utf-8").read().splitlines() if ":\t" in line)
    assert (status["CapEff"], status["NoNewPrivs"], status["Seccomp"]) == ("0" * 16, "1", "2")
    assert status["Uid"].split()[0] != "0"
    assert machine.failed() == []
