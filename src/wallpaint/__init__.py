"""Repaint the walls of a room photo in exactly the colour a person asks for."""
