# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the commands of a guide: what stands in its fenced blocks of the kind `console`.

    for block in read_guide("docs/install.md")["A laptop"]:
        for command in block:
            command.line, command.answer

A line that begins with "$ " is a command, those below it are its answer; "…" stands for what differs, in
a line or as a line of its own for any number of lines.
"""
import re
from dataclasses import dataclass, field

PROMPT = "$ "
DIFFERS = "…"


@dataclass
class Command:
    line: str
    answer: list = field(default_factory=list)

    def is_answered_by(self, text):
        """Whether a program that printed this text answered as promised."""
        parts = [r"(?:.*\n)*" if line == DIFFERS else
                 ".*".join(re.escape(part) for part in line.split(DIFFERS)) + r"\n"
                 for line in self.answer]
        return not parts or re.fullmatch("".join(parts), text.rstrip("\n") + "\n") is not None


def read_block(text):
    commands = []
    for line in text.splitlines():
        if line.startswith(PROMPT):
            commands.append(Command(line.removeprefix(PROMPT)))
        elif not commands:
            raise ValueError(f"an answer without a command: {line}")
        else:
            commands[-1].answer.append(line)
    return commands


def read_guide(path):
    """The blocks below each heading of the second and third level, by its words, in their order."""
    guide, heading = {}, None
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for match in re.finditer(r"^(#{2,3}) (.+)$|^```console\n((?:.*\n)*?)```$", text, re.M):
        if match.group(1):
            heading = match.group(2)
            guide[heading] = []
        else:
            guide[heading].append(read_block(match.group(3)))
    return guide
