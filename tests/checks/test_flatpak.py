# SPDX-License-Identifier: GPL-2.0-or-later
"""The Flatpak of the client: what it may do, that flatpak-builder takes it, and what comes into it.

It is not built here: the runtime is fetched from a server. What it would build is: configured, and
with SIGHEJ_SLOW=1 compiled, without what the runtime does not have.
"""
import json
import os
import re
import subprocess

import jsonschema
import pytest
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
NAME = "org.sighej.SigHej"
MANIFEST = os.path.join(TOP, "flatpak", NAME + ".yml")
TOOL_SECONDS = 120
BUILD_SECONDS = 600
# What the runtime does not have, or has for others than the client.
WITHOUT = ("libsodium", "libsoup-3.0", "hiredis", "libpq", "sqlite3", "libsystemd", "systemd", "bluez")
PKG_CONFIG = """#!/bin/sh
for word in "$@"; do
  case " {without} " in *" $word "*) exit 1 ;; esac
done
exec pkg-config "$@"
"""
# Flatpak hands to the desktop only what bears the program's name.
CONTENTS = {
    "bin/sighej", "share/locale/da/LC_MESSAGES/sighej.mo",
    f"share/applications/{NAME}.desktop", f"share/metainfo/{NAME}.metainfo.xml",
    f"share/dbus-1/services/{NAME}.service", f"share/glib-2.0/schemas/{NAME}.gschema.xml",
    f"share/icons/hicolor/scalable/apps/{NAME}.svg",
    f"share/icons/hicolor/symbolic/apps/{NAME}-symbolic.svg",
}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@pytest.fixture(scope="module")
def manifest():
    return yaml.safe_load(read(MANIFEST))


@pytest.fixture(scope="module")
def schema():
    return json.loads(read(os.path.join(HERE, "flatpak-manifest.schema.json")))


@pytest.fixture(scope="module")
def configured(manifest, tmp_path_factory):
    """A build folder as flatpak-builder configures it, on a machine that lacks what the runtime lacks."""
    folder = tmp_path_factory.mktemp("flatpak")
    tool = folder / "pkg-config"
    tool.write_text(PKG_CONFIG.format(without=" ".join(WITHOUT)))
    tool.chmod(0o755)
    done = subprocess.run(
        ["meson", "setup", "--prefix=/app", "--libdir=lib", *manifest["modules"][0]["config-opts"],
         folder / "build", TOP], env={**os.environ, "PKG_CONFIG": str(tool)},
        capture_output=True, text=True, timeout=TOOL_SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return str(folder / "build")


def introspect(folder, what):
    return json.loads(read(os.path.join(folder, "meson-info", f"intro-{what}.json")))


def test_the_manifest_is_by_the_schema(manifest, schema):
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(manifest)
    assert manifest["app-id"] == NAME


@pytest.mark.parametrize("permission", [
    "--share=network", "--device=dri", "--device=all", "--filesystem=home", "--socket=session-bus",
    "--socket=system-bus", "--socket=x11", "--talk-name=org.freedesktop.systemd1", "--talk-name=org.sighej.*",
    "--system-talk-name=org.bluez", "--own-name=org.sighej", "--allow=bluetooth"])
def test_the_schema_takes_no_other_permission(manifest, schema, permission):
    asked = {**manifest, "finish-args": [*manifest["finish-args"], permission]}
    assert not jsonschema.Draft7Validator(schema).is_valid(asked)


def test_each_permission_says_why():
    lines = read(MANIFEST).split("finish-args:\n")[1].splitlines()
    bare = [line for before, line in zip(["", *lines], lines)
            if line.startswith("  - --") and not before.startswith("  # ")]
    assert bare == []


def test_flatpak_builder_reads_it_as_we_mean_it(manifest):
    done = subprocess.run(["flatpak-builder", "--show-manifest", MANIFEST], capture_output=True, text=True,
                          timeout=TOOL_SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")    # an unknown word is but a warning to it
    meant = {**manifest, "id": manifest["app-id"]}
    del meant["app-id"]
    assert json.loads(done.stdout) == meant


def test_it_needs_only_what_the_runtime_has(configured):
    needed = {one["name"] for one in introspect(configured, "dependencies")}
    assert "gtk4" in needed and not needed & set(WITHOUT)
    built = {one["name"] for one in introspect(configured, "targets") if one["type"] == "executable"}
    assert built == {"sighej", "sighejctl"}


def test_the_options_are_ours_and_meson_s(manifest, configured):
    known = {one["name"] for one in introspect(configured, "buildoptions")}
    asked = {re.match(r"-D(\w+)=|--(\w+)=", option) for option in manifest["modules"][0]["config-opts"]}
    assert {(one.group(1) or one.group(2)) for one in asked} <= known


def test_nothing_comes_along(manifest, configured):
    installed = {path.removeprefix("/app/") for path in introspect(configured, "installed").values()}
    swept = [path.removeprefix("/") for path in manifest["cleanup"]]
    kept = {path for path in installed
            if not any(path == one or path.startswith(one + "/") for one in swept)}
    assert kept == CONTENTS
    assert [one for one in swept if not any((path + "/").startswith(one + "/") for path in installed)] == []


def test_what_is_built_here_is_not_copied_in(manifest):
    skipped = manifest["modules"][0]["sources"][0]["skip"]
    assert {".git", "_build", "_build-sanitize"} <= set(skipped)


def test_its_runtime_has_the_libraries_the_tests_run_with(manifest):
    """GNOME 43 is GTK 4.8 and libadwaita 1.2; who raises one raises both."""
    wanted = dict(re.findall(r"dependency\('(gtk4|libadwaita-1)', version: '>= ([\d.]+)'",
                             read(os.path.join(TOP, "meson.build"))))
    assert (wanted, manifest["runtime-version"]) == ({"gtk4": "4.8", "libadwaita-1": "1.2"}, "43")


@pytest.mark.skipif(os.environ.get("SIGHEJ_SLOW") != "1", reason="only with SIGHEJ_SLOW=1: a build")
def test_it_compiles(configured):
    done = subprocess.run(["ninja", "-C", configured], capture_output=True, text=True,
                          timeout=BUILD_SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    read_headers = subprocess.run(["ninja", "-C", configured, "-t", "deps"], capture_output=True, text=True,
                                  timeout=TOOL_SECONDS, check=True).stdout
    assert not re.search(r"/(sodium|hiredis|libpq|sqlite3|libsoup|bluetooth)\b", read_headers)
