# SPDX-License-Identifier: GPL-2.0-or-later
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, *(os.path.join(os.path.dirname(HERE), folder)
                        for folder in ("integration/faults", "integration/backend", "integration", "lib"))]
