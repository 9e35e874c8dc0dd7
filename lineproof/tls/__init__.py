"""Transport security: the node's own certificate authority, certificates that are given, and the
context that the web server answers with.
"""
