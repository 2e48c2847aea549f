# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in each package, and nothing else. The programs of the kiosk's screen and the dashboard, and what goes
with them, come with those."""
import glob
import gzip
import os
import re

import pytest

from debs import TOP, tool

EVERYWHERE = "/usr/share/doc/{name}/changelog.gz /usr/share/doc/{name}/copyright"
CONTENTS = {
    "sighejd": """
        /etc/sighej/sighejd.conf
        /usr/bin/sighejctl
        /usr/lib/systemd/catalog/sighej.catalog
        /usr/lib/systemd/catalog/sighej.da.catalog
        /usr/lib/systemd/user-preset/80-sighej.preset
        /usr/lib/systemd/user/sighejd.service
        /usr/libexec/sighejd
        /usr/share/applications/org.sighej.desktop
        /usr/share/bash-completion/completions/sighejctl
        /usr/share/dbus-1/interfaces/org.sighej.xml
        /usr/share/dbus-1/services/org.sighej.service
        /usr/share/fish/vendor_completions.d/sighejctl.fish
        /usr/share/locale/da/LC_MESSAGES/sighej.mo
        /usr/share/man/man1/sighejctl.1.gz
        /usr/share/man/man5/org.sighej.5.gz
        /usr/share/man/man5/sighej.conf.5.gz
        /usr/share/man/man8/sighejd.8.gz
        /usr/share/sighej/sighejctl.schema.json
        /usr/share/zsh/site-functions/_sighejctl""",
    "sighej": """
        /usr/bin/sighej
        /usr/share/applications/org.sighej.SigHej.desktop
        /usr/share/dbus-1/services/org.sighej.SigHej.service
        /usr/share/glib-2.0/schemas/org.sighej.SigHej.gschema.xml
        /usr/share/icons/hicolor/scalable/apps/org.sighej.SigHej.svg
        /usr/share/icons/hicolor/symbolic/apps/org.sighej.SigHej-symbolic.svg
        /usr/share/man/man1/sighej.1.gz
        /usr/share/metainfo/org.sighej.SigHej.metainfo.xml""",
    "sighej-kiosk": """
        /etc/sighej/kiosk.conf
        /lib/systemd/system/sighejd.service
        /usr/lib/systemd/system-preset/80-sighej-kiosk.preset
        /usr/lib/sysusers.d/sighej-kiosk.conf
        /usr/lib/tmpfiles.d/sighej-kiosk.conf
        /usr/share/dbus-1/system-services/org.sighej.service
        /usr/share/dbus-1/system.d/org.sighej.conf
        /usr/share/polkit-1/actions/org.sighej.kiosk.policy""",
    "sighej-backend": """
        /etc/sighej/backend.conf
        /lib/systemd/system/sighej-backend.service
        /lib/systemd/system/sighej-backend.socket
        /lib/systemd/system/sighej-backend@.service
        /usr/bin/sighej-backend
        /usr/lib/systemd/system-preset/80-sighej-backend.preset
        /usr/lib/tmpfiles.d/sighej-backend.conf
        /usr/share/doc/sighej-backend/examples/haproxy-one.cfg
        /usr/share/doc/sighej-backend/examples/haproxy.cfg
        /usr/share/doc/sighej-backend/examples/nginx.conf
        /usr/share/man/man8/sighej-backend.8.gz
        /usr/share/sighej/migrations/postgres/0001-counters.sql
        /usr/share/sighej/migrations/postgres/0002-reports.sql
        /usr/share/sighej/migrations/sqlite/0001-counters.sql
        /usr/share/sighej/migrations/sqlite/0002-reports.sql
        /usr/share/sighej/openapi.json
        /usr/share/sighej/prometheus/sighej.rules.yml""",
    "gnome-shell-extension-sighej": """
        /usr/share/gnome-shell/extensions/sighej@sighej.org/daemon.js
        /usr/share/gnome-shell/extensions/sighej@sighej.org/extension.js
        /usr/share/gnome-shell/extensions/sighej@sighej.org/metadata.json
        /usr/share/gnome-shell/extensions/sighej@sighej.org/sighej-symbolic.svg
        /usr/share/gnome-shell/extensions/sighej@sighej.org/view.js""",
}
PROGRAMS = {
    "sighejd": ["/usr/bin/sighejctl", "/usr/libexec/sighejd"],
    "sighej": ["/usr/bin/sighej"],
    "sighej-backend": ["/usr/bin/sighej-backend"],
}
LINTIAN_IS_CONTENT = ["--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0"]


def test_these_packages_are_made(debs):
    assert set(debs.files) == set(CONTENTS) | {f"{name}-dbgsym" for name in PROGRAMS}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_package_holds_this_and_nothing_else(debs, name):
    expected = set(CONTENTS[name].split() + EVERYWHERE.format(name=name).split())
    assert set(debs.listing(name)) == expected


@pytest.mark.parametrize("name", CONTENTS)
def test_everything_is_roots_and_nobody_else_writes_it(debs, name):
    programs = PROGRAMS.get(name, [])
    for path, (mode, owner) in debs.listing(name).items():
        assert (mode, owner) == ("-rwxr-xr-x" if path in programs else "-rw-r--r--", "root/root"), path


@pytest.mark.parametrize("name", CONTENTS)
def test_settings_are_the_administrators(debs, name, tmp_path):
    """Each file below /etc is a conffile."""
    tree = debs.unpack(name, str(tmp_path / name))
    listed = set()
    if os.path.exists(tree + "/DEBIAN/conffiles"):
        with open(tree + "/DEBIAN/conffiles", encoding="utf-8") as file:
            listed = set(file.read().split())
    assert listed == {path for path in debs.listing(name) if path.startswith("/etc/")}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_debugger_finds_the_source_of_each_program(debs, name, tmp_path):
    tree = debs.unpack(name, str(tmp_path / name))
    symbols = set(debs.listing(f"{name}-dbgsym"))
    for program in PROGRAMS[name]:
        build_id = re.search(r"Build ID: (\w+)", tool("readelf", "--notes", tree + program)).group(1)
        assert f"/usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug" in symbols


def test_lintian_is_content(debs):
    said = tool("lintian", *LINTIAN_IS_CONTENT, *debs.changes)
    assert not re.search(r"(?m)^[EW]: ", said)


def test_each_override_of_lintian_says_why():
    """A comment stands before each."""
    for path in glob.glob(os.path.join(TOP, "debian/*lintian-overrides")) + \
            glob.glob(os.path.join(TOP, "debian/source/lintian-overrides")):
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        assert lines and all(before.startswith("# ") for before, line in zip(["", *lines], lines)
                             if not line.startswith("#"))


def test_the_versions_are_one(debs, tmp_path):
    with open(os.path.join(TOP, "meson.build"), encoding="utf-8") as file:
        version = re.search(r"version: '(.*)'", file.read()).group(1)
    tree = debs.unpack("sighejd", str(tmp_path / "sighejd"))
    with gzip.open(tree + "/usr/share/doc/sighejd/changelog.gz", "rt", encoding="utf-8") as file:
        assert file.readline().startswith(f"sighej ({version})")
    for name in debs.files:
        assert debs.field(name, "Version") == version
    assert version in tool(tree + "/usr/bin/sighejctl", "--version")


def test_packages_of_one_build_go_together(debs):
    version = debs.field("sighejd", "Version")
    assert f"sighejd (= {version})" in debs.field("sighej", "Depends")
    assert f"sighejd (>= {version})" in debs.field("sighej-kiosk", "Depends")
    assert "sighej" not in debs.field("sighej-backend", "Depends")      # a server has no use for the rest
    assert "gtk" not in debs.field("sighejd", "Depends")                # nor has a machine without a screen


@pytest.mark.parametrize("name, program, option", [
    ("sighejd", "/usr/libexec/sighejd", "sighejd.conf"), ("sighejd", "/usr/libexec/sighejd", "kiosk.conf"),
    ("sighej-backend", "/usr/bin/sighej-backend", "backend.conf")])
def test_what_is_commented_out_is_the_default(debs, tmp_path, name, program, option):
    """The examples in /etc/sighej: with no line of them commented out, all is as without them."""
    tree = debs.unpack(name, str(tmp_path / name))
    with open(os.path.join(TOP, "data/config", option), encoding="utf-8") as file:
        example = file.read()
    assert not re.search(r"(?m)^\w", example)
    keys = re.findall(r"(?m)^#(\w+)=", example)
    assert len(keys) >= 4
    said = []
    for text in (example, re.sub(r"(?m)^#(\w+=)", r"\1", example)):
        path = tmp_path / option
        path.write_text(text, encoding="utf-8")
        said.append(re.sub(r"(?m)\s*#.*$", "", tool(tree + program, "--check-config", f"--config={path}",
                                                    env={"HOME": str(tmp_path)})))
    assert said[0] == said[1]
    assert all(f"{key}=" in said[0] for key in keys)
