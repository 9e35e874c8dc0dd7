"""What people record beside what was measured: which corrections are allowed, whose facts they
change, and periods whose figures were accepted.
"""
