"""A request on paper: what the form says, and how it is laid out."""
