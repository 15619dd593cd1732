"""Make the bucket of an object store's address, unless it is there: python make_bucket.py s3://storeday."""

import sys
from urllib.parse import urlsplit

import fsspec

home = urlsplit(sys.argv[1])
fsspec.filesystem(home.scheme).makedirs(home.netloc, exist_ok=True)
