"""Takes the code of a contract away: `remove_code.py RPC ADDRESS`, for demo_test.py."""

import json
import sys
from urllib.request import Request, urlopen

url, address = sys.argv[1:]
body = {"jsonrpc": "2.0", "id": 1, "method": "anvil_setCode", "params": [address, "0x"]}
headers = {"content-type": "application/json"}
answer = json.load(urlopen(Request(url, json.dumps(body).encode(), headers), timeout=10))
sys.exit("error" in answer)
