"""What people say beside what was measured: what may be recorded, whose facts it changes,
and periods that were accepted as they stood.
"""
