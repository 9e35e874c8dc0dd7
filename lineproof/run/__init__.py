"""Processes that stay: the all-in-one node, the roles on their own, the web server.
Each stops in good order on a signal.
"""
