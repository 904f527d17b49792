"""`make demo`: everything on this machine alone, with stand-ins for Telegram and Redis."""
