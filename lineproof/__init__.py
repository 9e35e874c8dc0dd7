"""The composition root: command line, all-in-one node, demo plant."""
