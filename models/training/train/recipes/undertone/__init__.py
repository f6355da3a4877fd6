"""Our own networks on log-mel energies."""
