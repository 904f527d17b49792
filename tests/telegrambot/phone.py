"""The hand of a test on a phone: what a person writes, presses and reads, by way of the sandbox."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from telegrambot import tasks
from telegrambot.delivery import client
from telegrambot.incoming import polling
from tests.telegrambot.bot import Commits
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Employee

# As a button offers him.
SERGEY = "Посторонних Сергей"
Json = dict[str, Any]


class Line:
    """From the phones to the bot and back: every update is committed, and what it has caused is
    delivered."""

    def __init__(self, telegram: Sandbox, commits: Commits) -> None:
        self.telegram = telegram
        self._commits = commits
        # That everyone has pressed Start is no news.
        self._offset = client.call("getUpdates")[-1]["update_id"] + 1

    def committed(self) -> AbstractContextManager[object]:
        """What is done meanwhile is committed at the end."""
        return self._commits(execute=True)

    def carry(self, hold: int = 0) -> None:
        self.hear(hold)
        self.deliver()

    def hear(self, hold: int = 0) -> None:
        """What people have done, of which nothing is delivered yet."""
        with self.committed():
            self._offset = polling.poll_once(self._offset, hold=hold)

    def miss(self) -> None:
        """What people have done, of which the bot never hears."""
        self._offset = client.call("getUpdates", {"offset": -1})[-1]["update_id"] + 1

    def deliver(self) -> None:
        with self.committed():
            tasks.sweep()


class Phone:
    def __init__(self, line: Line, telegram_id: int, chat_id: int = 0) -> None:
        """In the private chat with the bot, or in a group."""
        self._line = line
        self.telegram_id = telegram_id
        self._chat_id = chat_id or telegram_id
        self._person = f"/client/people/{telegram_id}"
        self._path = f"{self._person}/chats/{self._chat_id}"

    def in_group(self, chat_id: int) -> "Phone":
        return Phone(self._line, self.telegram_id, chat_id)

    def says(self, text: str, **where: Any) -> str:
        """The newest message then, if there is one; in a topic, or in answer to a message."""
        self._line.telegram.post(f"{self._path}/messages", text=text, **where)
        self._line.carry()
        return (self.reads() or [""])[-1]

    def chooses(self, command: str, **where: int) -> str:
        """As `says`, by the menu, where nobody else may see it."""
        return self.says(command, from_menu=True, **where)

    def answers(self, words: str, text: str) -> str:
        """As `says`, in answer to the bot's newest message with these words."""
        return self.says(text, reply_to_message_id=self.find(words)["message_id"])

    def edits(self, words: str, text: str) -> None:
        """His own newest message with these words says something else now."""
        seen = self._line.telegram.get(f"{self._path}/messages")
        own = [one for one in seen if one["from"]["id"] == self.telegram_id]
        number = [one for one in own if words in one.get("text", one.get("caption", ""))][-1][
            "message_id"
        ]
        self._line.telegram.post(f"{self._path}/messages/{number}", text=text)
        self._line.carry()

    def find(self, words: str) -> Json:
        """The bot's newest message with these words."""
        return next(
            one
            for one in reversed(self._messages())
            if words in str(one.get("text", one.get("caption")))
        )

    def newest(self) -> int:
        """The number of the bot's newest message."""
        return int(self._messages()[-1]["message_id"])

    def answers_with(
        self, *files: tuple[str, str, bytes], to: int | None = None, **more: Any
    ) -> None:
        """Files (kind, name, content) in answer to the newest message of the bot, or to another;
        it reads of them when they have been fetched: see `carry`."""
        number = self.newest() if to is None else to
        reply = {"reply_to_message_id": number} if number else {}
        album = {"media_group_id": str(13_800_000_000_000_000 + number)} if files[1:] else {}
        for kind, name, content in files:
            upload = {"file" if kind == "document" else kind: (name, content)}
            self._line.telegram.upload(f"{self._path}/messages", upload, **reply, **album, **more)
        self._line.carry()

    def goes_away(self, deputy: str = SERGEY, until: str = "31.12.2099") -> None:
        for text in ("/away", until):
            self.says(text)
        for label in (deputy, "✅ Yes"):
            self.presses(label)

    def presses(self, label: str) -> str:
        """Press the newest button with this label; what is shown over the chat."""
        return self._press(**self._buttons()[label])

    def looks_for(self, text: str, offset: str = "") -> Json:
        """What is shown to who types this behind the bot's name."""
        asked = {"query": text, "offset": offset, "chat_id": self._chat_id}
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(self._line.telegram.post, f"{self._person}/inline", **asked)
            self._line.carry(hold=15)
            return dict(answer.result(timeout=15))

    def sends_found(self, text: str, number: int = 0) -> Json:
        """The message that one of the results becomes in this chat."""
        result = self.looks_for(text)["results"][number]
        return self.sends_result(text, str(result["id"]))

    def sends_result(self, text: str, result_id: str, *, is_told: bool = True) -> Json:
        """One of those that he was shown for this text; the bot is told of it, if it wants to."""
        chosen = {"query": text, "result_id": result_id, "chat_id": self._chat_id}
        sent = self._line.telegram.post(f"{self._person}/inline/choose", **chosen)
        if is_told:
            self._line.carry()
        else:
            self._line.miss()
        return dict(sent)

    def sees(self, message_id: int) -> Json:
        """This message of whomever."""
        seen = self._line.telegram.get(f"{self._path}/messages")
        return next(dict(one) for one in seen if one["message_id"] == message_id)

    def taps(self, message_id: int, label: str) -> str:
        """Press a button under this message; what is shown over the chat."""
        rows = self.sees(message_id)["reply_markup"]["inline_keyboard"]
        [data] = [one["callback_data"] for row in rows for one in row if one["text"] == label]
        return self.presses_data(message_id, data)

    def presses_data(self, message_id: int, data: str) -> str:
        """As an app may that is none of Telegram's own."""
        return self._press(message_id=message_id, data=data)

    def _press(self, **body: Any) -> str:
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(self._line.telegram.post, f"{self._path}/press", **body)
            self._line.carry(hold=15)
            return str(answer.result(timeout=15)["text"])

    def reads(self) -> list[str]:
        """All that he sees of the bot in the chat, oldest first."""
        return [message.get("text") or message.get("caption", "") for message in self._messages()]

    def offers(self) -> list[str]:
        """The labels of all buttons in the chat, oldest first."""
        return list(self._buttons())

    def _messages(self) -> list[Json]:
        seen = self._line.telegram.get(f"{self._path}/messages")
        return [message for message in seen if message["from"]["is_bot"]]

    def _buttons(self) -> dict[str, Json]:
        """Label → what presses it, the newest of the same label."""
        numbers = ("message_id", "ephemeral_message_id")
        return {
            button["text"]: {
                "data": button["callback_data"],
                **{name: message[name] for name in numbers if name in message},
            }
            for message in self._messages()
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
            if "callback_data" in button
        }


PhoneOf = Callable[[Employee], Phone]
