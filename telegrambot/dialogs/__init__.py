"""What the bot asks a person, one thing after the other, and what comes of the answers."""
