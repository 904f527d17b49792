"""``python -m sandbox``."""

import argparse
import asyncio
import signal
from pathlib import Path

from aiohttp import web

from .app import make_app
from .settings import Settings
from .state import Bot
from .store import open_world
from .versions import NEWEST, BotApi
from .world import World

DEFAULT_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"  # noqa: S105 - documentation's example
DEFAULT_USERNAME = "treasury_sandbox_bot"
SHUTDOWN_SECONDS = 1.0


def main() -> None:
    options = _parser().parse_args()

    def new_world() -> World:
        bot = Bot(options.token, options.username)
        settings = Settings(latency_ms=options.latency_ms, bot_api=options.bot_api)
        return World(bot, settings, local=options.local)

    if options.keep:
        store, world = open_world(options.keep, new_world)
        app = make_app(world, log=not options.quiet, save=lambda: store.save(world))
    else:
        app = make_app(new_world(), log=not options.quiet)
    asyncio.run(_serve(app, options.host, options.port))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description="A stand-in for Telegram.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081, help="0 for any free one")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the token of the only bot")
    parser.add_argument("--username", default=DEFAULT_USERNAME, help="of the bot")
    parser.add_argument(
        "--local", action="store_true", help="accept any webhook address, http and any port too"
    )
    parser.add_argument("--latency-ms", type=float, default=0.0, help="before each answer")
    parser.add_argument(
        "--bot-api", type=BotApi, choices=list(BotApi), default=NEWEST, help="the version to play"
    )
    parser.add_argument("--keep", type=Path, help="a file in which all is kept, for a next time")
    parser.add_argument("--quiet", action="store_true", help="do not log calls")
    return parser


async def _serve(app: web.Application, host: str, port: int) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    print(f"Sandbox listening on {_address(runner)}", flush=True)
    await stopped.wait()
    await runner.cleanup()


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


if __name__ == "__main__":
    main()
