"""Pages of who connects machines."""
