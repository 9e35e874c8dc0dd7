"""The ledger on disk: its key, its leaves and hashes, its signed checkpoints."""
