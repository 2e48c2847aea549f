# SPDX-License-Identifier: GPL-2.0-or-later
"""The alert rules: that they are rules, fire when they should, name what exists, and are explained."""

import os
import re
import subprocess

import pytest
import yaml

from test_metrics import SUFFIXES, TOP, scrape

FOLDER = os.path.join(TOP, "data", "prometheus")
SERIES = re.compile(r"\b((?:sighej|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?")


def load(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return yaml.safe_load(file)


def rules():
    return [rule for group in load("sighej.rules.yml")["groups"] for rule in group["rules"]]


def alerts():
    return [rule for rule in rules() if "alert" in rule]


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_takes_them():
    assert f"{len(rules())} rules found" in promtool("check", "rules", "sighej.rules.yml")


def test_they_fire_when_they_should():
    promtool("test", "rules", "sighej.test.yml")


def test_each_is_tested_both_ways():
    quiet, *loud = load("sighej.test.yml")["tests"]
    silent = {case["alertname"] for case in quiet["alert_rule_test"] if "exp_alerts" not in case}
    fired = {case["alertname"] for test in loud for case in test.get("alert_rule_test", [])
             if "exp_alerts" in case}
    fired |= {re.search(r'alertname="(\w+)"', case["expr"]).group(1) for test in loud
              for case in test.get("promql_expr_test", [])}
    assert silent == fired == {rule["alert"] for rule in alerts()}


@pytest.mark.parametrize("name", ["sighej.rules.yml", "sighej.test.yml"])
def test_they_name_what_exists(backend, name):
    """Every series of the rules and of their tests is one a backend really gives."""
    there = {}
    for metric, family in scrape(backend).items():
        for sample, labels in family.samples:
            there.setdefault(sample, set()).update(re.findall(r'\w+="[^"]*"', labels or ""))
            assert sample.startswith(metric) and sample.removeprefix(metric) in SUFFIXES[family.kind]
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    texts = [rule["expr"] for rule in rules()] if name == "sighej.rules.yml" else \
        [series["series"] for test in load(name)["tests"] for series in test["input_series"]]
    for text in texts:
        for used in set(re.findall(r"\binstance:[\w:]+", text)):
            assert used in recorded
        for series, selectors in SERIES.findall(re.sub(r"\binstance:[\w:]+", "", text)):
            if series == "up":
                continue
            assert series in there, f"{series} in {text}"
            for label, how, value in re.findall(r'(\w+)(=|!=)"([^"]*)"', selectors):
                if label not in ("job", "instance"):
                    assert f'{label}="{value}"' in there[series], f"{label}{how}{value} in {text}"


def test_each_says_what_to_do():
    with open(os.path.join(TOP, "docs", "operations.md"), encoding="utf-8") as file:
        sections = dict(re.findall(r"(?ms)^### (SigHej\w+)\n(.*?)(?=^##|\Z)", file.read()))
    assert set(sections) == {rule["alert"] for rule in alerts()}
    for rule in alerts():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert len(rule["annotations"]["description"]) > 60
        assert len(sections[rule["alert"]]) > 100


def test_they_are_installed():
    build = os.environ["SIGHEJ_BUILD"]
    done = subprocess.run(["meson", "introspect", "--install-plan", build], capture_output=True, text=True,
                          timeout=60, check=True)
    assert "prometheus/sighej.rules.yml" in done.stdout
