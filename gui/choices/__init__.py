"""The page “Which one when”: the methods side by side in words, and what goes wrong most often."""
