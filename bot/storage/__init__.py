"""SQLite keeps jobs and the ledger; each public method is one transaction."""
