#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What an honest client feels of an attack: its requests, reports and nudges at a server that is attacked, and
in turns with them the same at a server beside it that is not. Both share the cores with the attacker."""
import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "integration" / folder) for folder in ("backend", "faults")] + [str(HERE.parent / "lib")]

SECONDS, PACE_SECONDS = 10, 0.02
MAY_BE = 2  # times the 99th percentile beside it
LIMITS = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "1000000", "SIGHTINGS_BURST": "1000000",
          "MESSAGES_PER_SECOND": "100000", "HEADER_TIMEOUT_SECONDS": "2", "WORKERS": "1", "SIGHEJ_LOG_LEVEL": "message"}
WITH_A_SESSION = ("endless_fragments", "deflate_bombs", "slow_readers")
ATTACKS = ("slowloris", "request_flood", *WITH_A_SESSION, "smuggling", "large_bodies")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default=os.environ.get("SIGHEJ_BUILD"),
                        help="meson build folder, of --buildtype=release (or $SIGHEJ_BUILD)")
    parser.add_argument("--seconds", type=int, default=SECONDS, metavar="N", help=f"of each attack ({SECONDS})")
    parser.add_argument("--attack", action="append", choices=ATTACKS, help="only this one; may be repeated")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    arguments = parser.parse_args()
    if not arguments.build or not os.path.exists(os.path.join(arguments.build, "backend/sighej-backend")):
        parser.error("--build must name a build folder with the programs in it")
    os.environ["SIGHEJ_BUILD"] = arguments.build
    return arguments


def measure(name, attacked, beside, seconds):
    import attacks
    from faultlib import Attack, Honest, percentile

    session = attacked.open_session() if name in WITH_A_SESSION else None
    pair = Honest(attacked), Honest(beside)
    with Attack(getattr(attacks, name), attacked.port, *([(session.token, session.bearer)] if session else [])) as attack:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for honest in pair:
                honest.turn()
            time.sleep(PACE_SECONDS)
    for honest in pair:
        honest.close()
    taken = [{share: round(percentile(honest.seconds, part) * 1000, 2) for share, part in (("p50", 0.5), ("p99", 0.99))}
             for honest in pair]
    return {"attacked_ms": taken[0], "beside_ms": taken[1], "n": len(pair[0].seconds),
            "ratio_p50": round(taken[0]["p50"] / taken[1]["p50"], 2),
            "ratio_p99": round(taken[0]["p99"] / taken[1]["p99"], 2), "attack": dict(attack.told)}


def run(arguments):
    from backendlib import Backend

    result = {}
    for name in arguments.attack or ATTACKS:
        with tempfile.TemporaryDirectory(prefix="sighej-bench-") as top:
            backends = []
            try:
                for i in range(2):
                    folder = pathlib.Path(top) / str(i)
                    folder.mkdir()
                    backends.append(Backend(folder, **LIMITS))
                    backends[-1].wait_until_ready()
                result[name] = measure(name, *backends, arguments.seconds)
            finally:
                for backend in backends:
                    backend.stop()
    return result


def main():
    arguments = parse()
    result = run(arguments)
    kept = all(one["ratio_p99"] <= MAY_BE for one in result.values())
    if arguments.json:
        print(json.dumps({**result, "required_ratio_p99": MAY_BE, "kept": kept}))
        return
    for name, one in result.items():
        print(f"{name:18} p50 {one['attacked_ms']['p50']} ms beside {one['beside_ms']['p50']}: {one['ratio_p50']} times; "
              f"p99 {one['attacked_ms']['p99']} beside {one['beside_ms']['p99']}: {one['ratio_p99']} times, of {one['n']}; "
              + ", ".join(f"{key}: {value}" for key, value in one["attack"].items()))
    print(f"at most {MAY_BE} times the 99th percentile: {'kept' if kept else 'MISSED'}")


if __name__ == "__main__":
    main()
