"""Keeps the stored facts of every line up to date: what is dirty, how it is read and stored.
The arithmetic itself is in `analytics.facts`.
"""
