"""What nobody has measured on Telegram's own server: assumed, here and nowhere else.

The cases are real, only the words of the refusals, or the choice to refuse, are the sandbox's.
"""

# Documented as 1-256 characters.
COPY_TEXT = "BUTTON_COPY_TEXT_INVALID"
# Documented as what an edit cannot change; whether the server refuses or ignores it is not known.
FORCE_REPLY_CHANGED = "force_reply of an inline keyboard can't be changed by an edit"

# Rich messages: all of it is documented as not allowed, or too much.
RICH_OBJECT = "object expected as rich message"
RICH_URL = "RICH_MESSAGE_URL_INVALID"
DATE_FORMAT = "RICH_MESSAGE_DATE_TIME_FORMAT_INVALID"
BUTTON_TEXT = "RICH_MESSAGE_BUTTON_TEXT_INVALID"
TOO_MANY_BUTTONS = "RICH_MESSAGE_BUTTONS_TOO_MANY"
ONE_DEED = "a button must have exactly one type"
LINK_STYLE = "RICH_MESSAGE_BUTTON_STYLE_INVALID"
LOGIN_OF_ANOTHER_BOT = "RICH_MESSAGE_BUTTON_LOGIN_URL_INVALID"
MEDIA_OF_BLOCKS = "media of a rich message can be used with html and markdown only"
NEW_FILES = "only files that were sent before can be used here"
# Both were seen to need a text message, or one with media.
RICH_MEDIA_EDIT = "there is no media in the message to edit"
TEXT_AND_RICH = "exactly one of text and rich_message may be given"
# A draft.
NO_DRAFT_ID = "DRAFT_ID_INVALID"
DRAFT_IN_GROUP = "drafts can be sent to private chats only"
