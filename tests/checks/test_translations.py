# SPDX-License-Identifier: GPL-2.0-or-later
"""Every text for people is found, and said in every language of po/LINGUAS."""
import ast
import os
import re
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MARKED = {
    ".c": r"(?<![\w\"])(?:_|N_|C_|NC_|ngettext) \(\s*\"",
    ".ui": r"translatable=\"yes\"",
    ".js": r"(?<![\w.\"])(?:_|N_|C_|ngettext|gettext|pgettext) ?\(\s*['\"`]",
    ".desktop.in": r"^Name=",
    ".metainfo.xml.in": r"<summary>",
}


def tracked(*patterns):
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--",
                              *patterns], cwd=TOP, capture_output=True, text=True, check=True)
    return [path for path in listing.stdout.splitlines() if os.path.exists(os.path.join(TOP, path))]


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def listed(path):
    return [line for line in read(path).splitlines() if line and not line.startswith("#")]


def entries(language):
    """(text, translations) of each entry."""
    for block in read(f"po/{language}.po").split("\n\n")[1:]:
        strings = {}
        for line in block.splitlines():
            keyword = re.match(r"(msg\w+(?:\[\d\])?) (?=\")", line)
            if keyword:
                name = keyword.group(1)
                line = line[keyword.end():]
            if line.startswith('"'):
                strings[name] = strings.get(name, "") + ast.literal_eval(line)
        yield strings["msgid"], [text for key, text in strings.items() if key.startswith("msgstr")]


def test_every_marked_file_is_in_potfiles():
    marked = {path for ending, pattern in MARKED.items() for path in tracked("*" + ending)
              if not path.startswith("tests/") and re.search(pattern, read(path), re.M)}
    assert len(marked) > 10
    assert marked == set(listed("po/POTFILES"))


def test_translations_are_complete():
    """No text is missing, fuzzy, malformed, or there for nothing."""
    result = subprocess.run(["scripts/translations", "--check"], cwd=TOP, capture_output=True,
                            text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_translations_keep_what_programs_look_for():
    """Between what failed and what to do next stands "; ", and a hint falls into as many steps."""
    for language in listed("po/LINGUAS"):
        count = 0
        for text, translations in entries(language):
            if not text[:1].islower() and not text.startswith("'"):
                continue
            count += 1
            for translation in translations:
                assert translation.count("; ") == text.count("; "), translation
        assert count > 50


def test_translations_name_the_same_commands():
    """What is to be typed is the same in every language; only its arguments may differ."""
    command = re.compile(r"sighejctl(?: (?:help )?[a-z-]+)?")
    for language in listed("po/LINGUAS"):
        for text, translations in entries(language):
            for translation in translations:
                assert command.findall(translation) == command.findall(text), translation


def literals(path):
    """The strings of a C file, those side by side as one."""
    one = r'"(?:[^"\\\n]|\\.)*"'
    return {"".join(ast.literal_eval(part) for part in re.findall(one, match.group(0)))
            for match in re.finditer(rf"{one}(?:\s*{one})*", re.sub(r"/\*.*?\*/", "", read(path), flags=re.S))}


def test_phrasebook_is_what_the_daemon_says():
    """A text the daemon no longer writes would stay English without anybody noticing."""
    said = set().union(*(literals(path) for path in tracked("daemon/*.c")))
    known = {text for text in literals("common/sighej-phrasebook.c") if " " in text}
    assert len(known) > 100
    assert known - said == set()
