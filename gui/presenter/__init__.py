"""Presenter mode: the window as a room full of people sees it."""
