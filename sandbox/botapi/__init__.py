"""The Bot API: ``/bot<token>/<method>``."""
