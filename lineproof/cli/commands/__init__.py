"""The commands, one module for each kind; `lineproof.cli.main` gathers them."""
