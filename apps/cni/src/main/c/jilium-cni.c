// SPDX-License-Identifier: Apache-2.0
/*
 * The CNI plugin. Hands CNI_* and stdin to the agent and prints its answer; the agent does the work.
 *
 * Finds the agent by the key "socket" of the network configuration (the agent writes it there), else at
 * /var/run/jilium/cni.sock. Request: "JILIUM-CNI/1 COMMAND ENVLEN STDINLEN\n", then CNI_* and JILIUM_NETNS as
 * KEY=VALUE\0 each, then stdin. Answer: "EXITCODE LEN\n", then what is printed. Every wait ends with the verb's deadline.
 * A pod with host ports gets them by another plugin, named by the key "hostPortPlugin", which this one executes as a
 * runtime would the next of a list. A list would cost every pod a process, and hardly one has host ports.
 *
 * While no agent answers, DEL is written to the directory deleteQueue beside the socket; the agent works it off
 * under an exclusive lock before it opens the socket, so that no DEL is lost between the two.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "json.h"

#define DEFAULT_SOCKET "/var/run/jilium/cni.sock"
#define MAX_STDIN (1 << 20)
#define MAX_ANSWER (1 << 20)
#define MAX_ENV (64 << 10)
#define MAX_QUEUED 1024 /* queue_delete says the number in words */
#define RETRY_MS 20
#define HOST_PORT_SECONDS 30

/* Codes of the CNI specification. */
enum code { CODE_ENV = 4, CODE_IO = 5, CODE_DECODE = 6, CODE_CONFIG = 7, CODE_AGAIN = 11, CODE_UNAVAILABLE = 50 };

struct verb {
	const char *name;
	int deadline_ms; /* of everything, from the first read to the last write */
	int connect_ms; /* for an agent that is just starting */
	enum code away; /* when there is no agent */
};

static const struct verb verbs[] = {
	{ "ADD", 30000, 3000, CODE_AGAIN }, { "DEL", 3000, 0, CODE_AGAIN },
	{ "CHECK", 10000, 1000, CODE_AGAIN }, { "GC", 30000, 1000, CODE_AGAIN },
	{ "STATUS", 2000, 0, CODE_UNAVAILABLE }, { "VERSION", 100, 0, CODE_IO },
};

static char input[MAX_STDIN + 1], answer[MAX_ANSWER + 1], environment[MAX_ENV + 64];
static size_t input_length, environment_length;
static char version[32] = "1.1.0", host_port_plugin[64] /* empty when this pod needs none */;
static char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)] = DEFAULT_SOCKET;
static const char stopped[] = "stopped before it answered";
static int64_t deadline;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Waits until fd is ready for events; false when the deadline has passed. */
static bool ready(int fd, short events)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = events };
		int64_t left = deadline - now_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return true;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n;

		if (!ready(fd, POLLOUT)) {
			errno = ETIMEDOUT;
			return false;
		}
		n = write(fd, bytes, length);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		}
	}
	return true;
}

/* Reads until the end or until the buffer is full; -1 on failure or when the deadline has passed. */
static ssize_t read_all(int fd, char *buffer, size_t size)
{
	size_t length = 0;

	while (length < size) {
		ssize_t n;

		if (!ready(fd, POLLIN)) {
			errno = ETIMEDOUT;
			return -1;
		}
		n = read(fd, buffer + length, size - length);
		if (n == 0)
			break;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n > 0)
			length += (size_t)n;
	}
	return (ssize_t)length;
}

/* Prints an error as the specification wants it and ends. */
__attribute__((noreturn, format(printf, 2, 3))) static void fail(enum code code, const char *format, ...)
{
	char message[1024], json[2 * sizeof(message) + 128], *out = json;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	out += sprintf(out, "{\"cniVersion\":\"%s\",\"code\":%d,\"msg\":\"", version, code);
	for (const char *c = message; *c; c++) {
		if (*c == '"' || *c == '\\')
			*out++ = '\\';
		*out++ = (unsigned char)*c < ' ' ? ' ' : *c;
	}
	out += sprintf(out, "\"}\n");
	if (deadline < now_ms() + 100)
		deadline = now_ms() + 100;
	write_all(STDOUT_FILENO, json, (size_t)(out - json));
	_exit(1);
}

/* For what poll cannot bound, as a disk that does not answer. */
static void on_alarm(int signal)
{
	static const char json[] =
		"{\"cniVersion\":\"1.1.0\",\"code\":11,\"msg\":\"the jilium plugin's deadline has passed\"}\n";
	ssize_t ignored = write(STDOUT_FILENO, json, sizeof(json) - 1);

	(void)ignored;
	(void)signal;
	_exit(1);
}

/* Takes from the network configuration what the plugin itself needs. The agent parses all of it and reports what is wrong. */
static void configure(void)
{
	char given[sizeof(socket_path)];

	if (json_string(input, "cniVersion", given, sizeof(version)) && given[0] &&
	    strspn(given, "0123456789.") == strlen(given))
		strcpy(version, given);
	if (json_string(input, "socket", given, sizeof(given))) {
		if (given[0] != '/')
			fail(CODE_CONFIG, "network configuration: \"socket\" is not an absolute path: %s", given);
		strcpy(socket_path, given);
	}
	if (json_empty_array(json_member(json_member(input, "runtimeConfig"), "portMappings")) ||
	    !json_string(input, "hostPortPlugin", host_port_plugin, sizeof(host_port_plugin)))
		host_port_plugin[0] = '\0';
}

static void collect_environment(char **variables)
{
	const char *netns;
	int fd;

	for (; *variables; variables++) {
		size_t length = strlen(*variables) + 1;

		if (strncmp(*variables, "CNI_", 4) != 0)
			continue;
		if (length > MAX_ENV - environment_length)
			fail(CODE_ENV, "the CNI_* environment is longer than %d bytes", MAX_ENV);
		memcpy(environment + environment_length, *variables, length);
		environment_length += length;
	}
	/* Open until the end: by it the agent reaches a namespace that its own mounts do not show. */
	netns = getenv("CNI_NETNS");
	fd = netns ? open(netns, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd >= 0)
		environment_length += (size_t)sprintf(environment + environment_length,
						      "JILIUM_NETNS=/proc/%d/fd/%d", getpid(), fd) + 1;
}

/* A connected socket, or -1 with errno when nobody listens within the time. */
static int connect_agent(int wait_ms)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int64_t until = now_ms() + wait_ms;

	strcpy(address.sun_path, socket_path);
	for (;;) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		int error;

		if (fd < 0)
			return -1;
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
			return fd;
		error = errno;
		close(fd);
		/* A full backlog means a busy agent: worth the whole deadline. */
		if (now_ms() >= (error == EAGAIN ? deadline : until)) {
			errno = error;
			return -1;
		}
		usleep(RETRY_MS * 1000);
	}
}

/* The first line of a request, to the agent or in the queue, where DEL needs no configuration. */
static int header(char *line, size_t size, const char *verb, size_t stdin_length)
{
	return snprintf(line, size, "JILIUM-CNI/1 %s %zu %zu\n", verb, environment_length, stdin_length);
}

/* The body of the agent's answer and its exit code; NULL with a reason when there is no whole answer. */
static const char *exchange(int fd, const char *verb, size_t *length, int *exit_code, const char **reason)
{
	char line[64];
	int header_length = header(line, sizeof(line), verb, input_length), parsed = 0;
	size_t announced;
	ssize_t n;

	*reason = "took too long";
	if (!write_all(fd, line, (size_t)header_length) || !write_all(fd, environment, environment_length) ||
	    !write_all(fd, input, input_length)) {
		if (errno == EPIPE || errno == ECONNRESET)
			*reason = stopped;
		return NULL;
	}
	n = read_all(fd, answer, MAX_ANSWER);
	if (n < 0 && errno == ETIMEDOUT)
		return NULL;
	if (n <= 0) {
		*reason = stopped;
		return NULL;
	}
	answer[n] = '\0';
	*reason = "answered something that is no answer";
	if (sscanf(answer, "%3d %7zu%n", exit_code, &announced, &parsed) != 2 || answer[parsed] != '\n' ||
	    announced != (size_t)n - (size_t)parsed - 1 || *exit_code < 0 || *exit_code > 1)
		return NULL;
	*length = announced;
	return answer + parsed + 1;
}

static const char *required(const char *name)
{
	const char *value = getenv(name);

	if (!value || !value[0])
		fail(CODE_ENV, "%s is missing", name);
	return value;
}

/* The same attachment has the same name, so that repeated DELs take one place (FNV-1a, 128 bits). */
static void queue_name(char *name, size_t size, const char *container, const char *interface)
{
	unsigned __int128 hash = ((unsigned __int128)0x6c62272e07bb0142ULL << 64) | 0x62b821756295c58dULL;
	const unsigned __int128 prime = ((unsigned __int128)0x1000000ULL << 64) | 0x13bULL;
	const char *parts[] = { container, ":", interface };

	for (int i = 0; i < 3; i++)
		for (const char *c = parts[i]; *c; c++)
			hash = (hash ^ (unsigned char)*c) * prime;
	snprintf(name, size, "%016llx%016llx.delete", (unsigned long long)(hash >> 64), (unsigned long long)hash);
}

/* Opens the directory beside the socket, made if absent. */
static int open_queue(void)
{
	char path[sizeof(socket_path) + 16];

	strcpy(path, socket_path);
	strcpy(strrchr(path, '/') + 1, "deleteQueue");
	if (mkdir(path, 0700) < 0 && errno == ENOENT) {
		*strrchr(path, '/') = '\0';
		mkdir(path, 0755);
		path[strlen(path)] = '/';
		mkdir(path, 0700);
	}
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Shared among plugins; the agent holds it exclusively from before it works off the queue until the socket is open. */
static bool lock_queue(int queue)
{
	int lock = openat(queue, "lockfile", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	while (lock >= 0 && fcntl(lock, F_SETLK, &(struct flock){ .l_type = F_RDLCK }) < 0) {
		if ((errno != EAGAIN && errno != EACCES) || now_ms() >= deadline - 500)
			return false;
		usleep(RETRY_MS * 1000);
	}
	return lock >= 0;
}

static int queued(int queue)
{
	int count = 0, copy = dup(queue);
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);

	for (struct dirent *e; directory && (e = readdir(directory));)
		count += strstr(e->d_name, ".delete") != NULL;
	if (directory)
		closedir(directory);
	return count;
}

/* Puts the DEL on disk; the name appears when the content is safe. */
static bool enqueue(int queue, const char *container, const char *interface)
{
	char name[64], temporary[80], line[64];
	int length = header(line, sizeof(line), "DEL", 0), file;
	bool written;

	queue_name(name, sizeof(name), container, interface);
	snprintf(temporary, sizeof(temporary), ".%s-%d", name, getpid());
	file = openat(queue, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		return false;
	written = write_all(file, line, (size_t)length) && write_all(file, environment, environment_length) &&
		  fsync(file) == 0;
	close(file);
	if (written && renameat(queue, temporary, queue, name) == 0)
		return fsync(queue) == 0;
	unlinkat(queue, temporary, 0);
	return false;
}

enum queued { ON_DISK, AGENT_IS_BACK, NOT_QUEUED };

/* Leaves a DEL for an agent that is away. */
static enum queued queue_delete(int *agent, const char **why)
{
	const char *container = required("CNI_CONTAINERID"), *interface = required("CNI_IFNAME");
	int queue;

	deadline = now_ms() + 2000;
	queue = open_queue();
	*why = "there is no queue for DEL";
	if (queue < 0)
		return NOT_QUEUED;
	*why = "the queue for DEL is locked";
	if (!lock_queue(queue))
		return NOT_QUEUED;
	*agent = connect_agent(0);
	if (*agent >= 0)
		return AGENT_IS_BACK;
	*why = "1024 DELs wait for it";
	if (queued(queue) >= MAX_QUEUED)
		return NOT_QUEUED;
	*why = "DEL cannot be written to disk";
	return enqueue(queue, container, interface) ? ON_DISK : NOT_QUEUED;
}

/* DEL without an answer: the agent is away, died in the middle, or hangs. Success is a file on disk, or an answer yet. */
static const char *delete_later(int agent, size_t *length, int *exit_code, const char *trouble)
{
	const char *why;

	if (agent >= 0)
		close(agent);
	switch (queue_delete(&agent, &why)) {
	case ON_DISK:
		_exit(0);
	case AGENT_IS_BACK:
		return exchange(agent, "DEL", length, exit_code, &why);
	case NOT_QUEUED:
		break;
	}
	fail(CODE_AGAIN, "the jilium agent on %s %s, and %s", socket_path, trouble, why);
}

/* Writes the plugin's path, found as a runtime finds plugins. */
static void find_host_port_plugin(char *path, size_t size)
{
	const char *directory = required("CNI_PATH"), *end;

	for (;; directory = end + 1) {
		end = strchrnul(directory, ':');
		if (snprintf(path, size, "%.*s/%s", (int)(end - directory), directory, host_port_plugin) < (int)size &&
		    access(path, X_OK) == 0)
			return;
		if (!*end)
			fail(CODE_CONFIG, "the plugin %s, which opens the pod's host ports, is not in CNI_PATH (%s)",
			     host_port_plugin, getenv("CNI_PATH"));
	}
}

/*
 * Becomes the plugin for host ports, with the same configuration and, where there is one, the result so far. Its
 * answer is the answer.
 */
__attribute__((noreturn)) static void become_host_port_plugin(const char *result, size_t length)
{
	char path[PATH_MAX];
	int config = memfd_create("config", MFD_CLOEXEC);
	size_t open = input_length;
	bool written;

	find_host_port_plugin(path, sizeof(path));
	/* The agent has read it: it is an object. The last of two equal keys is the one that counts. */
	while (result && open > 0 && input[--open] != '}')
		;
	written = config >= 0 && write_all(config, input, open);
	if (result)
		written = written && write_all(config, ",\"prevResult\":", 14) && write_all(config, result, length) &&
			  write_all(config, "}", 1);
	if (!written || lseek(config, 0, SEEK_SET) < 0 || dup2(config, STDIN_FILENO) < 0)
		fail(CODE_IO, "cannot write the configuration for %s: %s", path, strerror(errno));
	signal(SIGPIPE, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	alarm(HOST_PORT_SECONDS);
	execl(path, path, (char *)NULL);
	fail(CODE_IO, "cannot execute %s: %s", path, strerror(errno));
}

/* Ends with the plugin's own words and exit code when it fails. */
static void close_host_ports(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		become_host_port_plugin(NULL, 0);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		fail(CODE_IO, "cannot start %s: %s", host_port_plugin, strerror(errno));
	if (WIFSIGNALED(status))
		fail(CODE_AGAIN, "%s was ended by signal %d", host_port_plugin, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		_exit(WEXITSTATUS(status));
}

static void print_version(void)
{
	static const char format[] = "{\"cniVersion\":\"%s\",\"supportedVersions\":"
				     "[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n";
	char json[sizeof(format) + sizeof(version)];

	deadline = now_ms() + 1000;
	_exit(write_all(STDOUT_FILENO, json, (size_t)snprintf(json, sizeof(json), format, version)) ? 0 : 1);
}

static const struct verb *find_verb(void)
{
	const char *name = getenv("CNI_COMMAND");

	if (!name || !name[0])
		fail(CODE_ENV, "CNI_COMMAND is missing: this is a CNI plugin, which a container runtime starts");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	fail(CODE_ENV, "CNI_COMMAND is not ADD, DEL, CHECK, GC, STATUS or VERSION: %.64s", name);
}

static void read_input(bool optional)
{
	ssize_t n = read_all(STDIN_FILENO, input, sizeof(input));

	if (n < 0 && !optional)
		fail(CODE_IO, "cannot read the network configuration from stdin: %s", strerror(errno));
	if (n > MAX_STDIN && !optional)
		fail(CODE_DECODE, "the network configuration is longer than %d bytes", MAX_STDIN);
	input_length = n < 0 ? 0 : (size_t)n;
	input[input_length < sizeof(input) ? input_length : sizeof(input) - 1] = '\0';
}

static void set_deadline(const struct verb *verb)
{
	deadline = now_ms() + verb->deadline_ms;
	alarm((unsigned)verb->deadline_ms / 1000 + 4);
}

int main(int count, char **arguments, char **variables)
{
	const struct verb *verb;
	const char *body, *reason, *why;
	char path[PATH_MAX];
	bool is_delete, is_add;
	size_t length;
	int agent, exit_code;

	(void)count;
	(void)arguments;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, on_alarm);
	deadline = now_ms() + 1000;
	verb = find_verb();
	set_deadline(verb);
	is_delete = strcmp(verb->name, "DEL") == 0;
	is_add = strcmp(verb->name, "ADD") == 0;
	read_input(strcmp(verb->name, "VERSION") == 0);
	configure();
	if (strcmp(verb->name, "VERSION") == 0)
		print_version();
	collect_environment(variables);
	if (is_add && host_port_plugin[0])
		find_host_port_plugin(path, sizeof(path));
	/* Before the address is free for the next pod. */
	if (is_delete && host_port_plugin[0]) {
		alarm(0);
		close_host_ports();
		set_deadline(verb);
	}
	agent = connect_agent(verb->connect_ms);
	if (agent < 0 && !is_delete)
		fail(verb->away, "the jilium agent does not listen on %s: %s", socket_path, strerror(errno));
	reason = "does not listen";
	body = agent < 0 ? NULL : exchange(agent, verb->name, &length, &exit_code, &reason);
	if (!body && is_delete)
		body = delete_later(agent, &length, &exit_code, reason);
	if (!body && is_add && reason == stopped) {
		/* Part of it may stay, and no runtime can be trusted to call DEL. */
		close(agent);
		if (queue_delete(&agent, &why) == AGENT_IS_BACK)
			exchange(agent, "DEL", &length, &exit_code, &why);
	}
	if (!body)
		fail(verb->away, "the jilium agent on %s %s", socket_path, reason);
	if (exit_code == 0 && host_port_plugin[0] && (is_add || strcmp(verb->name, "CHECK") == 0))
		become_host_port_plugin(is_add ? body : NULL, length);
	if (!write_all(STDOUT_FILENO, body, length))
		return 1;
	return exit_code;
}
