#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds up JUnit files: `count_tests.py SUITE FILE...` prints "SUITE: N passed, N failed, N skipped".

Writes the three numbers to descriptor 3 when it is open. Exit status 1 when a test failed or
none ran.
"""
import os
import sys
import xml.etree.ElementTree as ElementTree


def count(path):
    passed = failed = skipped = 0
    if not os.path.exists(path):
        print(f"  failed: the runner left no {os.path.basename(path)}", file=sys.stderr)
        return 0, 1, 0
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            print(f"  failed: {case.get('classname') or ''} {case.get('name')}", file=sys.stderr)
        elif case.find("skipped") is not None:
            skipped += 1
            reason = case.find("skipped").get("message") or "no reason given"
            print(f"  skipped: {case.get('name')}: {reason}", file=sys.stderr)
        else:
            passed += 1
    return passed, failed, skipped


def main():
    suite, paths = sys.argv[1], sys.argv[2:]
    passed, failed, skipped = (sum(numbers) for numbers in zip((0, 0, 0), *map(count, paths)))
    print(f"{suite}: {passed} passed, {failed} failed, {skipped} skipped", flush=True)
    try:
        os.write(3, f"{passed} {failed} {skipped}\n".encode())
    except OSError:
        pass
    return 1 if failed or passed + failed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
