"""The report of a dossier, for people: a PDF that says what the grant page and the verdicts say."""
