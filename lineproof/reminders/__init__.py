"""Reminders: what is due is told to the people whom the settings name, by e-mail and webhooks."""
