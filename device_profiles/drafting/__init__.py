"""Proposes a profile from what was seen of a machine; nothing here looks at a machine."""
