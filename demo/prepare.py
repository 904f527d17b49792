"""`python -m demo.prepare`: all that is done once before the demo can be used, in one process.

Each command in a process of its own would load the whole project anew, which takes longer than what
most of them do. The arguments are those of `seed_demo`.
"""

import gc
import sys

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    # Migrations make models by the thousands; to look through everything for each few hundred of
    # them would take a quarter of the time. 50,000 cost 20 MB.
    gc.freeze()
    gc.set_threshold(50_000)
    call_command("migrate", verbosity=0)
    call_command("seed_demo", *sys.argv[1:])
    # The web is not there yet, so that Telegram's stand-in would look for it in vain.
    call_command("telegram", "setwebhook", "--wait", "0")
    for name in ("commands", "profile"):
        call_command("telegram", name)


if __name__ == "__main__":
    main()
