"""How fast the product is, measured beside a baseline on the same machine: `make bench`."""
