"""What each kind of message is: when it is wanted, and how it looks."""
