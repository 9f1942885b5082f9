# Prints what a terminal, a page, a table or a result would take for something else.
import sys

sys.stdout.buffer.write(
    b"\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m\0\r\n\xff\xfe\xe2\x80\xae</pre><script>alert(1)</script>&lt;]]>\n"
    b'=HYPERLINK("http://x")\t"},{"student":"neighbour","verdict":"fail"}\n' + b"\xf0\x9f" * 100_000 + b"\n"
)
