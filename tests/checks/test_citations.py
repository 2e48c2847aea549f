# SPDX-License-Identifier: GPL-2.0-or-later
"""Comments cite docs/ by short names (docs/architecture.md says how): every citation leads somewhere,
every test the threat model names exists, and every setting is in the manual."""
import os
import re
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SELF = "tests/checks/test_citations.py"
PAGES = {"BLE": "docs/radio.md", "DESIGN": "docs/protocol.md",
         "SECURITY-DESIGN": "docs/threat-model.md"}
NUMBER = r"\d+(?:\.\d+)?"
SECTIONS = re.compile(rf"(?<![\w-])(BLE|SECURITY-DESIGN|DESIGN|INTERFACES) ({NUMBER}"
                      rf"(?:(?:,| and|(?: [\"“][^\"”]+[\"”]),?) {NUMBER})*)(?![\dx.]*\d|x)")
TOPIC = re.compile(r"(?<![\w-])DESIGN 3:?,? [\"“]([^\"”]+)[\"”]")
ROW = re.compile(r"(?<![\w-])([RTF]-\d\d|N-\d)(?!\d)")


def tracked(*patterns):
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--",
                              *patterns], cwd=TOP, capture_output=True, text=True, check=True)
    return [path for path in listing.stdout.splitlines() if os.path.exists(os.path.join(TOP, path))]


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def flowing(path):
    """The text without the line breaks of comments, so that a citation may be wrapped."""
    return re.sub(r"\n[ \t]*(?:\*(?!/)|//|#)?[ \t]*", " ", read(path))


def sources():
    return [path for path in tracked("*.c", "*.h", "*.py", "*.sh", "*.xml", "*.sql", "*meson.build",
                                     "docs/architecture.md") if path != SELF]


def cited(pattern):
    return [(path, match) for path in sources() for match in pattern.finditer(flowing(path))]


def sections(page):
    return set(re.findall(r"(?m)^#+ (\d+(?:\.\d+)?)\.? ", read(page)))


def interfaces():
    """What docs/architecture.md says where the sections of the interfaces are found."""
    return set(re.findall(rf"`INTERFACES ({NUMBER})`", read("docs/architecture.md")))


def rows():
    return set(ROW.findall(read("docs/threat-model.md")))


def test_cited_sections_exist():
    there = {name: sections(page) for name, page in PAGES.items()} | {"INTERFACES": interfaces()}
    found = cited(SECTIONS)
    assert len(found) > 50
    lost = [f"{path}: {match.group(0)}" for path, match in found
            for number in re.findall(NUMBER, re.sub(r"[\"“][^\"”]+[\"”]", "", match.group(2)))
            if number not in there[match.group(1)]]
    assert lost == []


def test_cited_topics_exist():
    topics = set(re.findall(r"(?m)^### (.+)$", read("docs/protocol.md")))
    found = cited(TOPIC)
    assert len(found) >= 5
    assert [f"{path}: {match.group(1)}" for path, match in found if match.group(1) not in topics] == []


def test_cited_rows_exist():
    there = rows()
    found = cited(ROW)
    assert len(found) > 40
    assert [f"{path}: {match.group(1)}" for path, match in found if match.group(1) not in there] == []


@pytest.mark.parametrize("page,n_least", [("docs/threat-model.md", 40), ("docs/reliability.md", 5)])
def test_proofs_exist(page, n_least):
    """Each test the page names, outside the threat model's last section, is there."""
    text = read(page).split("\n## 6.")[0]
    tests = "\n".join(read(path) for path in tracked("tests/*.c", "tests/*.py") if path != SELF)
    functions = re.findall(r"`(test_\w+)`", text)
    paths = re.findall(r"`/([a-z0-9/-]*[a-z]+/[a-z0-9-]+)`", text)
    assert len(functions) > n_least and len(paths) > min(n_least, 3)
    gone = [name for name in functions if f"def {name}(" not in tests]
    gone += [path for path in paths
             if not re.search(rf'"(?:/[a-z0-9/-]+/)?{path.split("/")[-1]}"', tests)]
    assert gone == []


def test_the_vectors_shown_are_the_ones_tested():
    tests = "\n".join(read(path) for path in tracked("tests/unit/common/*.c", "common/*.c")).lower()
    shown = re.findall(r"\b[0-9a-f]{20,}\b", read("docs/radio.md"))
    assert len(shown) > 20
    joined = re.sub(r'"\s*"', "", tests)
    assert [vector for vector in shown if vector not in joined] == []


def manual(path):
    """The rows of its tables by their key: the cells of each, without marks."""
    return {match.group(1): [cell.strip().strip("`").replace(",", "") for cell in match.group(0).split("|")]
            for match in re.finditer(r"(?m)^\|(?: (?:`\[\w+\]`)? ?\|)? `([A-Z]\w+)` \|.*$", read(path))}


def fields(text):
    """The strings and numbers of one entry of the backend's table."""
    return [string if number == "" else number
            for string, number in re.findall(r'"([^"]*)"|\b(\d+)\b', text)]


def test_the_backend_s_settings_are_in_its_manual():
    source = read("backend/process/sighej-settings.c")
    table = source[source.index("sighej_settings_keys[] ="):source.index("{ NULL }")]
    entries = re.split(r"\bGROUP_\w+,", table)[1:]
    there = manual("docs/backend.md")
    assert len(entries) > 25
    for entry in entries:
        key, variable, default, *rest = fields(entry)
        assert key in there, f"{key} is not in docs/backend.md"
        cells = there[key]
        assert variable in cells and default in cells, f"{key}: {variable} and {default} belong there"
        if len(rest) >= 3 and rest[0].isdigit() and rest[1] != "0":
            assert f"{rest[0]} to {rest[1]} {rest[2]}" in cells, f"{key} allows {rest[:3]}"


def test_the_daemon_s_settings_are_in_its_manual():
    source = read("daemon/core/sighej-settings.c")
    keys = re.findall(r'\.key = "(\w+)",\s*\.type = \w+,\s*\.default_value = "?([^",]*)', source)
    there = manual("docs/daemon.md")
    assert len(keys) == source.count(".key = ")
    for key, default in keys:
        assert key in there, f"{key} is not in docs/daemon.md"
        assert default in there[key] or default == "SIGHEJ_DEFAULT_BACKEND", f"{key}: {default}"


@pytest.mark.parametrize("program, page", [("daemon/main.c", "docs/daemon.md"),
                                           ("backend/main.c", "docs/backend.md")])
def test_options_are_in_the_manual(program, page):
    options = re.findall(r'\{ "([a-z-]+)",\s', read(program))
    assert len(options) >= 5
    text = read(page)
    assert [option for option in options if f"--{option}" not in text] == []


def rereadable():
    """The keys SIGHUP changes, apart from [Limits]."""
    source = read("backend/process/sighej-settings.c")
    return re.findall(r'"(\w+)"', source.split("rereadable[] = {")[1].split("NULL")[0])


def test_what_sighup_rereads_is_in_the_manuals():
    keys = rereadable()
    assert len(keys) >= 10
    page = read("docs/sighej-backend.8").split(".SH SIGNALS")[1].split(".SH EXIT")[0]
    assert set(re.findall(r"(?m)^\.BR? (\w+)(?: ,)?$", page)) - {"SIGHUP"} == set(keys)
    text = read("docs/backend.md").split("\nReread: ")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", text)) == set(keys)


def test_what_the_daemon_cannot_reread_is_in_its_manuals():
    source = read("daemon/core/sighej-settings.c").split("\nneeds_restart (")[1].split("NULL")[0]
    keys = re.findall(r'"(\w+)"', source)
    assert len(keys) == 3
    for page in (read("docs/daemon.md").split("### Read again")[1].split("\n## ")[0],
                 read("docs/sighejd.8").split(".SH SIGNALS")[1].split(".SH ")[0],
                 read("docs/sighej.conf.5").split(".SH DESCRIPTION")[1].split(".SH ")[0]):
        assert [key for key in ["Uri", *keys] if not re.search(rf"\b{key}\b", page)] == []


def test_the_daemon_s_manual_page_is_complete():
    """Options, groups of settings, exit statuses and words of privacy."""
    page = read("docs/sighejd.8").replace("\\-", "-").replace("\\&", "")
    options = re.findall(r'\{ "([a-z-]+)",\s', read("daemon/main.c"))
    groups = set(re.findall(r'\.group = "(\w+)"', read("daemon/core/sighej-settings.c")))
    assert len(options) >= 5 and len(groups) >= 5
    assert [option for option in options if not re.search(rf"(?m)^\.B[IR]? .*--{option}\b", page)] == []
    assert [group for group in groups if f"[{group}]" not in page] == []
    statuses = re.findall(r"#define SIGHEJ_EXIT_\w+ (\d+)", read("daemon/core/sighej-daemon.h"))
    assert re.findall(r"(?m)^(\d+)@", page) == ["0", "1", "2", *statuses]
    words = re.findall(r"(?m)^  SIGHEJ_PRIVACY_(\w+),$", read("common/sighej-enums.h"))
    assert len(words) == 5
    assert [word for word in words if f"\n.B {word.lower()}\n" not in page] == []


def test_the_backend_s_manual_page_is_complete():
    """Options and groups of the program, credentials and exit statuses of its sources."""
    page = read("docs/sighej-backend.8").replace("\\-", "-").replace("\\&", "")
    sources_of_it = "\n".join(read(path) for path in tracked("backend/*.c", "backend/*.h"))
    options = re.findall(r'\{ "([a-z-]+)",\s', read("backend/main.c"))
    groups = re.findall(r'#define GROUP_\w+ "(\w+)"', read("backend/process/sighej-settings.c"))
    credentials = re.findall(r'#define \w*CREDENTIAL\w* "([a-z-]+)"', sources_of_it)
    assert len(options) >= 5 and len(groups) >= 5 and len(credentials) >= 4
    assert [option for option in options
            if not re.search(rf"(?m)^\.BI? --{option}\b", page)] == []
    assert [group for group in groups if f"[{group}]" not in page] == []
    assert [name for name in credentials if f"\n.B {name}\n" not in page] == []
    statuses = re.findall(r"#define SIGHEJ_EXIT_\w+ (\d+)", read("backend/process/sighej-exit.h"))
    assert re.findall(r"(?m)^(\d+)@", page) == ["0", "1", *statuses]
