"""What people do in a project: steps of milestones, attested figures, documents and what is done
with these, accepted periods. Rows are only ever added."""
