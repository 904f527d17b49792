import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection
from django.test import Client
from kombu.exceptions import OperationalError
from structlog.contextvars import bound_contextvars

from config.logs import RepeatsFilter, SecretsFilter, formatter
from telegrambot.content.callback_data import CallbackData, Verb
from telegrambot.models import Update
from tests.admin.conftest import browse
from tests.company import Company
from tests.telegrambot import bot

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
    logger = logging.Logger("telegrambot.delivery.sending")
    logger.addHandler(handler)
    return logger


def test_a_line_says_when_how_bad_where_and_what(logger: logging.Logger, output: StringIO) -> None:
    logger.warning("chat %s waits", 5)
    line = output.getvalue()
    assert line.startswith("timestamp='2")
    assert "level='warning' logger='telegrambot.delivery.sending' event='chat 5 waits'" in line


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


@pytest.fixture
def as_json(settings: LazySettings) -> None:
    settings.LOG_FORMAT = "json"


def test_for_programs_a_line_is_one_json(
    as_json: None, logger: logging.Logger, output: StringIO
) -> None:
    with bound_contextvars(request_id="a1", update_id=7):
        logger.warning("chat %s\nждёт", 5, extra={"method": "sendMessage", "request": object()})
    [line] = output.getvalue().splitlines()
    assert "ждёт" in line
    told = json.loads(line)
    assert list(told)[:4] == ["time", "level", "logger", "message"]
    assert told.pop("time").startswith("2")
    assert told == {
        "level": "warning",
        "logger": "telegrambot.delivery.sending",
        "message": "chat 5\nждёт",
        "request_id": "a1",
        "update_id": 7,
        "method": "sendMessage",
    }


def test_for_programs_a_traceback_is_in_the_line_and_masked(
    as_json: None, logger: logging.Logger, output: StringIO
) -> None:
    try:
        raise ValueError(f"cannot reach /bot{TOKEN}/getMe")
    except ValueError:
        logger.exception("no answer")
    [line] = output.getvalue().splitlines()
    assert TOKEN not in line
    assert json.loads(line)["exception"].endswith("ValueError: cannot reach /bot<token>/getMe")


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_secret_is_masked_in_all_that_a_line_tells(
    settings: LazySettings, output: StringIO, request: pytest.FixtureRequest, kind: str
) -> None:
    settings.LOG_FORMAT = kind
    logger: logging.Logger = request.getfixturevalue("logger")
    with bound_contextvars(task=f"of {TOKEN}"):
        logger.info("%s", TOKEN, extra={"result": f"bot{TOKEN}"})
    assert TOKEN not in output.getvalue()
    assert output.getvalue().count("<token>") == 3


def test_a_row_that_breaks_a_rule_is_not_told(
    logger: logging.Logger, output: StringIO, db: None
) -> None:
    said = "Тайна (переговоров).\nИ ещё"
    try:
        Update.objects.create(update_id=7, kind="message", payload={"text": said}, attempts=-1)
    except IntegrityError:
        logger.exception("refused")
    written = output.getvalue()
    assert "IntegrityError" in written
    if connection.vendor == "postgresql":
        assert "Failing row contains <row>." in written
    assert "ереговор" not in written
    assert "043f" not in written


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """What the product writes while the test runs: beside its own handler, by its own rules."""
    output = StringIO()
    root = logging.getLogger()
    console = next(handler for handler in root.handlers if handler.filters)
    [repeats] = [each for each in console.filters if isinstance(each, RepeatsFilter)]
    # Another test may have said the same within a minute.
    monkeypatch.setattr(repeats, "_since", {})
    handler = logging.StreamHandler(output)
    handler.filters, handler.formatter = console.filters, console.formatter
    root.addHandler(handler)
    yield lambda: output.getvalue().splitlines()
    root.removeHandler(handler)


Lines = Callable[[], list[str]]


def test_a_wrong_host_is_one_line(lines: Lines) -> None:
    answer = Client().get("/admin/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    [line] = lines()
    assert "logger='django.security.DisallowedHost'" in line
    assert "evil.example" in line


def test_a_door_that_stays_shut_is_one_line(lines: Lines, company: Company) -> None:
    browser = browse(company.boris, "Согласующий")
    before = len(lines())
    assert browser.get("/admin/treasury/employee/").status_code == 403
    [line] = lines()[before:]
    assert "Forbidden (Permission denied): /admin/treasury/employee/" in line


def test_our_own_failures_keep_their_traceback(lines: Lines) -> None:
    try:
        raise PermissionError("the folder of the documents")
    except PermissionError:
        logging.getLogger("treasury.documents").exception("not kept")
    assert len(lines()) > 1


@pytest.mark.parametrize(
    "text", ["Internal Server Error: /admin/", "Internal Server Error: /admin/\nlevel='info'"]
)
def test_without_a_traceback_the_reason_is_told(lines: Lines, text: str) -> None:
    error = PermissionError(13, "Permission denied\nfaked='line'")
    say("django.request", text, second=0, error=error)
    [line] = lines()
    assert "Internal Server Error: /admin/: PermissionError: [Errno 13] Permission denied" in line
    assert "faked" not in line
    assert "info" not in line.split("event=")[1]


def say(name: str, text: str, *arguments: object, second: float, error: Any = None) -> None:
    """As a process does at that second after it has started."""
    logger = logging.getLogger(name)
    info = (type(error), error, None) if error else None
    record = logger.makeRecord(name, logging.ERROR, "", 0, text, arguments, info)
    record.created = 1_800_000_000 + second
    logger.handle(record)


def test_a_process_without_its_broker_says_so_once_a_minute(lines: Lines) -> None:
    refused = OperationalError("Error 111 connecting to redis:6379. Connection refused.")
    for second in range(0, 120, 2):
        say("celery.beat", "Message Error: %s\n%s", refused, ["a", "stack"], second=second,
            error=refused)  # fmt: skip
        say("celery.worker.consumer.consumer",
            "consumer: Cannot connect to %s: %s.\nTrying again in %d seconds...\n",
            "redis://redis", refused, second, second=second)  # fmt: skip
        say("telegrambot.doorbell", "the doorbell was not heard: %s", refused, second=second)
    written = lines()
    assert len(written) == 2 * 3
    assert [line for line in written if "(29 more like this before)" in line] == written[3:]
    assert not any("stack" in line or "Trying again" in line for line in written)


def test_what_differs_in_more_than_numbers_is_not_held_back(lines: Lines) -> None:
    say("celery.beat", "Sending due task %s", "sweep", second=0)
    say("celery.beat", "Sending due task %s", "prune", second=1)
    say("treasury.requests", "changed", second=0)
    say("treasury.requests", "changed", second=1)
    assert len(lines()) == 4


GIVEN = "0123456789abcdef0123456789abcdef"


def named(answer: Any) -> str:
    return str(answer.headers["X-Request-ID"])


def test_what_is_logged_for_a_request_names_it_and_so_does_the_answer(lines: Lines) -> None:
    answer = Client().get("/admin/", headers={"host": "evil.example"})
    logging.getLogger("treasury.requests").info("afterwards")
    meanwhile, afterwards = lines()
    assert f"request_id='{named(answer)}'" in meanwhile
    assert "request_id" not in afterwards


@pytest.mark.parametrize(
    ("proxies", "given", "is_believed"),
    [
        (1, GIVEN, True),
        # Anybody can send one.
        (0, GIVEN, False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, f"{GIVEN} level='error'", False),
    ],
)
def test_the_name_of_a_request_is_that_of_the_proxy_in_front(
    settings: LazySettings, proxies: int, given: str, is_believed: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    name = named(Client(headers={"x-request-id": given}).get("/healthz"))
    assert (name == given) == is_believed
    assert len(name) == 32


@pytest.mark.django_db(transaction=True)
def test_an_update_and_what_it_changes_are_in_the_log_with_its_number(
    lines: Lines, company: Company
) -> None:
    request = company.submitted()
    bot.project()
    [task] = request.tasks.filter(employee=company.boris, stage=request.stage)
    data = str(CallbackData(Verb.APPROVE, task.pk))
    pressed = bot.press(company.telegram_id(company.boris), data)
    before = len(lines())
    answer = bot.post(pressed)
    journal, update = lines()[before:]
    for line in (journal, update):
        assert f"update_id={pressed['update_id']} " in line
    for words in (f"payment_request={request.pk}", "action='approve'"):
        assert words in journal
    for words in (f"request_id='{named(answer)}'", "kind='callback_query'", "result='handled'"):
        assert words in update
