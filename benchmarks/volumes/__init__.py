"""FID of volumes: one command against plain NumPy, and how often its interval covers."""
