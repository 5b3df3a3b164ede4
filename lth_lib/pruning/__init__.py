"""What goes, and what is seen of the rest: criteria, granularities, scopes, schedules, forwards."""
