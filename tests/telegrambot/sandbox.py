"""The hand of a test on the sandbox, as everyone in it has started the bot."""

from typing import Any

import requests

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


class Sandbox:
    """The hand of a test on the sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._answer(self._http.get(f"{self.url}{path}", params=query, timeout=30))

    def post(self, path: str, **body: Any) -> Any:
        return self._answer(self._http.post(f"{self.url}{path}", json=body, timeout=30))

    def upload(self, path: str, files: dict[str, tuple[str, bytes]], **fields: Any) -> Any:
        """Files by the kind of each."""
        url = f"{self.url}{path}"
        return self._answer(self._http.post(url, data=fields, files=files, timeout=30))

    def put_people(self, *ids: int) -> None:
        """People who have started the bot."""
        for person in ids:
            self.post("/control/people", id=person, first_name=f"Person {person}")
            self.post(f"/client/people/{person}/start")

    def put_group(self, chat_id: int, *members: int, kind: str = "supergroup") -> None:
        self.post("/control/groups", id=chat_id, title="A group", type=kind, members=list(members))

    def fail(self, kind: str, **fault: Any) -> None:
        self.post("/control/faults", kind=kind, **fault)

    def calls(self, method: str = "", **query: Any) -> list[dict[str, Any]]:
        """The Bot API calls so far, oldest first."""
        return list(self.get("/control/calls", method=method, **query))

    def messages(self, chat_id: int) -> list[dict[str, Any]]:
        """What the bot has in a chat, with every message's earlier states."""
        chat = self.get(f"/control/chats/{chat_id}")
        return [message for message in chat["messages"] if message["from"]["is_bot"]]

    def public(self, chat_id: int) -> list[str]:
        """All that everybody in the group has ever seen of the bot, and was not deleted."""
        return [
            str(state.get("text") or state.get("caption"))
            for message in self.messages(chat_id)
            for state in (message, *message["history"])
        ]

    def whispered(self, chat_id: int) -> list[dict[str, Any]]:
        """What the bot has shown there to one person each."""
        shown = self.get(f"/control/chats/{chat_id}")["ephemerals"]
        return [message for message in shown if message["from"]["is_bot"]]

    def _answer(self, response: requests.Response) -> Any:
        assert response.ok, response.text
        return response.json()
