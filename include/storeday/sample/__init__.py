"""Sample files: five UK shops' tills, generated from a seed, with the totals known beforehand.

Writes the files of the feed `storeday-csv` as a store's SFTP home holds them, and `truth.json`, what a
correct close of each store-day must come to. Imports nothing of the project but ``storeday.model``.
"""

from storeday.sample.catalogue import catalogue
from storeday.sample.generate import write_sample
from storeday.sample.order import SampleOrder

__all__ = ["SampleOrder", "catalogue", "write_sample"]
