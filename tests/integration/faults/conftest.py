# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the fault tests: the real programs, with a proxy wherever something can break.

Each fault runs a few times; with SIGHEJ_SLOW=1 (scripts/test --slow) 100 times.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.join(TOP, "tests", "integration", "backend"), os.path.join(TOP, "tests", "lib")]
