# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual pages say what the programs do: each option and command of --help, each key of the configuration and
each member of the API is in its page, and none besides; and troff has nothing to say about them."""
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

from desk import TOP
from test_cli_forms import COMMANDS

PROGRAMS = {"sighejctl.1": "client/cli/sighejctl", "sighej.1": "client/gtk/sighej", "sighejd.8": "daemon/sighejd",
            "sighej-backend.8": "backend/sighej-backend"}
OF_REPORTS = {"--all", "--json", "--note"}    # of `sighej-backend reports`, which has no heading of its own
LONG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
RUN_SECONDS = 60


def page(name, build=None):
    folder = os.path.join(build, "dbus") if build else os.path.join(TOP, "docs")
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read().replace("\\-", "-").replace("\\&", "").replace("\\~", " ")


def help_of(build, program, *arguments):
    path = os.path.join(build, program)
    if not os.path.exists(path):
        pytest.skip(f"{program} is not built")
    return subprocess.run([path, *arguments, "--help"], capture_output=True, text=True, check=True, encoding="utf-8",
                          timeout=RUN_SECONDS, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout


def headings(text):
    """The options that a page has a paragraph about."""
    lines = re.findall(r"(?m)^\.TP\n(\..*)$", text)
    return {option for line in lines for option in LONG.findall(line)}


@pytest.mark.parametrize("name", PROGRAMS)
def test_options_are_those_of_help(build, name):
    shown = set(LONG.findall("\n".join(re.findall(r"(?m)^ {2,6}-.*?(?:  |$)", help_of(build, PROGRAMS[name])))))
    assert len(shown) >= 4
    assert headings(page(name)) == shown


def test_options_of_reports_are_in_the_page(build):
    shown = set(LONG.findall("\n".join(re.findall(r"(?m)^ {2,6}-.*?(?:  |$)",
                                                  help_of(build, PROGRAMS["sighej-backend.8"], "reports")))))
    assert shown - {"--help", "--config"} == OF_REPORTS
    assert all(option in page("sighej-backend.8") for option in OF_REPORTS)


def test_commands_are_those_of_help(build):
    """In the order of the page they need not be."""
    text = page("sighejctl.1").split(".SH COMMANDS")[1].split(".SH OPTIONS")[0]
    lines = re.findall(r"(?m)^\.TP\n\.B[IR]? \"?([a-z][a-z-]*)", text)
    assert set(lines) == set(COMMANDS)


def test_keys_are_those_of_the_daemon(build):
    """With their groups and defaults."""
    merged = subprocess.run([os.path.join(build, "daemon/sighejd"), "--check-config", "--config=/dev/null"],
                            capture_output=True, text=True, check=True, timeout=RUN_SECONDS).stdout
    keys = [line.split("=")[0] for line in re.findall(r"(?m)^\w+=.*", merged)]
    groups = re.findall(r"(?m)^\[\w+\]", merged)
    text = page("sighej.conf.5")
    assert len(keys) >= 15
    assert re.findall(r"(?m)^\.BR (\w+)=", text) == keys
    assert re.findall(r"(?m)^\.SH (\[\w+\])", text) == groups


def test_every_member_of_the_api_is_in_its_page(build):
    """Each once, in its interface's section, with its arguments."""
    text = page("org.sighej.5", build)
    with open(os.path.join(TOP, "dbus/org.sighej.xml"), encoding="utf-8") as file:
        api = ET.fromstring(re.sub(r"<!DOCTYPE.*?>", "", file.read(), flags=re.S))
    sections = dict(re.findall(r"(?ms)^\.SH (org\.sighej\.\w+)\n(.*?)(?=^\.SH |\Z)", text))
    assert list(sections) == [interface.get("name") for interface in api.findall("interface")]
    for interface in api.findall("interface"):
        section = sections[interface.get("name")]
        members = [element for kind in ("method", "signal", "property") for element in interface.findall(kind)]
        assert re.findall(r"(?m)^\.TP\n\.B (\w+)$", section) == [element.get("name") for element in members]
        for element in members:
            about = section.split(f".TP\n.B {element.get('name')}\n")[1].split("\n.TP\n.B ")[0]
            assert len(about.split("\n.br\n")[1].strip()) > 0, element.get("name")
            for arg in element.findall("arg"):
                assert f"{arg.get('type')} {arg.get('name')}" in about, element.get("name")


@pytest.mark.parametrize("name", [*PROGRAMS, "sighej.conf.5", "org.sighej.5"])
def test_troff_is_content(build, name):
    path = os.path.join(build, "dbus", name) if name == "org.sighej.5" else os.path.join(TOP, "docs", name)
    done = subprocess.run(["groff", "-ww", "-z", "-t", "-man", "-Kutf8", "-Tutf8", path], capture_output=True, text=True,
                          check=False, timeout=RUN_SECONDS)
    assert (done.returncode, done.stderr) == (0, "")
    if shutil.which("mandoc"):
        assert subprocess.run(["mandoc", "-T", "lint", "-W", "error", path], check=False).returncode == 0


def test_see_also_leads_to_pages_there_are():
    ours = {*PROGRAMS, "sighej.conf.5", "org.sighej.5"}
    for name in [*PROGRAMS, "sighej.conf.5"]:
        for title, section in re.findall(r"(?m)^\.BR (sighej[\w.-]*|org\.sighej) \((\d)\)", page(name)):
            assert f"{title}.{section}" in ours, name


def test_they_are_installed(build):
    log = subprocess.run(["meson", "introspect", "--installed", build], capture_output=True, text=True, check=True).stdout
    for name in (*PROGRAMS, "sighej.conf.5", "org.sighej.5"):
        if name != "sighej.1" or os.path.exists(os.path.join(build, PROGRAMS[name])):
            assert f"/man{name[-1]}/{name}" in log, name
