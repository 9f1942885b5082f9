# As a build: many files, each below the limit of one file.
block = bytes(1 << 20)
for number in range(100_000):
    with open(f"fill{number}", "wb") as file:
        for _ in range(60):
            file.write(block)
