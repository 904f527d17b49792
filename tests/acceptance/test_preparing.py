"""A request that is prepared in the chat, from two devices, while web and worker are restarted."""

from .firm import Button, Firm
from .harness import Json, until

PAYEE = "3528000597"


class Chat:
    """Anna's, as each of her devices shows it."""

    def __init__(self, firm: Firm) -> None:
        self._firm = firm
        self._key = firm.telegram_ids["anna"]

    def asks(self, question: str) -> Json:
        """The newest message, once it is this question."""

        def newest() -> Json | None:
            messages = self._firm.installation.get(f"/control/chats/{self._key}")["messages"]
            said = [one for one in messages if one["from"]["is_bot"]]
            return said[-1] if said and question in said[-1].get("text", "") else None

        found: Json = until(newest, f"the question {question!r}")
        return found

    def says(self, text: str) -> None:
        self._firm.say("anna", text)

    def presses(self, question: str, label: str) -> str:
        message = self.asks(question)
        rows = message["reply_markup"]["inline_keyboard"]
        [data] = [
            one["callback_data"] for row in rows for one in row if one["text"].startswith(label)
        ]
        button = Button(self._key, message["message_id"], data)
        return str(self._firm.push("anna", button)["text"])


def test_a_restart_and_another_device_lose_nothing(firm: Firm) -> None:
    # Of one organization nobody is asked.
    Firm(firm.installation).close()
    phone, tablet = Chat(firm), Chat(firm)
    phone.says("/new")
    phone.presses("Which organization pays?", firm.organization_name)
    phone.asks("Who is paid?")
    phone.says(PAYEE)
    tablet.asks("How much?")
    firm.installation.restart()
    tablet.says("125 тыс")
    phone.presses("Which VAT is in it?", "22 %")
    tablet.presses("Which department?", "Производство")
    phone.asks("What is it paid for?")
    phone.says("Оплата по счёту 45 за металлопрокат")
    tablet.presses("By which invoice?", "Without an invoice")
    phone.asks("When is it to be paid?")
    phone.says("28.11.2036")
    tablet.presses("Which documents belong to it?", "There are none")
    firm.installation.restart()
    phone.asks("Why are there no documents?")
    phone.says("Оплата по договору")
    said = tablet.presses("Is that right?", "✅ Submit")
    assert said.endswith(" is submitted.")
    request = firm.request_numbered(said.removesuffix(" is submitted."))
    firm.settle()
    state = firm.look(request)
    assert state["status"] == "in_approval"
    assert firm.press("boris", request, "approve")["text"].startswith("Approved: ")
