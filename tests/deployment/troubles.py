"""What goes wrong with an installation, one after the other; kept is what was said meanwhile."""

import json
from typing import Any

from tests.acceptance.harness import until

from .deployed import FORMER_TOKEN, IN_ENVIRONMENT, IN_FILES, Deployed

HOOK = "/telegram/webhook/"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
OTHER_PASSWORD = "password-of-the-proxy-since-today"
ADAS_PASSWORD = "password-of-ada-4711"
UPDATE = {"update_id": 1}
TABLE = "telegrambot_update"
PAGES = ("telegrambot/update", "telegrambot/chat", "nowhere")
LINK = "/oauth/link/" + "l" * 43 + "/"
CALLBACK = "/oauth/complete/google/?code=" + "c" * 40 + "&state=" + "s" * 40
SECONDS = 30.0


class Troubles:
    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self.firm = deployed.clerk.found_firm(number=1, language="en")
        self.anna: int = self.firm["telegram_ids"]["anna"]
        person = {"id": self.anna, "first_name": "Anna", "bot_started": True}
        deployed.post("/control/people", [person])
        # What was answered, by what it was.
        self.statuses: dict[str, int] = {}
        self.pages: dict[str, str] = {}
        for path in (LINK, CALLBACK):
            deployed.notice(path)
        self._ada = deployed.clerk.sign_in(employee=self._hire())
        self._say("/whoami")
        until(lambda: self.heard() == 1, "the first answer", SECONDS)
        self._lose_the_proxy()
        self.by_doctor = deployed.doctor(FORMER_TOKEN)
        self._provoke_the_web()
        self._lose_the_web()
        self._lose_the_broker()

    def _hire(self) -> int:
        """Somebody who may see everything."""
        person = {"name": "Ада Ленская", "email": "ada@example.com", "password": ADAS_PASSWORD}
        return int(self.deployed.clerk.hire(**person, is_superuser=True, is_staff=True))

    def heard(self) -> int:
        """How many messages of the bot's have reached Anna."""
        messages = self.deployed.get(f"/control/chats/{self.anna}")["messages"]
        return sum(message["from"]["is_bot"] for message in messages)

    def _lose_the_proxy(self) -> None:
        """It is down, comes back with another password, and at last with the former."""
        proxy = self.deployed.proxy
        proxy.stop()
        self._say("/whoami")
        self.error_while_down = self._error("refused")
        proxy.start(OTHER_PASSWORD)
        self.error_of_login = self._error("Tunnel")
        self._ask("its message", "/admin/telegrambot/sentmessage/", cookies=self._ada)
        proxy.stop()
        self.heard_meanwhile = self.heard()
        proxy.start()
        until(lambda: self.heard() > 1, "what had to wait", SECONDS)
        self.heard_at_last = self.heard()

    def _provoke_the_web(self) -> None:
        secret, metrics = IN_FILES["TELEGRAM_WEBHOOK_SECRET"], IN_ENVIRONMENT["METRICS_TOKEN"]
        self._post("a wrong secret", {HEADER: secret + "-of-yesterday"})
        self._post("no JSON", {HEADER: secret}, "{")
        self._post("a foreign host", {HEADER: secret, "Host": "evil.example.com"})
        self._ask("a foreign page", "/nowhere/")
        self._ask("a link", LINK)
        self._ask("a sign-in", CALLBACK)
        self._ask("metrics", "/metrics", headers={"Authorization": f"Bearer {metrics}"})
        for name in PAGES:
            self._ask(name, f"/admin/{name}/", cookies=self._ada)
        self.deployed.clerk.rename(table=TABLE, name=f"{TABLE}_away")
        self._post("no table", {HEADER: secret})
        self.deployed.clerk.rename(table=f"{TABLE}_away", name=TABLE)

    def _lose_the_web(self) -> None:
        with self.deployed.without_web():
            self._post("no web", {HEADER: IN_FILES["TELEGRAM_WEBHOOK_SECRET"]})
            self._ask("a link without web", LINK)

    def _lose_the_broker(self) -> None:
        heard = self.heard()
        with self.deployed.without_redis():
            self._say("/whoami")
            until(lambda: "Cannot connect" in self.deployed.log("worker"), "its loss", SECONDS)
        until(lambda: self.heard() > heard, "what nobody has rung for", SECONDS)

    def _say(self, text: str) -> None:
        path = f"/client/people/{self.anna}/chats/{self.anna}/messages"
        self.deployed.post(path, {"text": text})

    def _error(self, word: str) -> str:
        """The one with this word, as soon as it is kept."""
        errors = lambda: [text for text in self.deployed.clerk.errors() if word in text]  # noqa: E731
        found: list[str] = until(errors, f"an error with {word}", SECONDS)
        return found[0]

    def _post(self, name: str, headers: dict[str, str], body: str = "") -> None:
        content = {"Content-Type": "application/json"}
        data = body or json.dumps(UPDATE)
        answer = self.deployed.ask(HOOK, "POST", headers={**content, **headers}, data=data)
        self._keep(name, answer)

    def _ask(self, name: str, path: str, **more: Any) -> None:
        self._keep(name, self.deployed.ask(path, **more))

    def _keep(self, name: str, answer: Any) -> None:
        self.statuses[name] = answer.status_code
        self.pages[name] = answer.text
