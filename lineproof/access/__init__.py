"""A data folder or a running node: both answer the same questions and take the same records.
Commands need not know which it is.
"""
