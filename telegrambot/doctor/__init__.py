"""What Telegram would find wrong with this installation, and what mends it."""
