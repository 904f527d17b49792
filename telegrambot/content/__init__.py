"""What is shown: the state of a request as text, keyboard and documents."""
