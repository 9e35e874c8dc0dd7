"""Takes sealed batches in: verifies, archives, stores, derives facts."""
