# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/install.md promises five commands; that each of them works is shown in the virtual machine."""
import os
import re
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "lib"))

from guide import Command, read_guide  # noqa: E402

INSTALL = os.path.join(TOP, "docs", "install.md")
RUN_BY = os.path.join(TOP, "tests", "system", "guest", "test_install_guide.py")
MACHINES = ("A laptop", "A Raspberry Pi as a kiosk", "A server")
COMMANDS_MAX = 5
# What makes two commands of one line, or hides that one failed.
JOINTS = re.compile(r"&|;|\||\$\(|`|\\$")


def read(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


@pytest.fixture(scope="module")
def guide():
    return read_guide(INSTALL)


@pytest.mark.parametrize("machine", MACHINES)
def test_from_nothing_to_running_is_one_block(guide, machine):
    assert len(guide[machine]) == 1
    lines = [command.line for command in guide[machine][0]]
    assert len(lines) <= COMMANDS_MAX
    # From nothing: what it takes is named, down to git.
    assert re.match(r"sudo apt install --yes git\b", lines[0]) and lines[1].startswith("git clone ")


def test_no_block_has_more_than_five_commands(guide):
    blocks = [block for blocks in guide.values() for block in blocks]
    assert len(blocks) > len(MACHINES) and all(0 < len(block) <= COMMANDS_MAX for block in blocks)


def test_a_command_is_one_command(guide):
    joined = [command.line for blocks in guide.values() for block in blocks for command in block
              if JOINTS.search(command.line)]
    assert joined == []


def test_every_command_of_the_page_is_seen():
    """No shell block that the tests would not find."""
    fences = re.findall(r"^```(\w*)$", read("docs", "install.md"), re.M)
    assert set(fences) <= {"console", ""} and fences.count("console") * 2 == len(fences)


def test_every_section_with_commands_is_run(guide):
    run = read(RUN_BY)
    assert [heading for heading, blocks in guide.items() if blocks and f'"{heading}"' not in run] == []


def test_what_it_names_of_the_tree_is_there(guide):
    text = read("docs", "install.md")
    for path in ("scripts/package", "flatpak/org.sighej.SigHej.yml", "docs/examples/haproxy-one.cfg"):
        assert os.path.basename(path) in text and os.path.exists(os.path.join(TOP, path)), path


def test_the_readme_says_the_same(guide):
    readme = read_guide(os.path.join(TOP, "README.md"))["Install"][0]
    assert [command.line for command in readme] == [command.line for command in guide["A laptop"][0]]


@pytest.mark.parametrize("answer, text, good", [
    (["● Open to talk until …"], "● Open to talk until 01:29.\n", True),
    (["● Open to talk until …"], "○ Not open to talk.\n", False),
    (["…", "last"], "first\nsecond\nlast\n", True),
    (["…", "last"], "last", True),
    (["first", "…"], "second\nfirst\n", False),
    (["a.c"], "abc\n", False),
    ([], "anything\n", True),
])
def test_answers_are_held_to(answer, text, good):
    assert Command("command", answer).is_answered_by(text) == good
