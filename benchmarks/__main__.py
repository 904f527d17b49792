"""`make bench`: measures speed beside a baseline, and proves that nothing was lost meanwhile."""

import argparse
import logging
import shutil
import sys
from pathlib import Path

from benchmarks import environment

FOLDER = environment.prepare()

import django  # noqa: E402 - the settings read the environment that was just prepared

django.setup()
# What is prepared here is nobody's news.
logging.getLogger("treasury.journal").setLevel(logging.WARNING)

from benchmarks import company, database, results  # noqa: E402
from benchmarks.bench import FULL, QUICK, Bench  # noqa: E402
from benchmarks.scenarios import SCENARIOS, scale  # noqa: E402
from benchmarks.services import Services  # noqa: E402

# Not among the others: it fills a database of its own.
SCALE = "scale"


def main() -> None:
    options = _options()
    if options.only == [SCALE]:
        missed = scale.run(million=options.million)
        shutil.rmtree(FOLDER)
        sys.exit(1 if missed else 0)
    size = QUICK if options.quick else FULL
    rows: list[results.Row] = []
    services = Services(FOLDER)
    with database.fresh():
        try:
            bench = Bench(size.with_rounds(options.rounds), company.found(), services)
            for name in options.only or SCENARIOS:
                print(f"{name} …", file=sys.stderr, flush=True)
                rows += SCENARIOS[name](bench)
            end_state = database.check(presses=len(bench.pressed), updates=len(bench.sent))
        finally:
            services.stop()
            print(results.table(rows))
    print("End state:", ", ".join(f"{count} {name}" for name, count in end_state.items()))
    if options.json:
        results.save(options.json, rows, end_state)
    shutil.rmtree(FOLDER)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--rounds", type=int, help="instead of the usual number")
    parser.add_argument(
        "--only", action="append", choices=[*SCENARIOS, SCALE], metavar="NAME",
        help=f"one of {', '.join(SCENARIOS)}; may be repeated. Or {SCALE}, alone: "
        "every page and the chat with 100,000 requests",
    )  # fmt: skip
    parser.add_argument("--million", action="store_true", help="of scale: with a million requests")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    options = parser.parse_args()
    if options.only and SCALE in options.only and len(options.only) > 1:
        parser.error(f"{SCALE} is measured alone")
    if options.million and options.only != [SCALE]:
        parser.error(f"--million belongs to --only {SCALE}")
    return options


if __name__ == "__main__":
    main()
