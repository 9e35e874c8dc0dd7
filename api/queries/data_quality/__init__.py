"""How good the data of a line are: what is missing, what could not be used, what came late."""
