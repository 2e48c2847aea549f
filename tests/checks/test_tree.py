# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be seen without running anything: layout, scripts, XML, documents that match the tree."""
import os
import re
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def tracked(*patterns):
    """Files of the checkout; the working tree's when there is no git."""
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--",
                              *patterns], cwd=TOP, capture_output=True, text=True, check=True)
    return [line for line in listing.stdout.splitlines() if os.path.exists(os.path.join(TOP, line))]


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def run(*argv):
    return subprocess.run(argv, cwd=TOP, capture_output=True, text=True, check=False)


def test_c_layout():
    result = run("clang-format", "--dry-run", "-Werror", *tracked("*.c", "*.h"))
    assert result.returncode == 0, result.stderr[:4000]


def test_every_source_names_its_licence():
    sources = tracked("*.c", "*.h", "*.py", "*.sh", "*.sql", "meson.build", "*/meson.build")
    assert len(sources) > 100
    without = [path for path in sources
               if "SPDX-License-Identifier: GPL-2.0-or-later" not in read(path)[:400]]
    assert without == []


def test_shell_scripts():
    scripts = [path for path in tracked("scripts/*", "deploy/*", "tests/vm/*", "tests/system/*", ".ci/run", "*.sh")
               if re.match(r"#!/bin/(ba)?sh|#!/usr/bin/env bash", read(path)) or path.endswith(".sh")]
    scripts += tracked("completions/bash/*")
    assert len(scripts) >= 4
    result = run("shellcheck", "-x", *scripts)
    assert result.returncode == 0, result.stdout[:4000]


@pytest.mark.parametrize("path", tracked("dbus/*.xml", "dbus/*/*.xml"))
def test_dbus_xml_is_well_formed(path):
    result = run("xmllint", "--noout", "--nonet", path)
    assert result.returncode == 0, result.stderr


def test_every_dbus_member_is_documented():
    """A comment block stands directly before each element; gdbus-codegen drops doc:doc."""
    xml = read("dbus/org.sighej.xml")
    bare = [match.group(0) for match in
            re.finditer(r"(?m)^ *<(interface|method|signal|property) name=\"\w[\w.]*\"", xml)
            if not re.search(r"-->\s*$", xml[:match.start()])]
    assert bare == []


def test_dbus_arguments_are_no_c_keywords():
    keywords = set("auto break case char const continue default do double else enum extern float "
                   "for goto if int long register return short signed sizeof static struct switch "
                   "typedef union unsigned void volatile while inline restrict".split())
    names = re.findall(r"<arg name=\"(\w+)\"", read("dbus/org.sighej.xml"))
    assert names and not keywords & set(names)


@pytest.mark.parametrize("folder", ["common", "daemon", "backend", "client/lib", "client/gtk", "client/cli"])
def test_architecture_names_every_object(folder):
    """docs/architecture.md matches the tree, both ways."""
    text = read("docs/architecture.md")
    headers = {os.path.basename(path)[:-2] for path in tracked(f"{folder}/*.h")}
    assert headers and {name for name in headers if f"`{name}`" not in text} == set()


def test_architecture_names_nothing_that_is_gone():
    known = {os.path.splitext(os.path.basename(path))[0] for path in tracked()}
    named = set(re.findall(r"`((?:sighej|sighejctl)-[a-z0-9-]+)`", read("docs/architecture.md")))
    programs = {"sighej-backend"}
    assert named - known - programs == set()


def test_links_of_the_documents_lead_somewhere():
    for path in tracked("*.md", "*/*.md", "*/*/*.md"):
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", read(path)):
            if "://" not in target:
                assert os.path.exists(os.path.join(TOP, os.path.dirname(path), target)), \
                    f"{path} links to {target}"


def test_ci_runs_the_readme_command_and_nothing_else():
    code = [line for line in read(".ci/run").splitlines() if line and not line.startswith("#")]
    assert code == ['cd "$(dirname "$0")/.." && exec scripts/test --ci']


def test_dependencies_point_one_way():
    """Daemon, backend and clients never include each other."""
    headers = {folder: {os.path.basename(path) for path in tracked(f"{folder}/*.h")}
               for folder in ("common", "daemon", "backend", "client")}
    for folder in ("daemon", "backend", "client"):
        foreign = set().union(*(names for other, names in headers.items()
                                if other not in (folder, "common")))
        for path in tracked(f"{folder}/*.[ch]", f"{folder}/*/*.[ch]"):
            included = set(re.findall(r'#include "([^"]+)"', read(path)))
            shared = included & foreign - headers[folder] - headers["common"]
            assert shared == set(), f"{path} includes {shared}"
    for path in tracked("common/*.[ch]"):
        included = set(re.findall(r'#include "([^"]+)"', read(path)))
        assert not included & (headers["daemon"] | headers["backend"] | headers["client"])


@pytest.mark.parametrize("program", ["daemon", "backend"])
def test_folders_are_told_in_order(program):
    """architecture.md: each object in its folder's part, the folders in the order they depend."""
    part = read("docs/architecture.md").split(f"### `{program}/`")[1].split("\n### ")[0]
    folders = re.findall(r"\| \*\*`(\w+)/`\*\*", part)
    assert folders == re.findall(r"^subdir\('(\w+)'\)", read(f"{program}/meson.build"), re.M)
    parts = dict(zip(folders, re.split(r"\| \*\*`\w+/`\*\*", part)[1:]))
    headers = tracked(f"{program}/*.h")
    assert len(headers) > 50
    astray = [path for path in headers
              if f"`{os.path.basename(path)[:-2]}`" not in parts[path.split("/")[1]]]
    assert astray == []
