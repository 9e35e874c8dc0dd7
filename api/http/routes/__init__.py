"""The HTTP API under /api/v1: one module a topic, each with a `router`."""

PREFIX = "/api/v1"  # in each router itself, so that metrics name the whole route
