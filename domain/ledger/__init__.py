"""The ledger's forms: Merkle tree, proofs, signed notes, checkpoints, policies, leaves."""
