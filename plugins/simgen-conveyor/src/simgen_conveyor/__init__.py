"""Scene type `conveyor` for simgen."""
