"""The JSON that programs read: field names, ISO times, texts. Made here alone,
from typed values; nothing is computed and nothing is asked of a store.
"""
