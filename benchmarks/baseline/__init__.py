"""What is compared with: the least that any webhook in this stack does, one INSERT."""
