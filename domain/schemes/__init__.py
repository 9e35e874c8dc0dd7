"""Funding schemes: dated rules, each figure with its source, and what follows from them."""
