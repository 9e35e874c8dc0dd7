"""Checks a dossier by itself: nothing of the node that made it is asked or believed."""
