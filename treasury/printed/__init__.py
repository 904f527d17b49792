"""A request on paper: `content` is what the form says, and `paper` how it is laid out."""
