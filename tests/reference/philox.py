"""Philox4x32-10: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3."""


def philox4x32(counter, key):
    """Ten rounds of two multiplications, the key bumped in between; four words and two words to four words."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high_0, low_0 = divmod(0xD2511F53 * c[0], 1 << 32)
        high_1, low_1 = divmod(0xCD9E8D57 * c[2], 1 << 32)
        c = [high_1 ^ c[1] ^ k[0], low_1, high_0 ^ c[3] ^ k[1], low_0]
        k = [(k[0] + 0x9E3779B9) % (1 << 32), (k[1] + 0xBB67AE85) % (1 << 32)]
    return c


def draw(seed, stream, number):
    """A uniform number on (0, 1] from the first 64 bits, and the other 64 bits as an integer."""
    halves = [half for word in (number, stream, seed) for half in (word % (1 << 32), word >> 32)]
    a, b, c, d = philox4x32(halves[:4], halves[4:])
    return ((((b << 32) | a) >> 11) + 1) / 2.0**53, (d << 32) | c
