"""Verifiers that a reader of dossiers takes along: a page for a browser, a script for Node. Each
was written on its own from docs/evidence-format.md and shares no code with any other verifier."""
