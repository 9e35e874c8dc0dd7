"""Names that vulture takes for unused, with the reason why they are not. One line each."""
