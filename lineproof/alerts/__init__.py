"""Alerts: raises those whose causes stand, and has them told."""
