"""What of a request a server of some version reads: what came later it ignores without a word."""

from dataclasses import replace

from sandbox.params import Params
from sandbox.versions import BotApi

# The methods that can send an ephemeral message: with any other it is a public one.
_EPHEMERAL = frozenset(
    {
        "sendanimation", "sendaudio", "sendcontact", "senddocument", "sendlocation",
        "sendmessage", "sendphoto", "sendrichmessage", "sendvenue", "sendvideo", "sendvideonote",
        "sendvoice",
    }
)  # fmt: skip
_PARAMETERS = "ephemeral_message_parameters"
# Instead of them in 10.2, and in no other version.
_FORMER = ("receiver_user_id", "callback_query_id")
# Parameters that older methods got, by method in lower case and name.
_SINCE = {
    ("editmessagetext", "rich_message"): BotApi.V10_1,
    ("editephemeralmessagetext", "rich_message"): BotApi.V10_3,
    **{(method, _PARAMETERS): BotApi.V10_3 for method in _EPHEMERAL},
}


def understood(method: str, params: Params, version: BotApi) -> Params:
    """The request without what that version does not know; ``method`` is in lower case."""
    ignored = [name for (of, name), since in _SINCE.items() if of == method and version < since]
    if method not in _EPHEMERAL:
        ignored.append(_PARAMETERS)
    read = replace(params.without(*ignored), version=version)
    former = {name: params.args[name] for name in _FORMER if params.has(name)}
    # Rich messages could not be ephemeral then.
    if former and version is BotApi.V10_2 and method in _EPHEMERAL - {"sendrichmessage"}:
        read.args[_PARAMETERS] = former
    return read
