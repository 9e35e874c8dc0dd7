"""Days of a confidential dossier that are opened after the fact: which ones a challenge names, and
just their batches (docs/confidential.md)."""
