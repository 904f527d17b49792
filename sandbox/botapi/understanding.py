"""What of a request a server of some version reads: what came later it ignores without a word."""

from dataclasses import replace

from sandbox.params import Params
from sandbox.versions import BotApi

# Parameters that older methods got, by method in lower case and name.
_SINCE = {
    ("editmessagetext", "rich_message"): BotApi.V10_1,
    ("editephemeralmessagetext", "rich_message"): BotApi.V10_3,
}


def understood(method: str, params: Params, version: BotApi) -> Params:
    """The request without what that version does not know; ``method`` is in lower case."""
    ignored = [name for (of, name), since in _SINCE.items() if of == method and version < since]
    return replace(params.without(*ignored), version=version)
