"""What became of a press is found in the logs, from Telegram's update to the call it led to."""

from .firm import Firm
from .harness import until


def test_a_press_is_followed_from_telegram_to_the_card(firm: Firm) -> None:
    installation = firm.installation
    request = firm.submitted()
    pressed = firm.send_update("boris", firm.button("boris", request, "approve"))
    firm.settle()

    update = {"update_id": pressed["update_id"]}
    [delivery] = [
        one
        for one in installation.get("/control/deliveries")
        if one["update_id"] == pressed["update_id"]
    ]
    [taken] = installation.lines("web", message="update", **update)
    assert (taken["kind"], taken["result"]) == ("callback_query", "handled")
    assert taken["request_id"] == delivery["request_id"]
    [journal] = installation.lines("web", message="journal", **update)
    assert journal["action"] == "approve"
    about = {"payment_request": journal["payment_request"]}
    assert about == {"payment_request": request}
    calls = installation.lines("worker", message="call", method="editMessageText", **about)
    assert calls
    for call in calls:
        assert call["result"] == "ok"
        assert {"task", "task_id", "chat", "sent_message"} <= call.keys()

    def answered() -> list[object]:
        requests = installation.lines("web", logger="gunicorn.access")
        return [one for one in requests if one["request_id"] == delivery["request_id"]]

    # The line of the request comes when its answer has gone.
    [line] = until(answered, "the line of the request")
    assert "POST /telegram/webhook/" in line["message"]
