"""Reading back from Sage: its exports and its ODBC tables, each into one table of the audit trail (trail.py)."""
