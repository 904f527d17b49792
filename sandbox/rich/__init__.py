"""Rich messages: InputRichMessage is read here, with the limits and refusals of Telegram.

Pure: no chat and no file is looked up. Limits: core.telegram.org/bots/api#rich-messages; refusals:
those of TDLib and what the live server was seen to say. Stricter than the server, which takes
fields that it does not know without a word: here they are refused.
"""
