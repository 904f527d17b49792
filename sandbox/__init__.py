"""A strict stand-in for Telegram: the Bot API, the people in the chats and a page to act as them.

Run it with ``python -m sandbox``. The product talks to it over HTTP only and never imports it.
"""
