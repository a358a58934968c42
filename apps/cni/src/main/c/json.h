// SPDX-License-Identifier: Apache-2.0
/* As much of RFC 8259 as finds members of an object in a text that somebody else checks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Past the closing quote of the string that begins at the quote c; NULL when it does not end. */
static const char *json_string_end(const char *c)
{
	for (c++; *c != '"'; c++) {
		if (*c == '\\')
			c++;
		if (!*c)
			return NULL;
	}
	return c + 1;
}

static const char *json_skip_space(const char *c)
{
	while (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\r')
		c++;
	return c;
}

/* Where the value of a key of the object at json begins; NULL when json is NULL or has no such key. */
static const char *json_member(const char *json, const char *key)
{
	size_t length = strlen(key);
	int depth = 0;

	for (const char *c = json; c && *c;) {
		const char *start = c, *next;

		if (*c == '{' || *c == '[')
			depth++;
		if ((*c == '}' || *c == ']') && --depth <= 0)
			return NULL;
		if (*c != '"') {
			c++;
			continue;
		}
		c = json_string_end(start);
		next = c ? json_skip_space(c) : "";
		if (depth == 1 && *next == ':' && c - start - 2 == (ptrdiff_t)length &&
		    strncmp(start + 1, key, length) == 0)
			return json_skip_space(next + 1);
	}
	return NULL;
}

/*
 * Copies the string value of a key of the object at json. False when it is absent, no plain string (escapes other than
 * of quote, slash and backslash) or too long.
 */
static bool json_string(const char *json, const char *key, char *value, size_t size)
{
	const char *c = json_member(json, key), *end = c && *c == '"' ? json_string_end(c) : NULL;
	size_t length = 0;

	if (!end)
		return false;
	for (c++; c < end - 1; c++) {
		if (*c == '\\' && (*++c == '\0' || !strchr("\"\\/", *c)))
			return false;
		if (length + 1 >= size || (unsigned char)*c < ' ')
			return false;
		value[length++] = *c;
	}
	value[length] = '\0';
	return true;
}

/* Whether json is anything but an array with an element. */
static bool json_empty_array(const char *json)
{
	return !json || *json != '[' || *json_skip_space(json + 1) == ']';
}
