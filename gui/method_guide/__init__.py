"""The page “Which one when”: methods side by side, and common pitfalls."""
