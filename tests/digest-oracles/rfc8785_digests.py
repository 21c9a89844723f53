"""SHA-256 over the JCS form that PyPI's rfc8785 prints.

Reads paths of JSON files line by line; for each prints the digest of the document without its
top-level member `proof`, a blank, and the path; or `error`, the type of the error, and the path.
"""

import hashlib
import json
import sys

import rfc8785

for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            document = json.load(file)
        if isinstance(document, dict):
            document.pop("proof", None)
        print(hashlib.sha256(rfc8785.dumps(document)).hexdigest(), path)
    except (ValueError, RecursionError) as error:
        print("error", type(error).__name__, path)
