"""Methods by name: which time class a second belongs to, given plan, state and reason.
Tables only; nothing is computed here.
"""
