#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs every libFuzzer program of a folder for some seconds each, as many at once as there are
cores, on a copy of its committed corpus. Prints executions of each and in all; a crash, a leak, a
unit of 5 seconds, or a target that hardly ran is a failure. Writes a JUnit file."""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

UNIT_SECONDS_MAX = 5  # whole seconds; a busy machine adds to what an input takes
GRACE_SECONDS = 60  # to load the corpus and to write the last words
EXECUTIONS_MIN = 1000  # fewer: it did not really run
RSS_MB_MAX = 2048


def stat(text, name):
    found = re.findall(rf"stat::{name}:\s*(\d+)", text)
    return int(found[-1]) if found else None


def run(program, corpus, seconds):
    """(name, executions, what went wrong or None, log)"""
    name = os.path.basename(program).removeprefix("fuzz-")
    with tempfile.TemporaryDirectory() as found:
        command = [program, f"-max_total_time={seconds}", f"-timeout={UNIT_SECONDS_MAX}",
                   "-print_final_stats=1", f"-rss_limit_mb={RSS_MB_MAX}",
                   f"-artifact_prefix={found}/crash-", "-verbosity=0"]
        inputs = os.path.join(found, "corpus")
        os.mkdir(inputs)
        folders = [inputs] + [path for path in [os.path.join(corpus, name)] if os.path.isdir(path)]
        try:
            done = subprocess.run([*command, *folders], capture_output=True, text=True, check=False,
                                  errors="replace", timeout=seconds + GRACE_SECONDS, cwd=found)
        except subprocess.TimeoutExpired:
            return name, 0, f"did not end within {GRACE_SECONDS} s of its time", ""
        log = done.stdout + done.stderr
        executions = stat(log, "number_of_executed_units") or 0
        if done.returncode != 0:
            return name, executions, f"ended with {done.returncode}", log
        if executions < EXECUTIONS_MIN:
            return name, executions, "hardly ran", log
        return name, executions, None, log


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--junit", required=True)
    parser.add_argument("programs", help="folder with fuzz-* programs")
    parser.add_argument("corpus", help="folder with a corpus for each")
    options = parser.parse_args()
    programs = sorted(os.path.join(options.programs, name) for name in os.listdir(options.programs)
                      if name.startswith("fuzz-") and os.access(os.path.join(options.programs, name), os.X_OK)
                      and os.path.isfile(os.path.join(options.programs, name)))
    suite = ElementTree.Element("testsuite", name="slow-fuzz")
    total, failed = 0, not programs
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        begin = time.monotonic()
        for name, executions, wrong, log in pool.map(
                lambda program: run(program, os.path.abspath(options.corpus), options.seconds),
                map(os.path.abspath, programs)):
            case = ElementTree.SubElement(suite, "testcase", classname="fuzz", name=name)
            if wrong:
                ElementTree.SubElement(case, "failure", message=wrong)
                print(log[-8000:], file=sys.stderr)
                failed = True
            total += executions
            print(f"  fuzz-{name}: {executions:,} executions{f', {wrong}' if wrong else ''}", flush=True)
        print(f"  {len(programs)} fuzzers, {total:,} executions, {time.monotonic() - begin:.0f} s")
    ElementTree.ElementTree(suite).write(options.junit)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
