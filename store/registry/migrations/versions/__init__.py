"""One module for each change of the registry's tables, never edited once released."""
