# SPDX-License-Identifier: Apache-2.0
"""Sends a thousand ICMP echo requests a second until SIGINT, then says how many were sent and how many answered.

Unlike ping with such an interval it sleeps in between, and leaves the machine to what is tested.
"""
import signal, socket, struct, sys, threading, time

INTERVAL = 0.001
MOST_BEHIND = 1.0  # seconds: what a stalled machine misses beyond that is not made up for
LAST_ANSWERS = 1.0  # seconds that those on their way have
BUFFER = 8 << 20  # bytes: a busy machine may not wake us for a while
SO_RCVBUFFORCE = 33
ECHO_REQUEST, ECHO_REPLY = 8, 0


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def request(identifier, number):
    # The header's 16-bit sequence wraps; the payload holds the whole number.
    header = struct.pack("!BBHHHQ", ECHO_REQUEST, 0, 0, identifier, number & 0xFFFF, number)
    return header[:2] + struct.pack("!H", checksum(header)) + header[4:]


def receive(sock, identifier, answered):
    while True:
        packet = sock.recv(2048)
        icmp = packet[(packet[0] & 15) * 4 :]
        if len(icmp) >= 16 and icmp[0] == ECHO_REPLY and struct.unpack("!H", icmp[4:6])[0] == identifier:
            answered.add(struct.unpack("!Q", icmp[8:16])[0])


def main(target):
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    identifier = int(time.time() * 1000) & 0xFFFF
    answered = set()
    threading.Thread(target=receive, args=(sock, identifier, answered), daemon=True).start()
    began = time.monotonic()
    sent = refused = 0
    due = began
    while not stop.is_set():
        now = time.monotonic()
        due = max(due, now - MOST_BEHIND)
        while due <= now:
            try:
                sock.sendto(request(identifier, sent), (target, 0))
            except OSError:
                refused += 1  # counted as sent: it will not be answered
            sent += 1
            due += INTERVAL
        time.sleep(max(0, due - time.monotonic()))
    took = time.monotonic() - began
    time.sleep(LAST_ANSWERS)
    lost = sorted(set(range(sent)) - answered)
    print("%d sent in %.1f s, %d answered, %d refused here, lost: %s" % (sent, took, len(answered), refused, lost[:20]))


main(sys.argv[1])
