"""Training of the small networks that come with the package, one subfolder a network."""
