"""The page “Which method?”: methods side by side, and common pitfalls."""
