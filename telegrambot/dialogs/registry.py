"""All dialogs, by the subject that their rows and buttons name."""

from telegrambot.dialogs import again, away, colleagues, new_request, quiet_hours, refusal
from telegrambot.dialogs.script import Script

DIALOGS: dict[str, Script] = {
    script.subject: script
    for script in (
        refusal.DECLINE,
        refusal.RETURN,
        colleagues.COLLEAGUES,
        away.AWAY,
        new_request.NEW,
        again.AGAIN,
        quiet_hours.QUIET_HOURS,
    )
}
