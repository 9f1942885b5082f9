#: run python3 {file} {url}
"""The library's own client, and no options."""
import http.client
import sys
from urllib.parse import urlsplit

page = sys.argv[1]
url = urlsplit(page)
if url.scheme != "http":
    sys.exit(f"{url.scheme} is not spoken here, only http")
connection = http.client.HTTPConnection(url.hostname, url.port, timeout=1)
try:
    connection.request("GET", (url.path or "/") + ("?" + url.query if url.query else ""))
    response = connection.getresponse()
    while response.status == 103:  # http.client skips only 100
        response.close()
        response = http.client.HTTPResponse(connection.sock, method="GET")
        response.begin()
    sys.stdout.buffer.write(response.read())
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"{page}: {error!r}")
