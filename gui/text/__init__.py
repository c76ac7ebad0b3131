"""Text shown for numbers, layers and settings. Imports nothing else of the gui."""
