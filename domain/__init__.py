"""The vocabulary of Lineproof: signals, samples, states, time, plants, grants.

Pure: no clock, no socket, no file, no randomness. Standard library only, with
one exception: `frames` names the columns of the polars frames that cross
package borders, because their shape is vocabulary too.
"""
