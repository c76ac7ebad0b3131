"""Actions: one table of all that a user can do, and the menus, keys and palette made of it."""
