"""Things in a varied room: joinery, fixtures, textiles, decoration and people."""
