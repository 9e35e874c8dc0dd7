"""The command line: commands, wrong usage as one sentence, logs.
A command loads what it needs, and nothing else.
"""
