"""A company in an installation, and what its people see and do."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any
from uuid import uuid4

from .back_office import PDF, BackOffice, Document
from .harness import Installation, Json, until

# Of the accountant, as `clerk.py` sets it.
PASSWORD = "secret-of-the-accountants"
STRANGER = "stranger"
FIELDS = {
    "amount": "125000,50",
    "vat_amount": "",
    "currency": "RUB",
    "purpose": "Оплата по счёту 45 за металлопрокат",
    "invoice_date": "2026-11-10",
    "desired_date": "2036-11-28",
    "comment": "Срочная поставка",
}
DIRECTORIES = (
    "organization", "department", "cash_flow_item", "counterparty", "counterparty_account",
    "vat_rate",
)  # fmt: skip
# How every message that tells of a request begins, by its status; its number stands below.
MARKS = {
    "draft": "📝",
    "in_approval": "⏳",
    "approved": "✅",
    "returned": "↩️",
    "declined": "❌",
    "cancelled": "🚫",
}
DECISIONS = ("approve", "decline", "return_for_rework", "reason")
# A group may have four messages at once and then one every four seconds.
SETTLE_SECONDS = 30.0

_numbers = count(1)
# All firms pay the same supplier, each invoice once.
_invoices = count(45)
# Of the groups that firms have besides their first.
_groups = count(-1_002_000_000_001, -1)


@dataclass(frozen=True)
class Button:
    """As a client shows it; it can be pressed when the message no longer has it, too."""

    chat: int
    message: int
    data: str


class Firm:
    """Anna prepares; Boris and Vera hold the budget; Fedor is the financial manager; Tamara the
    treasurer. Gleb holds another department's budget; a stranger is in the group chat too."""

    def __init__(self, installation: Installation, language: str = "en") -> None:
        self.installation = installation
        number = next(_numbers)
        self._facts: Json = installation.clerk.found_firm(number=number, language=language)
        self.group: int = self._facts["group"]
        self._known: dict[int, str] = {}
        self.telegram_ids: dict[str, int] = {
            **self._facts["telegram_ids"],
            STRANGER: number * 1000 + 999,
        }
        self._gather(language)

    @property
    def organization(self) -> int:
        return int(self._facts["organization"])

    @cached_property
    def office(self) -> BackOffice:
        """The accountant's session."""
        cookies = self.installation.clerk.sign_in(employee=self.employee("anna"))
        return BackOffice(self.installation.web_url, cookies)

    @property
    def organization_name(self) -> str:
        return str(self._facts["name"])

    def request_numbered(self, number: str) -> int:
        return int(self.installation.clerk.request_numbered(number=number))

    def close(self) -> None:
        self.office.close()

    @property
    def accountant(self) -> str:
        """Anna's e-mail address."""
        return str(self._facts["accountant"])

    @property
    def people(self) -> list[str]:
        return list(self._facts["employees"])

    def open_group(self, title: str, **fields: Any) -> int:
        """One more that hears of the requests, Anna's; where there are topics the bot manages."""
        key = next(_groups)
        self.installation.clerk.found_group(
            organization=self.organization, telegram_id=key, title=title, **fields
        )
        place = {"is_forum": True, "bot_rights": True} if fields.get("is_forum") else {}
        self._gather_in(key, title, **place)
        return key

    def make_administrator(self, person: str) -> None:
        self.installation.clerk.make_administrator(employee=self.employee(person))

    def dismiss(self, person: str) -> None:
        self.installation.clerk.dismiss(employee=self.employee(person))

    def employee(self, person: str) -> int:
        return int(self._facts["employees"][person])

    # What the accountant does.

    def draft(
        self,
        document: str = "Счёт 45.pdf",
        papers: Sequence[Document] = (),
        **fields: Any,
    ) -> int:
        """With a document of this name, or with these."""
        directories = {name: self._facts[name] for name in DIRECTORIES}
        requester = self.employee("anna")
        own = {"requester": requester, "invoice_number": str(next(_invoices))}
        values = {**FIELDS, **directories, **own, **fields}
        return self.office.create(values, papers or [(document, PDF + document.encode())])

    def submitted(self, **fields: Any) -> int:
        """A request in approval that everyone concerned has seen."""
        request = self.draft(**fields)
        self.office.submit(request)
        self.settle()
        return request

    # What people do in the messenger.

    def button(self, person: str, request: int, verb: str) -> Button:
        """The button of this verb under the person's newest message about the request."""
        found = lambda: self.buttons(person, request, verb)[-1:]  # noqa: E731
        button: Button = until(found, f"{person}'s button {verb}", SETTLE_SECONDS)[0]
        return button

    def press(self, person: str, request: int, verb: str) -> Json:
        return self.push(person, self.button(person, request, verb))

    def push(self, person: str, button: Button) -> Json:
        """The answer to the press: text, and whether it is an alert."""
        answer = self.tap(person, button)
        assert answer["answered"], f"{person} got no answer to {button}"
        return answer

    def tap(self, person: str, button: Button) -> Json:
        """The same where the answer may be lost."""
        path = f"/client/people/{self.telegram_ids[person]}/chats/{button.chat}/press"
        body = {"message_id": button.message, "data": button.data}
        answer: Json = self.installation.post(path, body)
        return answer

    def push_in_group(self, person: str, request: int, button: Button) -> Json:
        """Press another's button on the group's message, as a forged client could."""
        card = self.newest(self.group, request)
        return self.push(person, Button(self.group, card["message_id"], button.data))

    def say(self, person: str, text: str) -> None:
        chat = self.telegram_ids[person]
        self.installation.post(f"/client/people/{chat}/chats/{chat}/messages", {"text": text})

    def answer(self, person: str, request: int, text: str) -> None:
        """To the newest message that names the request."""
        chat, number = self.telegram_ids[person], self.number(request)
        messages = self.installation.get(f"/control/chats/{chat}")["messages"]
        named = [one["message_id"] for one in messages if f"{number} · " in _words(one)]
        answered = {"reply_to_message_id": named[-1]}
        self.installation.post(
            f"/client/people/{chat}/chats/{chat}/messages", {"text": text, **answered}
        )

    def send_update(self, person: str, button: Button, copies: int = 1) -> Json:
        """The press as an update of its own, past Telegram's order; the webhook's answers."""
        body = {"update": {"callback_query": self.query(person, button)}, "copies": copies}
        outcome: Json = self.installation.post("/control/updates", body)
        return outcome

    def query(self, person: str, button: Button) -> Json:
        """What Telegram tells of a press."""
        sender = {"id": self.telegram_ids[person], "is_bot": False, "first_name": person.title()}
        chat = {"id": button.chat, "type": "private", "first_name": person.title()}
        return {
            "id": uuid4().hex,
            "from": sender,
            "message": {"message_id": button.message, "date": 0, "chat": chat},
            "chat_instance": "1",
            "data": button.data,
        }

    # What can be seen.

    def look(self, request: int) -> Json:
        state: Json = self.installation.clerk.look(request=request)
        return state

    def number(self, request: int) -> str:
        """Given once."""
        if request not in self._known:
            self._known[request] = self.look(request)["number"]
        return self._known[request]

    def chats(self) -> dict[str, int]:
        private = {name: key for name, key in self.telegram_ids.items() if name != STRANGER}
        return {**private, "group": self.group}

    def about(self, chat: int, request: int) -> list[Json]:
        """The bot's messages about the request that stand in a chat, the oldest first."""
        number = self.number(request)
        messages = self.installation.get(f"/control/chats/{chat}")["messages"]
        return [message for message in messages if _is_about(number, _words(message))]

    def newest(self, chat: int, request: int) -> Json:
        return self.about(chat, request)[-1]

    def shown(self, request: int) -> dict[str, list[str]]:
        """Who has messages about the request, and their texts."""
        texts = {
            name: [_words(message) for message in self.about(chat, request)]
            for name, chat in self.chats().items()
        }
        return {name: found for name, found in texts.items() if found}

    def settle(self, timeout: float = SETTLE_SECONDS) -> None:
        """Wait until the chats have caught up with the journal."""
        until(self._is_settled, "the chats to catch up", timeout)

    def wait_for_projection(self) -> None:
        """The news have become work for the lanes, which may be busy."""
        until(lambda: not self._lag()["unprojected"], "the projection")

    def _is_settled(self) -> bool:
        lag = self._lag()
        assert not lag["failed"], lag["failed"]
        return not (lag["behind"] or lag["unprojected"])

    def _lag(self) -> Json:
        lag: Json = self.installation.clerk.lag(organization=self.organization)
        return lag

    def wait_for_status(self, request: int, status: str) -> None:
        until(lambda: self.look(request)["status"] == status, f"the status {status}")

    def buttons(self, person: str, request: int, verb: str) -> list[Button]:
        chat = self.telegram_ids[person]
        return [
            Button(chat, message["message_id"], button["callback_data"])
            for message in self.about(chat, request)
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
            if button.get("callback_data", "").startswith(f"{verb}:")
        ]

    def _gather(self, language: str) -> None:
        """Everyone but the stranger has opened the bot, and the group has all of them."""
        people = [
            {
                "id": key,
                "first_name": name.title(),
                "language_code": language,
                "bot_started": name != STRANGER,
            }
            for name, key in self.telegram_ids.items()
        ]
        self.installation.post("/control/people", people)
        self._gather_in(self.group, self._facts["title"])

    def _gather_in(self, key: int, title: str, **place: Any) -> None:
        group = {"id": key, "title": title, "type": "supergroup", **place}
        members = list(self.telegram_ids.values())
        self.installation.post("/control/groups", {**group, "members": members})


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of this at the same moment."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _is_about(number: str, text: str) -> bool:
    heading = "\n".join(text.split("\n")[:2])
    return number in heading and heading.startswith(tuple(MARKS.values()))


def _words(message: Json) -> str:
    text: str = message.get("text") or message.get("caption") or ""
    return text
