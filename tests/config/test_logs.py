import logging
from io import StringIO

import pytest

from config.logs import SecretsFilter, formatter

TOKEN = "123456789:AAtest-0123456789abcdefghijklmnopq"


@pytest.fixture
def output() -> StringIO:
    return StringIO()


@pytest.fixture
def logger(output: StringIO) -> logging.Logger:
    """A logger that writes as the settings make every logger write."""
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter())
    handler.addFilter(SecretsFilter())
    logger = logging.Logger("telegrambot.delivery")
    logger.addHandler(handler)
    return logger


def test_a_line_says_when_how_bad_where_and_what(logger: logging.Logger, output: StringIO) -> None:
    logger.warning("chat %s waits", 5)
    line = output.getvalue()
    assert line.startswith("timestamp='2")
    assert "level='warning' logger='telegrambot.delivery' event='chat 5 waits'" in line


def test_a_token_is_masked_in_message_and_arguments(
    logger: logging.Logger, output: StringIO
) -> None:
    logger.info(f"GET https://api.telegram.org/bot{TOKEN}/getMe %s", TOKEN)
    assert TOKEN not in output.getvalue()
    assert output.getvalue().count("<token>") == 2


def test_a_token_is_masked_in_a_traceback(logger: logging.Logger, output: StringIO) -> None:
    try:
        raise ValueError(f"cannot reach /bot{TOKEN}/getMe")
    except ValueError:
        logger.exception("no answer")
    assert TOKEN not in output.getvalue()
    assert "ValueError: cannot reach /bot<token>/getMe" in output.getvalue()
