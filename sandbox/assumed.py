"""What nobody has measured on Telegram's own server: assumed, here and nowhere else.

The cases are real, only the words of the refusals, or the choice to refuse, are the sandbox's.
"""

# Documented as 1-256 characters.
COPY_TEXT = "BUTTON_COPY_TEXT_INVALID"
# Documented as what an edit cannot change; whether the server refuses or ignores it is not known.
FORCE_REPLY_CHANGED = "force_reply of an inline keyboard can't be changed by an edit"
