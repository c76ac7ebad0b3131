"""What the card of a lesson is made of: its text, its questions, its runs, its plots."""
