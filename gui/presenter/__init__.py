"""Presenter mode: the window for a room full of people."""
