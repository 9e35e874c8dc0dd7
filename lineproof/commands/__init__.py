"""The commands, one module for each kind; `lineproof.main` gathers them."""
