"""Verifies the archive and stores it again, each agent's chain in order.
What `lineproof rebuild` runs.
"""
