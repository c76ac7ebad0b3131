"""What the program ships with, as window and engine both know it."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
"""Folder of the shipped files."""
SHIPPED_SEED = 0
"""Seed of the shipped weights."""
