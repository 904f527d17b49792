"""`python -m demo`."""

import argparse
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import requests

from demo import company
from demo.children import ChildDied, stop, watch
from demo.environment import HOST, ROOT, Options
from demo.parts import PASSWORD, Demo, say

GRACE_SECONDS = 10
# One approver of each stage beside the accountant, as the page can show several people at once.
SIDE_BY_SIDE = (1001, 1002, 1004, 1006)


def main() -> None:
    options, reset = _options()
    _require_free(options.web_port, "--web-port")
    _require_free(options.sandbox_port, "--sandbox-port")
    _require_free(options.google_port, "--google-port")
    if reset:
        shutil.rmtree(options.data, ignore_errors=True)
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _on_signals(_interrupt)
    demo = Demo(options)
    try:
        demo.begin()
        say(_welcome(options))
        watch(demo.running)
    except KeyboardInterrupt:
        say("\nStopping ...", end=" ")
    except (ChildDied, requests.RequestException) as error:
        sys.exit(f"\n{error}\n\nTo begin anew with fresh data: make demo RESET=1")
    finally:
        _on_signals(signal.SIG_IGN)
        stop(demo.running, GRACE_SECONDS)
    say("done.")


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    # Whoever is impatient would otherwise leave behind what has not ended yet.
    _on_signals(signal.SIG_IGN)
    raise KeyboardInterrupt


def _options() -> tuple[Options, bool]:
    parser = argparse.ArgumentParser(prog="make demo", description="Try everything, alone.")
    parser.add_argument("--web-port", type=int, default=8000)
    parser.add_argument("--sandbox-port", type=int, default=8081)
    parser.add_argument("--google-port", type=int, default=9400)
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "demo", help="where it is kept")
    parser.add_argument("--reset", action="store_true", help="throw the old data away")
    given = parser.parse_args()
    ports = (given.web_port, given.sandbox_port, given.google_port, _free_port())
    options = Options(given.data.resolve(), *ports)
    return options, given.reset


def _require_free(port: int, option: str) -> None:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        advice = f'make demo ARGS="{option} {port + 10}"'
        sys.exit(f"Port {port} is taken: stop the program that has it, or choose another: {advice}")


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def _welcome(options: Options) -> str:
    side_by_side = ",".join(map(str, SIDE_BY_SIDE))
    lines = [
        "",
        f"Messenger    {options.sandbox}/?people={side_by_side}",
        f"Back office  {options.web}/admin/    everyone's password: {PASSWORD}",
        f"Google       {options.google}    stands in for it: /login in the chat leads there",
        "",
        *map(_row, company.PEOPLE),
        "",
        f"The data and logs are in {options.data}. Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _row(person: company.Person) -> str:
    name = f"{person.last_name} {person.first_name}"
    chat = "" if person.linked else ", not yet known to the bot"
    return f"  {person.email:22} {name:18} {person.job}{chat}"


if __name__ == "__main__":
    main()
