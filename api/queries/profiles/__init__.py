"""Which device profiles a node knows, and how far each is proven."""
