// SPDX-License-Identifier: Apache-2.0
/*
 * New TCP connections a second: connections server ADDRESS PORT | connections client ADDRESS PORT SECONDS
 * Each connection carries one byte each way. The server closes first, so that the client's ports can be used again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void serve(const struct addrinfo *address)
{
	int one = 1, listener = socket(address->ai_family, SOCK_STREAM, 0);
	char byte;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, address->ai_addr, address->ai_addrlen) || listen(listener, 512))
		fail("listen");
	for (;;) {
		int connection = accept(listener, NULL, NULL);

		if (connection < 0)
			fail("accept");
		if (read(connection, &byte, 1) == 1 && write(connection, &byte, 1) != 1)
			perror("write");
		close(connection);
	}
}

static void connect_often(const struct addrinfo *address, double seconds)
{
	double start = now(), end = start + seconds, last;
	long count = 0;
	char byte = 'x';

	do {
		int connection = socket(address->ai_family, SOCK_STREAM, 0);

		if (connection < 0)
			fail("socket");
		if (connect(connection, address->ai_addr, address->ai_addrlen))
			fail("connect");
		if (write(connection, &byte, 1) != 1 || read(connection, &byte, 1) != 1)
			fail("exchange");
		if (read(connection, &byte, 1) != 0)
			fail("end of connection");
		close(connection);
		count++;
		last = now();
	} while (last < end);
	printf("%.1f\n", (double)count / (last - start));
}

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *address;

	if (argc < 4 || getaddrinfo(argv[2], argv[3], &hints, &address)) {
		fprintf(stderr, "usage: connections server ADDRESS PORT | connections client ADDRESS PORT SECONDS\n");
		return 2;
	}
	if (!strcmp(argv[1], "server"))
		serve(address);
	else if (argc == 5)
		connect_often(address, atof(argv[4]));
	return 0;
}
