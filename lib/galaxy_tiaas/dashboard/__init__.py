"""What a class does: activity, progress, who needs help, charts, and the live page."""
