# As a build: links that lead out of its folder, in the places of files and folders, for whoever copies or
# follows them.
import os

target = os.path.dirname(os.getcwd())
for number, link in enumerate(("/", "../../../../../..", "/etc/passwd", "/proc/self/root", target, "../0", "../1", "/proc/1/cwd")):
    os.symlink(link, f"link{number}")
os.mkdir("inner")
os.symlink("..", "inner/up")
os.remove("secret.txt")
os.symlink("../../../../../../etc/shadow", "secret.txt")
os.mkfifo("pipe")
