"""Profile files: their schema, what they inherit, whether they are consistent, where they lie.
Gives profiles of `device_profiles.model`.
"""
