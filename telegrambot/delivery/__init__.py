"""To Telegram: lanes, pace, calls and files."""
