"""What in a milestone's days an officer should ask about: findings beside a verdict."""
