"""The web application: Bot API, Person API, control API and the chat page."""

import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .botapi.dispatch import Dispatcher
from .botapi.http import BotApi
from .botapi.webhook import WebhookMethods
from .client import ClientApi
from .control import ControlApi
from .delivery import Reply, Webhook
from .errors import ApiError
from .params import MAX_TEXT_BYTES, MAX_UPLOAD_BYTES, Params
from .topics import Topics
from .updates import Update
from .web import failure
from .world import World

STATIC = Path(__file__).parent / "static"
# Above the limits, so that the answer to an excess can be Telegram's own.
MAX_BODY_BYTES = 2 * MAX_UPLOAD_BYTES + MAX_TEXT_BYTES


def make_app(
    world: World, *, log: bool, save: Callable[[], None] = lambda: None
) -> web.Application:
    """``save`` is called whenever the world may have changed, before anybody is told."""
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_errors, _saving(save)])
    webhook = Webhook(world.updates, log=log)
    dispatcher = Dispatcher(world, WebhookMethods(webhook))
    webhook.reply = _saved(dispatcher.reply, save)
    world.updates.on_added = _outlet(world, webhook)
    bot_api = BotApi(world, dispatcher, log=log)
    app.router.add_route("*", "/bot{token}/{method:[^/]*}", bot_api.handle)
    app.router.add_get("/file/bot{token}/{path:.+}", bot_api.download)
    app.add_routes(ClientApi(world).routes())
    app.add_routes(ControlApi(world, webhook).routes())
    app.add_routes(Topics(world).routes())
    app.router.add_get("/", _index)
    app.router.add_get(r"/{username:\w+}", _bot_page(world))
    app.router.add_static("/static/", STATIC)
    app.on_cleanup.append(_closing(webhook, save))
    return app


def _outlet(world: World, webhook: Webhook) -> Callable[[Update], None]:
    """Where new updates go: to the webhook, or to whoever polls."""

    def added(update: Update) -> None:
        if webhook.config:
            webhook.enqueue(update)
        else:
            world.poller.wake()

    return added


def _saving(save: Callable[[], None]) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        finally:
            save()

    return middleware


def _saved(reply: Reply, save: Callable[[], None]) -> Reply:
    """A method in a webhook's answer changes the world without a request."""

    async def run(method: str, params: Params) -> None:
        await reply(method, params)
        save()

    return run


def _closing(
    webhook: Webhook, save: Callable[[], None]
) -> Callable[[web.Application], Awaitable[None]]:
    async def close(app: web.Application) -> None:
        await webhook.close()
        save()

    return close


async def _index(request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


def _bot_page(world: World) -> Handler:
    """A link to the bot, as t.me has them: the page asks who opens it."""

    async def page(request: web.Request) -> web.StreamResponse:
        if request.match_info["username"].lower() != world.bot.username.lower():
            raise web.HTTPNotFound
        return await _index(request)

    return page


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        return failure(error)
    except web.HTTPException as error:
        return failure(ApiError(error.status, error.reason))
    except Exception:
        # The edge of the server: a fault of the sandbox must look like one of Telegram's.
        traceback.print_exc()
        return failure(ApiError(500, "Internal Server Error"))
