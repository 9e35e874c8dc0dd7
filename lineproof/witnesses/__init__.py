"""Outside witnesses of the ledger's checkpoints: asked over HTTP, believed only once verified."""
