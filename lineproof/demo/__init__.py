"""The demo plant: simulated machines that speak real protocols and know their own truth."""
