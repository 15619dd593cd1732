"""POSLog, the XML of the ARTS standard: one reader, and a page of declarations for each vendor's dialect.

``dialect`` has the words of such a page, ``feed`` reads, ``lines``, ``receipts`` and ``tenders`` make canonical
tables of what it read. How to add a dialect: docs/feeds/poslog.md.
"""
