"""A data folder or a running node, asked the same questions and told the same things.
Commands need not know which it is.
"""
