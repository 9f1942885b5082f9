# As a build: folders in folders, as deep as they go, and some that nobody may enter.
import os
try:
    for number in range(200_000):
        os.mkdir("d")
        os.chdir("d")
        if number % 50_000 == 0:
            os.mkdir("locked", 0)
except OSError as error:
    print(error)
