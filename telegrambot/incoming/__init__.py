"""From Telegram: updates are taken in, understood and answered."""
