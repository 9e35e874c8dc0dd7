"""Backups: all of a node that cannot be made anew, in one file, made while it runs; and the node
that comes of it.
"""
