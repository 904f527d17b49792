"""What the bot says and sends, the same in every library."""

GREETING = "<b>Hello</b>"
BUTTON = "Press me"
DATA = "go"
THANKS = "Thank you"
PRESSED = "Pressed: go"
FILE_NAME = "счёт 45.pdf"
FILE = b"%PDF-1.7"
CAPTION = "<i>Invoice</i>"
ALBUM = ("one.txt", "two.txt")
RESULT = "PR-1042"
REFUSED = "not enough rights to send documents to the chat"
