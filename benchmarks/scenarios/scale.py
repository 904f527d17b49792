"""A hundred thousand requests, or a million: no page may take longer for them."""

import sys
from itertools import chain

from benchmarks import database
from benchmarks.scale import channel, company, filling, pages
from benchmarks.scale.measure import measure, plans, table

REQUESTS, MILLION = 100_000, 1_000_000
# Milliseconds of server time.
AIM, AIM_OF_MILLION = 100.0, 150.0


def run(*, million: bool) -> int:
    """Fill a database of its own and measure; how many steps are above their aim."""
    with database.fresh():
        cast = company.found()
        print(f"filling {MILLION if million else REQUESTS:,} requests …", file=sys.stderr)
        filling.fill(MILLION if million else REQUESTS)
        aim = AIM_OF_MILLION if million else AIM
        measured = []
        for step in chain(pages.steps(cast, aim), channel.steps(cast, aim)):
            print(f"{step.name} …", file=sys.stderr, flush=True)
            measured.append(measure(step))
        print(table(measured))
        print(*plans(measured), sep="\n\n")
    missed = [one.step.name for one in measured if one.missed]
    print(f"\n{len(measured) - len(missed)} of {len(measured)} steps reach their aim.")
    print(*(f"ABOVE ITS AIM: {name}" for name in missed), sep="\n")
    return len(missed)
