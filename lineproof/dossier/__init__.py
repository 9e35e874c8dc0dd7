"""The dossier: one zip with all that a project's verdicts rest on, to be taken away and checked
elsewhere (docs/evidence-format.md)."""
