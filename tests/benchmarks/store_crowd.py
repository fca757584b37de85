"""Do many people who edit at once lose anything, and how long do they wait?

    python tests/benchmarks/store_crowd.py [--clients 25] [--edits 100]

Starts the routes as a server of their own, lets the clients edit five photos at once over HTTP (boxes of their own, and
one that all share),
kills the server with signal 9, and compares the store with what was acknowledged: once when all are done, once in the midst of it.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

import stamped

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.crowd import find_lost_edits, run_clients

RESULTS = Path(__file__).parent / "results" / "store_crowd.json"


def measured(clients: int, edits: int, kill_after: int | None = None) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        workers, took = run_clients(Path(folder), clients, edits, kill_after=kill_after)
        waits = sorted(1000 * second for worker in workers for second in worker.seconds)
        done = sum(len(worker.acknowledged) for worker in workers)
        return {
            "clients": clients,
            "acknowledged": done,
            "conflicts": sum(worker.conflicts for worker in workers),
            "lost": len(find_lost_edits(Path(folder), workers)),
            "edits_per_second": round(done / took, 1),
            "median_ms": round(statistics.median(waits), 1),
            "p95_ms": round(waits[int(0.95 * (len(waits) - 1))], 1),
        }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clients", type=int, default=25)
    options.add_argument("--edits", type=int, default=100)
    asked = options.parse_args()
    report = {
        "all_done": measured(asked.clients, asked.edits),
        "killed": measured(asked.clients, 1_000_000, kill_after=asked.clients * asked.edits // 2),
    }
    print(json.dumps(report, indent=1))
    stamped.write(RESULTS, report)
    sys.exit(1 if any(part["lost"] for part in report.values()) else 0)


if __name__ == "__main__":
    main()
