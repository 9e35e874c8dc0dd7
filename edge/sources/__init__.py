"""Sources: library callbacks in, `Reading`s out. One module a protocol."""
