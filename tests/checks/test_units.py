# SPDX-License-Identifier: GPL-2.0-or-later
"""The unit files, bus policy, polkit actions and catalogue, as they are installed: what systemd says of them
offline, and that what stands in two places is the same."""
import configparser
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("SIGHEJ_BUILD")
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "", "SYSTEMD_LOG_TARGET": "console"}

USER, KIOSK = "user/sighejd.service", "system/sighejd.service"
BACKEND, INSTANCE = "system/sighej-backend.service", "system/sighej-backend@.service"
SOCKET = "system/sighej-backend.socket"
# INTERFACES 5.
BUDGETS = {USER: 2.0, KIOSK: 1.3, BACKEND: 1.1, INSTANCE: 1.1}
# The block of INTERFACES 5 that kiosk and backend share, and where the person's own unit differs.
BLOCK = {
    "CapabilityBoundingSet": [""], "NoNewPrivileges": ["yes"], "PrivateDevices": ["yes"], "PrivateTmp": ["yes"],
    "PrivateMounts": ["yes"], "PrivateUsers": ["yes"], "ProtectSystem": ["strict"], "ProtectHome": ["yes"],
    "ProtectProc": ["invisible"], "ProcSubset": ["pid"], "ProtectClock": ["yes"], "ProtectHostname": ["yes"],
    "ProtectControlGroups": ["yes"], "ProtectKernelLogs": ["yes"], "ProtectKernelModules": ["yes"],
    "ProtectKernelTunables": ["yes"], "LockPersonality": ["yes"], "MemoryDenyWriteExecute": ["yes"],
    "RestrictNamespaces": ["yes"], "RestrictRealtime": ["yes"], "RestrictSUIDSGID": ["yes"], "RemoveIPC": ["yes"],
    "KeyringMode": ["private"], "SystemCallArchitectures": ["native"], "UMask": ["0077"], "DevicePolicy": ["closed"],
    "SystemCallFilter": ["@system-service", "~@privileged @resources"], "SystemCallErrorNumber": ["EPERM"],
    "LimitCORE": ["0"],
    "Restart": ["on-failure"], "RestartSec": ["1"], "RestartPreventExitStatus": ["2 78"],
    "ExecReload": ["/bin/sh -c 'kill -HUP $MAINPID'"],
}
FAMILIES = {KIOSK: "AF_UNIX AF_INET AF_INET6 AF_BLUETOOTH", USER: "AF_UNIX AF_INET AF_INET6 AF_BLUETOOTH",
            BACKEND: "AF_UNIX AF_INET AF_INET6", INSTANCE: "AF_UNIX AF_INET AF_INET6"}
DIFFERENT = {
    USER: {"ProtectHome": ["tmpfs"], "RemoveIPC": None, "Type": ["dbus"], "BusName": ["org.sighej"], "WatchdogSec": ["1min"],
           "MemoryMax": ["64M"], "RestartPreventExitStatus": ["2 69 78"]},
    KIOSK: {"Type": ["notify"], "User": ["sighej"], "WatchdogSec": ["1min"], "StateDirectory": ["sighej"],
            "MemoryMax": ["64M"], "RestartPreventExitStatus": ["2 69 78"]},
    BACKEND: {"Type": ["notify"], "DynamicUser": ["yes"], "WatchdogSec": ["30s"], "StateDirectory": ["sighej-backend"],
              "IPAddressDeny": ["any"], "IPAddressAllow": ["localhost"]},
    INSTANCE: {"Type": ["notify"], "DynamicUser": ["yes"], "WatchdogSec": ["30s"], "StateDirectory": ["sighej-backend-%i"],
               "IPAddressDeny": ["any"], "IPAddressAllow": ["localhost"]},
}
CREDENTIALS = {"interest-key", "admin-token", "tls-certificate", "tls-key", "redis-url", "database-url"}

pytestmark = pytest.mark.skipif(not BUILD, reason="SIGHEJ_BUILD must name a meson build folder")


def read(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


def where(name):
    """Of a unit; what needs no configuring is installed as it is."""
    configured = os.path.join(BUILD, "systemd", name)
    return configured if os.path.exists(configured) else os.path.join(TOP, "systemd", name)


def settings(path):
    """{section: {key: [values]}}"""
    sections, section = {}, None
    with open(path, encoding="utf-8") as file:
        for line in map(str.strip, file):
            if line.startswith("["):
                section = sections.setdefault(line.strip("[]"), {})
            elif line and not line.startswith("#"):
                key, value = line.split("=", 1)
                section.setdefault(key, []).append(value)
    return sections


def analyze(*argv, **variables):
    return subprocess.run(["systemd-analyze", "--no-pager", *argv], capture_output=True, text=True, check=False,
                          env={**ENVIRONMENT, **variables})


@pytest.fixture
def unit(request, tmp_path):
    """Its name, and its path among copies of all, which run a program that is there."""
    for name in (*BUDGETS, SOCKET):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        with open(where(name), encoding="utf-8") as file:
            path.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", file.read()), encoding="utf-8")
    return request.param, str(tmp_path / request.param)


units = pytest.mark.parametrize("unit", BUDGETS, indirect=True)


@units
def test_exposure_is_within_its_budget(unit, capsys):
    name, path = unit
    result = analyze("security", "--offline=true", path)
    assert result.stderr == ""
    score, = re.findall(r"Overall exposure level for \S+ (\d+\.\d+)", result.stdout)
    with capsys.disabled():
        print(f" {name}: {score} of {BUDGETS[name]} ", end="")
    assert float(score) <= BUDGETS[name]


@units
def test_what_is_not_given_up_is_told(unit):
    """Every row of systemd-analyze security that counts against the unit is named in one of its comments."""
    name, path = unit
    rows = json.loads(analyze("security", "--offline=true", "--json=short", path).stdout)
    against = {option.rstrip("=") for row in rows if row["exposure"]
               for option in [re.match(r"(\w+)=", row["name"])[1]]}
    with open(path, encoding="utf-8") as file:
        comments = " ".join(line for line in file if line.startswith("#"))
    assert len(rows) > 60 and against
    assert {option for option in against if not re.search(rf"\b{option}=", comments)} == set(), name


@pytest.mark.parametrize("name", BUDGETS)
def test_hardening_is_the_block_that_is_promised(name):
    service = settings(where(name))["Service"]
    wanted = {**BLOCK, "RestrictAddressFamilies": [FAMILIES[name]], **DIFFERENT[name]}
    assert {key: service.get(key) for key in wanted} == wanted
    assert settings(where(name))["Unit"]["StartLimitIntervalSec"] == ["0"]


@pytest.mark.parametrize("unit", [*BUDGETS, SOCKET], indirect=True)
def test_systemd_understands_each_unit(unit, tmp_path):
    name, path = unit
    result = analyze("verify", "--man=no", *(["--user"] if name == USER else []), path, XDG_RUNTIME_DIR=str(tmp_path))
    said = [line for line in (result.stdout + result.stderr).splitlines() if "sighej" in line]
    assert (said, result.returncode) == ([], 0), result.stderr


# ---- the backend's secrets and sockets


def test_each_credential_is_handed_on_and_may_be_absent():
    for name in (BACKEND, INSTANCE):
        service = settings(where(name))["Service"]
        folder = os.path.dirname(service["LoadCredential"][0].split(":", 1)[1])
        assert set(service["LoadCredential"]) == {f"{one}:{folder}/{one}" for one in CREDENTIALS}
        assert set(service["SetCredential"]) == {f"{one}:\\n" for one in CREDENTIALS}
        with open(os.path.join(BUILD, "systemd/system/sighej-backend.conf"), encoding="utf-8") as file:
            assert f"d {folder} 0700 root root -" in file.read()


def test_the_backend_reads_those_credentials_and_no_other():
    source = subprocess.run(["git", "grep", "-hoE", r'"(interest|admin|tls|redis|database)-(key|token|certificate|url)"',
                             "--", "backend/*.c"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    assert {word.strip('"') for word in source.split()} >= CREDENTIALS


def test_the_socket_is_where_the_backend_would_listen():
    socket = settings(where(SOCKET))["Socket"]
    default = re.search(r"\| `Listen` \| `LISTEN` \| `([^`]+)`", read("docs/backend.md"))[1]
    assert socket["ListenStream"] == [default]
    assert socket["IPAddressDeny"] == ["any"] and socket["IPAddressAllow"] == ["localhost"]


# ---- who may own the name, who may ask


def test_owner_of_the_name_is_the_unit_s_user():
    policy = ElementTree.fromstring(read("dbus/system/org.sighej.conf"))
    owners = {one.get("user"): {allow.get("own") for allow in one.findall("allow")} - {None}
              for one in policy.findall("policy")}
    assert owners == {"sighej": {"org.sighej"}, None: set()}
    assert settings(where(KIOSK))["Service"]["User"] == ["sighej"]
    assert re.search(r"(?m)^u sighej ", read("systemd/system/sighej-kiosk.sysusers.conf"))


@pytest.mark.parametrize("name, unit_name", [("dbus/org.sighej.service", USER), ("dbus/system/org.sighej.service", KIOSK)])
def test_activation_starts_the_unit(name, unit_name):
    parser = configparser.ConfigParser()
    parser.optionxform = str
    assert parser.read(os.path.join(BUILD, name))
    service = parser["D-BUS Service"]
    assert service["Name"] == "org.sighej"
    assert service["SystemdService"] == os.path.basename(unit_name)
    assert settings(where(unit_name))["Service"]["ExecStart"] == [service["Exec"]]
    assert service.get("User") == settings(where(unit_name))["Service"].get("User", [None])[0]


def test_polkit_asks_in_english_and_danish_what_is_promised():
    root = ElementTree.fromstring(read("dbus/system/org.sighej.kiosk.policy"))
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    found = {}
    for action in root.findall("action"):
        for tag in ("description", "message"):
            assert [one.get(lang) for one in action.findall(tag)] == [None, "da"]
            assert all(one.text for one in action.findall(tag))
        found[action.get("id")] = [action.findtext(f"defaults/allow_{who}") for who in ("any", "inactive", "active")]
    assert found == {"org.sighej.kiosk.operate": ["auth_admin_keep", "auth_admin_keep", "yes"],
                     "org.sighej.kiosk.manage": ["auth_admin_keep"] * 3}


@pytest.mark.parametrize("path, wanted", [
    ("systemd/user/80-sighej.preset", ["disable sighejd.service"]),
    ("systemd/system/80-sighej-kiosk.preset", ["enable sighejd.service"]),
    ("systemd/system/80-sighej-backend.preset",
     ["enable sighej-backend.socket", "disable sighej-backend.service", "disable sighej-backend@.service"])])
def test_presets(path, wanted):
    assert [line for line in read(path).splitlines() if not line.startswith("#")] == wanted


# ---- the journal's catalogue


def entries(path):
    """{identifier: text}"""
    parts = re.split(r"(?m)^-- ([0-9a-f]{32})$", read(path))[1:]
    return dict(zip(parts[::2], parts[1::2]))


def test_catalogue_knows_each_message_in_both_languages(tmp_path):
    known = set(re.findall(r'"([0-9a-f]{32})"', read("common/sighej-message-ids.h")))
    english, danish = entries("systemd/catalog/sighej.catalog"), entries("systemd/catalog/sighej.da.catalog")
    assert known and set(english) == set(danish) == known
    for number, text in english.items():
        assert "\nSubject: " in text and "\nSubject: " in danish[number] and text != danish[number]
        assert set(re.findall("@\\w+@", text)) == set(re.findall("@\\w+@", danish[number]))
    folder = tmp_path / "usr/lib/systemd/catalog"
    shutil.copytree(os.path.join(TOP, "systemd/catalog"), folder, ignore=shutil.ignore_patterns("meson.build"))
    (tmp_path / "var/lib/systemd/catalog").mkdir(parents=True)
    for command in ("--update-catalog", "--list-catalog"):
        result = subprocess.run(["journalctl", "--no-pager", f"--root={tmp_path}", command], capture_output=True, text=True,
                                check=True, env=ENVIRONMENT)
    assert {line.split()[0] for line in result.stdout.splitlines()} == known
