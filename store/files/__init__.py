"""The YAML files that people write, plant.yaml and grant.yaml, as the domain's plain values."""
