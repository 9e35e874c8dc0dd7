"""What people record: corrections, accepted periods.
The only rooms of the API that write to the registry.
"""
