# SPDX-License-Identifier: GPL-2.0-or-later
"""Install, upgrade, remove, purge, as dpkg does it in a root where systemd does not run."""
import os
import shutil
import subprocess

import pytest

from debs import make_empty, make_older
from test_contents import CONTENTS

OLDER = "0.0.9"
SHELL_VERSION = "43.9"
SECRET = "pl4nted-secret-0123456789abcdef\n"
STATE = "pl4nted state\n"
CREDENTIAL = "/etc/sighej/credentials/interest-key"
BACKEND_STATE = "/var/lib/private/sighej-backend/ledger.sqlite"
KIOSK_STATE = "/var/lib/sighej/choices"
DROP_INS = {"/etc/sighej/backend.conf.d/venue.conf": "[Server]\nMinimumAge=16\n",
            "/etc/sighej/kiosk.conf.d/venue.conf": "[Log]\nLevel=debug\n",
            "/etc/sighej/sighejd.conf.d/venue.conf": "[Log]\nLevel=debug\n"}
SOCKET_LINK = "/etc/systemd/system/sockets.target.wants/sighej-backend.socket"
KIOSK_LINK = "/etc/systemd/system/multi-user.target.wants/sighejd.service"
# Where the version before had something that is elsewhere now.
OLD_DOCUMENT = "/usr/share/sighej-backend/openapi.json"
OLD_PICTURE = "/usr/share/pixmaps/sighej.svg"


@pytest.fixture(scope="session")
def all_files(debs, tmp_path_factory):
    """All packages, and an empty GNOME Shell where there is none."""
    files = [debs[name] for name in CONTENTS]
    if subprocess.run(["dpkg-query", "-W", "gnome-shell"], capture_output=True, check=False).returncode != 0:
        files.append(make_empty(str(tmp_path_factory.mktemp("shell")), "gnome-shell", SHELL_VERSION))
    return files


@pytest.fixture(scope="session")
def older_files(debs, tmp_path_factory):
    """As the version before might have been: this build with a lower version, another text in every file below
    /etc, and two files elsewhere."""
    folder = str(tmp_path_factory.mktemp("older"))

    def edit(tree):
        configuration = os.path.join(tree, "etc/sighej")
        for name in os.listdir(configuration) if os.path.isdir(configuration) else []:
            with open(os.path.join(configuration, name), "a", encoding="utf-8") as file:
                file.write("# As it was before.\n")
        for old, new in ((OLD_DOCUMENT, "usr/share/sighej/openapi.json"),
                         (OLD_PICTURE, "usr/share/icons/hicolor/scalable/apps/org.sighej.SigHej.svg")):
            if os.path.exists(os.path.join(tree, new)):
                os.makedirs(os.path.dirname(tree + old))
                shutil.move(os.path.join(tree, new), tree + old)

    return [make_older(debs, name, folder, OLDER, edit) for name in CONTENTS]


@pytest.fixture(scope="module")
def installed(roots, all_files):
    """A root with all packages, for those who only look."""
    with roots() as made:
        made.install(*all_files)
        yield made


def settle_in(root):
    """What the services and an administrator write."""
    root.write(CREDENTIAL, SECRET, mode=0o600)
    root.write(BACKEND_STATE, STATE, mode=0o600)
    os.symlink("private/sighej-backend", root.path("/var/lib/sighej-backend"))
    root.write(KIOSK_STATE, STATE, mode=0o600)
    root.run("chown", "-R", "sighej:", "/var/lib/sighej")
    for path, text in DROP_INS.items():
        root.write(path, text)


def assert_settled(root):
    """All of that is there, and nobody else can read what nobody else could."""
    assert root.run("stat", "-c", "%a %U", CREDENTIAL, os.path.dirname(CREDENTIAL), BACKEND_STATE,
                    KIOSK_STATE).splitlines() == ["600 root", "700 root", "600 root", "600 sighej"]
    assert root.read(CREDENTIAL) == SECRET
    assert root.read(BACKEND_STATE) == root.read(KIOSK_STATE) == STATE
    for path, text in DROP_INS.items():
        assert root.read(path) == text


def assert_nothing_left(root):
    """The root is as it was before anything was installed."""
    assert [line for line in root.changes() if "gnome-shell" not in line] == []
    assert root.fails("getent", "passwd", "sighej") and root.fails("getent", "group", "sighej")


def test_installed_programs_run(installed):
    version = installed.run("sighejctl", "--version")
    assert version.split()[-1] in installed.run("/usr/libexec/sighejd", "--version")
    assert version.split()[-1] in installed.run("sighej-backend", "--version")
    assert "Usage" in installed.run("sighej", "--help")
    installed.run("/usr/libexec/sighejd", "--check-config")
    installed.run("sighej-backend", "--check-config")
    assert installed.run("dpkg", "--verify", *CONTENTS) == ""


def test_what_starts_by_itself(installed):
    """The kiosk and the backend's socket do; nobody's own daemon does."""
    assert installed.run("readlink", SOCKET_LINK, KIOSK_LINK).splitlines() == [
        "/lib/systemd/system/sighej-backend.socket", "/lib/systemd/system/sighejd.service"]
    links = [line for line in installed.changes() if "sighej" in line and line.startswith("+/etc/systemd")]
    assert sorted(links) == ["+" + KIOSK_LINK, "+" + SOCKET_LINK]
    # A machine that is set to what the presets say starts the same.
    installed.run("systemctl", "preset", "sighejd.service", "sighej-backend.socket", "sighej-backend.service")
    assert installed.is_there(SOCKET_LINK) and installed.is_there(KIOSK_LINK)


def test_the_kiosk_has_a_user_and_nobody_logs_in_as_it(installed):
    _, _, uid, _, _, home, shell = installed.run("getent", "passwd", "sighej").strip().split(":")
    assert int(uid) < 1000 and home == "/var/lib/sighej" and shell.endswith("nologin")
    assert installed.run("stat", "-c", "%a %U:%G", "/etc/sighej/credentials") == "700 root:root\n"


def test_removing_keeps_what_is_not_the_packages_own_and_purging_nothing(root, all_files):
    root.install(*all_files)
    settle_in(root)
    root.dpkg("--remove", *CONTENTS)
    assert_settled(root)
    left = {path for name in CONTENTS for path in CONTENTS[name].split() if root.is_there(path)}
    assert left == {"/etc/sighej/backend.conf", "/etc/sighej/kiosk.conf", "/etc/sighej/sighejd.conf"}
    # Whoever installs it again finds it as it was.
    root.install(*all_files)
    assert_settled(root)
    assert root.is_there(SOCKET_LINK) and root.is_there(KIOSK_LINK)
    root.dpkg("--remove", *CONTENTS)
    root.dpkg("--purge", *CONTENTS)
    assert_nothing_left(root)


def test_purging_one_leaves_the_others(root, all_files):
    root.install(*all_files)
    settle_in(root)
    root.dpkg("--purge", "sighej-backend")
    for gone in (os.path.dirname(CREDENTIAL), BACKEND_STATE, "/var/lib/sighej-backend", "/etc/sighej/backend.conf",
                 "/etc/sighej/backend.conf.d", SOCKET_LINK):
        assert not root.is_there(gone), gone
    for kept in (KIOSK_STATE, KIOSK_LINK, "/etc/sighej/kiosk.conf", "/etc/sighej/kiosk.conf.d/venue.conf",
                 "/etc/sighej/sighejd.conf.d/venue.conf"):
        assert root.is_there(kept), kept
    root.dpkg("--purge", "sighej-kiosk")
    assert not root.is_there(KIOSK_STATE) and not root.is_there(KIOSK_LINK)
    assert root.run("sighejctl", "--version")


def test_one_alone_is_enough_where_it_needs_no_other(root, debs):
    """A server without the rest, a laptop without the window; and no window without its daemon."""
    for name in ("sighej-backend", "sighejd"):
        root.install(debs[name])
        assert root.run("dpkg", "--verify", name) == ""
        root.dpkg("--purge", name)
        assert_nothing_left(root)
    for name in ("sighej", "sighej-kiosk"):
        shutil.copy(debs[name], root.path("/tmp"))
        said = root.run("sh", "-c", f"dpkg --install /tmp/{name}_*.deb", ok=False)
        assert f"{name} depends on sighejd" in said


def test_upgrading_takes_what_is_new_and_keeps_what_is_theirs(root, all_files, older_files):
    stand_ins = [file for file in all_files if "gnome-shell_" in file]
    root.install(*older_files, *stand_ins)
    settle_in(root)
    assert root.is_there(OLD_DOCUMENT) and root.is_there(OLD_PICTURE)
    edited = root.read("/etc/sighej/backend.conf") + "\n[Server]\nMinimumAge=16\n"
    root.write("/etc/sighej/backend.conf", edited)
    root.run("systemctl", "disable", "sighej-backend.socket")
    assert not root.is_there(SOCKET_LINK)

    root.install(*all_files)

    assert_settled(root)
    # Nobody had touched these; the other one was, and the new text lies beside it.
    assert "As it was before" not in root.read("/etc/sighej/kiosk.conf") + root.read("/etc/sighej/sighejd.conf")
    assert root.read("/etc/sighej/backend.conf") == edited
    assert "As it was before" not in root.read("/etc/sighej/backend.conf.dpkg-dist")
    assert not root.is_there(os.path.dirname(OLD_DOCUMENT)) and not root.is_there(OLD_PICTURE)
    # Who was told not to start by itself still does not.
    assert not root.is_there(SOCKET_LINK) and root.is_there(KIOSK_LINK)
    said = root.run("dpkg", "--verify", *CONTENTS, ok=False).split()
    assert said == ["??5??????", "c", "/etc/sighej/backend.conf"]

    root.dpkg("--purge", *CONTENTS)
    assert_nothing_left(root)
