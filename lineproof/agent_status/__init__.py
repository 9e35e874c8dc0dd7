"""What an edge agent does now, for people and for Prometheus: a page and metrics."""
