"""What nobody has measured on Telegram's own server: assumed, here and nowhere else.

The cases are real, only the words of the refusals, or the choice to refuse, are the sandbox's.
"""

# Documented as 1-256 characters.
COPY_TEXT = "BUTTON_COPY_TEXT_INVALID"
# Documented as what an edit cannot change; whether the server refuses or ignores it is not known.
FORCE_REPLY_CHANGED = "force_reply of an inline keyboard can't be changed by an edit"

# Rich messages: all of it is documented as not allowed, or too much. Which parts are levels of the
# sixteen was measured for blocks in blocks only: items of lists and RichText in RichText count too.
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
HORIZONTAL = "invalid horizontal alignment specified"
VERTICAL = "invalid vertical alignment specified"
# Whether a rich message can become one with media is not documented.
RICH_MEDIA_EDIT = "there is no media in the message to edit"
TEXT_AND_RICH = "exactly one of text and rich_message may be given"
# What the server finds in texts by itself is documented; how much of the form of a card number or
# a phone number it asks for is not.
# Of drafts the conditions are documented.
NO_DRAFT_ID = "DRAFT_ID_INVALID"
DRAFT_IN_GROUP = "drafts can be sent to private chats only"

# Topics. TDLib's word for a number that is no colour; what the server says of a colour that is not
# among its six is not known. That the General topic cannot be deleted, and who made a topic in
# which others have written can only close it, is documented without the words. That whoever may
# change a topic writes in it when it is closed is documented for people; that it holds for bots,
# that hiding the General topic and showing it again are told by one message, and that showing it
# again leaves it closed: assumed as well.
ICON_COLOR = "invalid icon color specified"
GENERAL_DELETED = "TOPIC_ID_INVALID"
OWN_TOPIC_OF_OTHERS = "CHAT_ADMIN_REQUIRED"

# Ephemeral messages: who may be sent one, and when, is documented; no refusal was ever seen. That
# they count in flood control, that one can be edited to nothing new, that the replaced message is
# back when the ephemeral one is deleted, and that no right to send is asked for: assumed as well.
EPHEMERAL_JSON = "can't parse ephemeral message parameters JSON object"
EPHEMERAL_OBJECT = "can't parse EphemeralMessageParameters: unknown fields or no Object"
NO_RECEIVER = "can't parse EphemeralMessageParameters: Can't find field \"receiver_user_id\""
NOTHING_TO_REPLACE = "there is no message to be replaced by the ephemeral message"
EPHEMERAL_LOGIN = "login URL buttons can't be used in ephemeral messages"
EPHEMERAL_CHAT = "ephemeral messages can be sent to groups and supergroups only"
NOT_NOW = "not enough rights to send an ephemeral message without an action of its receiver"
RECEIVER = "the receiver of an ephemeral message must be a member of the chat and no bot"
REPLY_FIELDS = "a reply to an ephemeral message can't have a quote or another message"
PUBLIC_REPLY = "a reply to an ephemeral message must be an ephemeral message"
WHICH_RECEIVER = 'parameter "receiver_user_id" is required'
EPHEMERAL_UPLOAD = "files can't be uploaded to an ephemeral message"
