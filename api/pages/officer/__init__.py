"""Pages of the Commission: projects, milestones, their papers, checks and reminders."""
