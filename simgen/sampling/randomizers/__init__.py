"""What changes a drafted world: one file per randomizer."""
