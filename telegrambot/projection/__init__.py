"""From the journal to the chats: which messages must exist."""
