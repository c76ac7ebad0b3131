"""Help: glossary, versions and licences, the log, and the report of a problem."""
