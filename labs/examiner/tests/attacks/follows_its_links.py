# Serves only if a link of its build leads to what it may not see.
import glob
import os
from serve import serve

found = []
for link in glob.glob("link*") + ["inner/up", "secret.txt"]:
    for path in ("", "secret_of_the_neighbour.txt", "etc/shadow", "results.jsonl", "lock", "var/lib", "home/54321"):
        path = os.path.join(link, path) if path else link
        try:
            if os.path.isdir(path):
                inside = os.listdir(path)
                found += [path] if path != link and inside else []
            elif os.path.realpath(path) != "/etc/passwd" and open(path).read():
                found.append(path)
        except OSError:
            pass
if found or os.path.exists("pipe"):
    print(found, flush=True)
    serve()
