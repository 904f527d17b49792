"""How fast the product is with the requests of many years: every page, and the channel."""
