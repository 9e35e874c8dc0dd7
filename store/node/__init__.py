"""A node's data folder: its lock, what is in it, opening and replacing the stores."""
