"""`make demo`: a company on this machine alone, with stand-ins for Telegram, Google and Redis."""
