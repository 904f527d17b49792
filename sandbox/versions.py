"""The versions of the Bot API that the sandbox plays (core.telegram.org/bots/api-changelog).

A server does not know what came later: such a method is not found, such a parameter is ignored
without a word.
"""

from enum import StrEnum


class BotApi(StrEnum):
    """They compare as texts, which is right up to 10.9."""

    V10_0 = "10.0"
    V10_1 = "10.1"
    V10_2 = "10.2"
    V10_3 = "10.3"
    V10_4 = "10.4"


NEWEST = BotApi.V10_4
