"""Scene type `shelf` for simgen."""
