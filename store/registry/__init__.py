"""What people told the node: plants, projects, agents, documents, corrections, accepted periods.
Rows are only ever added; SQLAlchemy, with Alembic's migrations.
"""
