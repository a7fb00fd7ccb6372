"""Where things lie: one file per scene type."""
